"""L-BFGS over all rows: it finds minima, keeps to what training promises, and refuses what it cannot do."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from chainrule import BatchNorm, Callback, Dense, Dropout, Network, TrainingDiverged
from chainrule.errors import InvalidArgument
from chainrule.optimizers import LBFGS
from chainrule.optimizers.schedules import Constant
from chainrule.training.early_stopping import EarlyStopping
from chainrule.training.time_limit import TimeLimit


@pytest.fixture
def rows(rng):
    x = rng.normal(size=(80, 3))
    return x, (x @ [2.0, -1, 0.5] + rng.normal(size=80) > 0).astype(int)


def test_a_network_without_hidden_layers_is_the_logistic_regression_of_scikit_learn(rows):
    x, y = rows
    nn = Network((3, 1), ("sigmoid",), seed=1, dtype=np.float64)
    history = nn.fit(x, y, optimizer=LBFGS(tolerance=1e-10), epochs=200, l2=0.02, verbose=False)
    expected = LogisticRegression(C=1 / (0.02 * 80), tol=1e-10, max_iter=1000).fit(x, y)
    np.testing.assert_allclose(nn.w[1][:, 0], expected.coef_[0], rtol=1e-5)
    np.testing.assert_allclose(nn.b[1], expected.intercept_, rtol=1e-5)
    assert len(history["epoch"]) < 200
    assert "converged" in history.stopped.lower()


def test_J_falls_with_every_epoch_and_is_the_one_before_the_update(rows):
    nn = Network((3, 6, 1), ("tanh", "sigmoid"), seed=1, dtype=np.float64)
    first = nn.evaluate(*rows)["J"]
    history = nn.fit(*rows, optimizer="lbfgs", epochs=8, l2=1e-3, validation=rows, verbose=False)
    assert history["J"][0] == pytest.approx(first, rel=1e-12)
    total = np.add(history["J"], history["penalty"])
    assert (np.diff(total) < 0).all()
    assert history["J"][1:] == pytest.approx(history["val_J"][:-1], rel=1e-9)
    assert history["epoch"] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert history.stopped == ""
    assert nn.evaluate(*rows)["J"] == history["val_J"][-1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_count_and_the_network_keeps_its_dtype(rows, dtype):
    x, y = rows
    weights = np.arange(80) % 3
    repeated = np.repeat(np.arange(80), weights)
    fitted = []
    for data, extra in (((x, y), {"sample_weight": weights}), ((x[repeated], y[repeated]), {})):
        nn = Network((3, 1), ("sigmoid",), seed=1, dtype=dtype)
        nn.fit(*data, optimizer="lbfgs", epochs=100, l2=0.1, verbose=False, **extra)
        assert nn.theta.dtype == dtype
        fitted.append(nn.theta)
    np.testing.assert_allclose(*fitted, rtol=2e-3 if dtype == np.float32 else 1e-4)


def test_running_statistics_follow_the_iterations(rows):
    layers = [Dense(3, 5), BatchNorm(), Dense(5, 1, "sigmoid")]
    nn = Network(layers=layers, seed=1, dtype=np.float64)
    nn.fit(*rows, optimizer="lbfgs", epochs=150, l2=0.05, verbose=False)
    z = rows[0] @ nn.w[1]
    np.testing.assert_allclose(nn.state[:5], z.mean(axis=0), atol=0.05)


def test_callbacks_early_stopping_and_time_limits_work(rows):
    class Stops(Callback):
        def on_epoch(self, run):
            if run.training.epoch == 3:
                run.stop("enough")

    def fit(*callbacks):
        nn = Network((3, 6, 1), ("tanh", "sigmoid"), seed=1)
        return nn, nn.fit(*rows, optimizer="lbfgs", epochs=500, callbacks=callbacks, verbose=False)

    assert fit(Stops())[1]["epoch"] == [1, 2, 3]
    limited = fit(TimeLimit(1e-9))[1]
    assert limited.stopped == "Stopped in epoch 1 by the time limit of 1e-09 s."
    assert limited["epoch"] == [1]
    assert np.isnan(limited["learning_rate"]).all()
    nn, history = fit(EarlyStopping("J", patience=None))
    assert nn.training.best.epoch == history["epoch"][-1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 10}, "L-BFGS takes all rows at once: leave batch_size=10 out"),
        ({"learning_rate": 0.1}, "finds the size of each step by a line search: leave learning_rate out"),
        ({"schedules": {"dropout_factor": Constant(1)}}, "leave schedules out"),
    ],
)
def test_what_makes_no_sense_is_refused(rows, settings, message):
    with pytest.raises(InvalidArgument, match=message):
        Network((3, 1), ("sigmoid",)).fit(*rows, optimizer="lbfgs", **settings)


def test_dropout_is_refused(rows):
    nn = Network(layers=[Dense(3, 4, "tanh"), Dropout(0.2), Dense(4, 1, "sigmoid")])
    with pytest.raises(InvalidArgument, match="the random masks of dropout_1 make impossible"):
        nn.fit(*rows, optimizer="lbfgs")


def test_a_start_that_is_not_finite_is_a_divergence():
    nn = Network((1, 1), ("identity",), seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TrainingDiverged, match="not finite at the parameters that L-BFGS is to start from"):
            nn.fit([[1.0], [2.0]], [1e30, 1e30], optimizer="lbfgs", verbose=False)


@pytest.mark.parametrize("layers", [[], [BatchNorm()]], ids=["plain", "batch norm"])
def test_an_ensemble_of_one_is_fitted_as_a_single_network(rows, layers):
    fitted = []
    for n_members in (None, 1):
        nn = Network(layers=[Dense(3, 4, "tanh"), *layers, Dense(4, 1, "sigmoid")], seed=1, n_members=n_members)
        nn.fit(*rows, optimizer="lbfgs", epochs=5, l2=0.01, verbose=False)
        fitted.append(nn)
    np.testing.assert_allclose(fitted[1].theta[0], fitted[0].theta, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(fitted[1].history["J"], fitted[0].history["J"], rtol=1e-5)
