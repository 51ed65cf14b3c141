"""What must hold for every loss, activation and kind of layer: weights say what rows would, and K networks are K."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from chainrule import Network
from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.activations import ACTIVATIONS, Exponential
from chainrule.functions.losses import LOSSES, BinaryCrossEntropy, CrossEntropy, Huber, Quantile
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Mode
from chainrule.network.layers import LAYERS, BatchNorm, Dense, Dropout, LayerNorm, Residual
from chainrule.network.objective import Objective, row_shares
from tests.functions.test_losses import PAIRS, targets

F64 = np.dtype(np.float64)
KINDS = {
    "dense": lambda f: [Dense(5, 5, f)],
    "batch_norm": lambda f: [BatchNorm()],
    "layer_norm": lambda f: [LayerNorm()],
    "dropout": lambda f: [Dropout(0.3)],
    "residual": lambda f: [Residual([Dense(5, 5, f), LayerNorm(), Dense(5, 5)])],
}
LOSSES_WITH_SETTINGS = [
    *(loss() for loss in LOSSES),
    Huber(0.2),
    Quantile((0.1, 0.5, 0.9)),
    CrossEntropy(0.1),
    BinaryCrossEntropy(0.1),
]


def test_every_kind_of_layer_is_here():
    assert set(KINDS) == set(LAYERS.names)


def network(kind, loss, hidden="tanh", seed=1):
    layers = [Dense(4, 5, hidden), *KINDS[kind](hidden), Dense(5, 3, loss.default_output)]
    return Network(layers=layers, seed=seed, dtype=np.float64)


def raw(loss, rng, n):
    """Rows as a person gives them: for quantiles, one column for each value."""
    y = targets(loss, rng, n, 3)
    return rng.normal(size=(n, 4)), y[:, : 3 // len(loss.levels)] if isinstance(loss, Quantile) else y


def found(nn, loss, x, y, weights):
    """J, its gradient, and theta and state after a step of fit with all rows as one batch."""
    rows = LabelledRows.checked(x, y, weights, architecture=nn.architecture, loss=loss, dtype=F64)
    objective = Objective(nn.architecture, loss)
    gradient = np.empty_like(nn.theta)
    bind, state = nn.architecture.bind_parameters, nn.architecture.bind_statistics(nn.state)
    mode = Mode(True, None, rows.weights)
    shares = row_shares(len(rows), rows.weights, F64)
    J = objective.value_and_gradient(bind(nn.theta), state, rows.x, rows.y, shares, mode, bind(gradient)).J
    fitted = nn.copy()
    fitted.fit(x, y, loss, epochs=1, batch_size=len(rows), learning_rate=0.1, sample_weight=weights, verbose=False)
    return [J, gradient, fitted.theta, fitted.state]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "dropout"])
@pytest.mark.parametrize("loss", LOSSES_WITH_SETTINGS, ids=repr)
def test_weight_2_is_the_row_twice_and_weight_0_the_row_absent(loss, kind, rng):
    nn = network(kind, loss)
    x, y = raw(loss, rng, 8)
    weights = np.array([1, 2, 0, 1, 3, 0, 1, 2])
    repeated = np.repeat(np.arange(8), weights)
    weighted, unweighted = found(nn, loss, x, y, weights), found(nn, loss, x[repeated], y[repeated], None)
    plain = found(nn, loss, x, y, None)
    for ours, theirs, without in zip(weighted, unweighted, plain, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
        assert np.size(ours) == 0 or not np.allclose(ours, without, rtol=1e-6)


def k_networks(architecture, rng, k=3):
    thetas = np.stack([architecture.initial_theta(rng, F64) for _ in range(k)])
    thetas += 0.1 * rng.normal(size=thetas.shape)
    if any(layer.activation == Exponential() for layer in architecture.dense_layers.values()):
        thetas *= 0.4  # exponentials of exponentials grow beyond all digits
    states = np.stack([architecture.initial_state(F64)] * k)
    return thetas, states


@pytest.mark.parametrize(
    ("position", "loss", "output"),
    [(i, *pair) for i, pair in enumerate([*PAIRS, *((loss, None) for loss in LOSSES_WITH_SETTINGS)])],
    ids=lambda value: "" if isinstance(value, int) else repr(value),
)
def test_k_networks_at_once_are_k_single_ones(position, loss, output, rng, proof):
    """The position in the table chooses activation and layers, so that each is among them several times; in a proof,
    every activation and every kind of layer is taken."""
    first, second = list(KINDS)[position % len(KINDS)], list(KINDS)[(position // len(KINDS)) % len(KINDS)]
    k_networks_agree(loss, output, list(ACTIVATIONS)[position % len(ACTIVATIONS.names)], [first, second], rng)
    for hidden, kind in itertools.product(ACTIVATIONS, KINDS) if proof else []:
        k_networks_agree(loss, output, hidden, [kind], rng)


def k_networks_agree(loss, output, hidden, kinds, rng):
    layers = [Dense(4, 5, hidden), *(layer for kind in kinds for layer in KINDS[kind](hidden))]
    architecture = Architecture.of([*layers, Dense(5, 3, output or loss.default_output)])
    objective = Objective(architecture, loss)
    thetas, states = k_networks(architecture, rng)
    x, y = rng.normal(size=(6, 4)), targets(loss, rng, 6, 3)
    weights = rng.random(6) + 0.5

    def gradients(theta, state, streams):
        gradient = np.empty_like(theta)
        mode = Mode(True, streams, weights)
        bound = architecture.bind_parameters(theta), architecture.bind_statistics(state)
        shares = row_shares(6, weights, F64)
        J = objective.value_and_gradient(*bound, x, y, shares, mode, architecture.bind_parameters(gradient)).J
        return J, gradient

    J, gradient = gradients(thetas, states, tuple(np.random.default_rng(seed) for seed in range(3)))
    assert J.shape == (3,)
    for k in range(3):
        alone = gradients(thetas[k], states[k], np.random.default_rng(k))
        np.testing.assert_allclose(J[k], alone[0], rtol=1e-12)
        np.testing.assert_allclose(gradient[k], alone[1], rtol=1e-9, atol=1e-11 * np.abs(alone[1]).max())


def test_the_table_takes_every_activation_and_every_pair_of_kinds():
    n = len(PAIRS) + len(LOSSES_WITH_SETTINGS)
    assert n >= max(len(ACTIVATIONS.names), len(KINDS) ** 2)


def test_a_setting_of_a_loss_changes_what_is_learned(rng):
    """So that a comparison above cannot agree because both sides leave the settings out."""
    for loss in LOSSES_WITH_SETTINGS:
        settings = {field.name for field in dataclasses.fields(loss)}
        other = {"threshold": 0.5, "levels": (0.3, 0.5, 0.7), "label_smoothing": 0.3, "gamma": 1.0, "alpha": 0.6}
        if isinstance(loss, Quantile) and len(loss.levels) == 1:
            other["levels"] = (0.7,)
        for name in settings:
            changed = dataclasses.replace(loss, **{name: other[name]})
            nn = network("dense", loss)
            x, y = raw(loss, rng, 8)
            assert found(nn, loss, x, y, None)[0] != found(nn, changed, x, y, None)[0]
