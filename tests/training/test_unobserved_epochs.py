"""Epochs whose ends nobody looks at are done several at once, and nobody can tell from the numbers."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule.training.loop as loop
from chainrule import Network, fit_together
from chainrule.engines import ENGINES
from chainrule.errors import TrainingDiverged
from chainrule.network.layers import BatchNorm, Dense, Dropout
from chainrule.optimizers.schedules import Cosine, Plateau
from chainrule.training.callback import Callback
from chainrule.training.unobserved_epochs import unobserved_epochs

engines = pytest.mark.parametrize("engine", list(ENGINES))


class Looks(Callback):
    """Hears of every epoch, and does nothing."""

    def __init__(self):
        self.epochs = 0

    def on_epoch(self, run):
        self.epochs += 1


@pytest.fixture
def calls(monkeypatch):
    """How many epochs each call of the engine for several was for."""
    found = []

    def spied(runs, steps):
        found.append(unobserved_epochs(runs, steps))
        return found[-1]

    monkeypatch.setattr(loop, "unobserved_epochs", spied)
    return found


def network(seed=1, **settings):
    layers = [Dense(4, 6, "relu"), BatchNorm(), Dropout(0.2), Dense(6, 3, "softmax")]
    return Network(layers=layers, seed=seed, dtype=np.float64, **settings)


def fit(nn, epochs=60, **settings):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(23, 4)), rng.integers(0, 3, 23)
    settings = {"optimizer": "adam", "batch_size": 5, "verbose": False, "learning_rate": Cosine(0.01)} | settings
    return nn.fit(x, y, epochs=epochs, **settings)


def same(one, other):
    np.testing.assert_array_equal(one.theta, other.theta)
    np.testing.assert_array_equal(one.state, other.state)
    for name in ("epoch", "J", "penalty", "learning_rate"):
        assert one.history[name] == other.history[name], name
    assert one.training.streams.positions() == other.training.streams.positions()


@engines
@pytest.mark.parametrize(
    "settings", [{}, {"l1": 1e-3}, {"shuffle": False}, {"sample_weight": np.arange(23.0)}], ids=str
)
def test_nobody_can_tell_from_the_numbers(engine, settings, calls):
    watched, alone, looks = network(), network(), Looks()
    fit(watched, engine=engine, callbacks=[looks], **settings)
    assert looks.epochs == 60
    assert max(calls) == 0
    fit(alone, engine=engine, **settings)
    assert max(calls) > 1
    same(watched, alone)
    seconds = alone.history["seconds"]
    assert seconds == sorted(seconds)


@engines
def test_an_ensemble_and_networks_together_neither(engine, calls):
    watched, alone = network(n_members=3), network(n_members=3)
    fit(watched, engine=engine, callbacks=[Looks()])
    fit(alone, engine=engine)
    assert max(calls) > 1
    same(watched, alone)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(23, 4)), rng.integers(0, 3, 23)
    several = [network(seed) for seed in (1, 2)]
    fit_together(several, x, y, epochs=60, batch_size=5, learning_rate=[0.01, 0.02], verbose=False, engine=engine)
    for nn, rate in zip(several, (0.01, 0.02), strict=True):
        single = network(nn.seed)
        single.fit(x, y, epochs=60, batch_size=5, learning_rate=rate, verbose=False, engine=engine)
        np.testing.assert_allclose(nn.theta, single.theta, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(nn.history["J"], single.history["J"], rtol=1e-8)


@pytest.mark.parametrize(
    "settings",
    [
        {"callbacks": [Looks()]},
        {"validation": (np.zeros((2, 4)), np.array([0, 1]))},
        {"metrics": ["accuracy"]},
        {"learning_rate": Plateau(0.1, monitor="J")},
    ],
    ids=["callback", "validation", "metrics", "plateau"],
)
def test_whoever_looks_at_an_epochs_end_is_shown_it(settings, calls):
    fit(network(), **settings)
    assert max(calls) == 0


@engines
def test_a_divergence_is_told_with_its_epoch_and_batch_and_the_last_finite_numbers_are_kept(engine):
    found = []
    for callbacks in ([], [Looks()]):
        nn = Network((4, 3), ("identity",), seed=1, dtype=np.float64)
        with pytest.raises(TrainingDiverged) as error:
            nn.fit(np.full((20, 4), 10.0), np.ones((20, 3)), epochs=500, batch_size=5, learning_rate=1.0,
                   verbose=False, engine=engine, callbacks=callbacks)  # fmt: skip
        found.append((str(error.value), error.value.epoch, error.value.batch, nn.theta.tolist(), nn.history["J"]))
    assert found[0] == found[1]
    assert np.isfinite(found[0][3]).all()
