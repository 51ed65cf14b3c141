from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from chainrule import Adam, BatchNorm, Clip, Dense, Dropout, MovingAverage, Network
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.training.learning_rate_finder import SMOOTHING, _running_mean

mpl.use("Agg")


@pytest.fixture
def network():
    return Network((64, 15, 10), ("relu", "softmax"), seed=1)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_training_with_the_suggestion_learns(network, digits, optimizer):
    x, y = digits[0] / 16, digits[1]
    found = network.find_learning_rate(x, y, optimizer=optimizer)
    history = network.fit(
        x, y, epochs=3, learning_rate=found.suggestion, optimizer=optimizer, validation=(x, y), verbose=False
    )
    assert history["val_accuracy"][-1] > 0.75
    assert found.best == pytest.approx(5 * found.suggestion)


def test_the_network_stays_as_it_is(network, digits):
    x, y = digits[0] / 16, digits[1]
    theta, positions = network.theta.copy(), network.streams.positions()
    first, second = (network.find_learning_rate(x, y) for _ in range(2))
    np.testing.assert_array_equal(network.theta, theta)
    assert network.streams.positions() == positions
    assert network.training is None
    np.testing.assert_array_equal(first.J, second.J)


def test_the_rates_rise_by_a_factor_and_each_step_takes_its_own(network, rng):
    x, y = rng.normal(size=(10, 64)), rng.integers(0, 10, 10)
    found = network.find_learning_rate(x, y, batch_size=10, lowest=1e-3, highest=1e-1, steps=20)
    np.testing.assert_allclose(found.rates, np.geomspace(1e-3, 1e-1, 20))
    nn = network.copy()
    for rate, J in zip(found.rates, found.J, strict=True):
        nn.fit(x, y, epochs=1, batch_size=10, learning_rate=float(rate), verbose=False)
        assert pytest.approx(nn.evaluate(x, y)["J"], rel=1e-5) == J  # J after the step with that rate


def test_it_ends_where_J_is_several_times_its_lowest_or_infinite(network, digits):
    x, y = digits[0] / 16, digits[1]
    found = network.find_learning_rate(x, y, lowest=1e-3, highest=1e6)
    assert found.rates[-1] < 1e6
    assert (found.smoothed[:-1] <= 4 * np.minimum.accumulate(found.smoothed)[:-1]).all()
    line = Network((1, 1), ("identity",), seed=1)
    exploding = line.find_learning_rate([[100.0], [1.0]], [0.0, 1.0], lowest=1e-6, highest=1e9)
    assert np.isfinite(exploding.J).all()


def test_the_running_mean_has_no_memory_of_a_start_at_0():
    np.testing.assert_allclose(_running_mean(np.full(9, 3.0)), 3)
    expected = (SMOOTHING * 1 + 2) / (SMOOTHING + 1)
    np.testing.assert_allclose(_running_mean(np.array([1.0, 2.0])), [1, expected])


def test_the_plot_shows_the_curve_and_the_suggestion(network, digits):
    found = network.find_learning_rate(digits[0] / 16, digits[1])
    ax = found.plot()
    assert ax.get_xscale() == "log"
    assert len(ax.lines) == 4
    np.testing.assert_allclose(ax.lines[3].get_xdata()[0], found.suggestion)
    assert found.plot(ax) is ax
    assert "try " in repr(found)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lowest": 0}, "lowest must be a finite number above 0"),
        ({"lowest": 1, "highest": 0.5}, "highest must be a finite number above 1"),
        ({"steps": 5}, "steps must be at least 20"),
    ],
)
def test_a_range_that_is_none_is_refused(network, settings, message):
    with pytest.raises(InvalidArgument, match=message):
        network.find_learning_rate(np.ones((3, 64)), [0, 1, 2], **settings)


def test_a_lowest_rate_that_is_too_high_is_told_from_parameters_that_are_no_good():
    nn = Network((1, 1), ("identity",), seed=1)
    with pytest.raises(InvalidArgument, match="not finite after a single step with the lowest rate, 1e\\+30"):
        nn.find_learning_rate([[1.0], [2.0]], [1.0, 2.0], lowest=1e30, highest=1e31)


@pytest.mark.parametrize("optimizer", ["lbfgs"])
def test_an_optimizer_that_takes_no_steps_is_refused(network, optimizer):
    with pytest.raises(InvalidType, match="LBFGS does not move by steps"):
        network.find_learning_rate(np.ones((3, 64)), [0, 1, 2], optimizer=optimizer)


def test_it_works_with_optimizers_around_optimizers_dropout_and_batch_norm(rng):
    layers = [Dense(4, 8, "relu"), BatchNorm(), Dropout(0.3), Dense(8, 3, "softmax")]
    nn = Network(layers=layers, seed=1)
    found = nn.find_learning_rate(
        rng.normal(size=(60, 4)), rng.integers(0, 3, 60), optimizer=MovingAverage(Clip(Adam(), norm=1.0))
    )
    assert np.isfinite(found.J).all()


def test_parameters_from_which_J_is_infinite_are_refused():
    with pytest.raises(InvalidArgument, match="J is not finite at the parameters"):
        Network((1, 1), ("identity",), seed=1).find_learning_rate([[1.0]], [1e30])


def test_a_loss_below_0_is_no_divergence(rng):
    x = rng.normal(size=(200, 3))
    y = rng.poisson(np.exp(5 + x[:, 0]))
    nn = Network((3, 1), ("exponential",), seed=1)
    nn.b[1] = [5.0]
    found = nn.find_learning_rate(x, y)
    assert (found.J[:-5] < 0).all()
    assert len(found.rates) > 30
    assert found.best > 1e-6
