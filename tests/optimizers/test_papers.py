"""What PyTorch lacks follows the recurrences of the papers, written out here once more."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.optimizers import SGD, Adam, Lion, Momentum, MovingAverage
from tests.optimizers.test_optimizers import LAYOUT, SIZE, walked


def test_momentum_follows_its_recurrence(rng):
    gradients = rng.normal(size=(200, SIZE))
    theta, velocity = np.zeros(SIZE), np.zeros(SIZE)
    for gradient in gradients:
        velocity = 0.8 * velocity + gradient
        theta = theta - 0.05 * velocity
    found, remembered = walked(Momentum(0.8), np.zeros(SIZE), gradients, rate=0.05)
    np.testing.assert_allclose(found, theta, rtol=1e-12)
    np.testing.assert_allclose(remembered["velocity"], velocity, rtol=1e-12)


def test_lion_follows_its_algorithm(rng):
    gradients = rng.normal(size=(200, SIZE))
    theta, m = rng.normal(size=SIZE), np.zeros(SIZE)
    found, remembered = walked(Lion(beta1=0.8, beta2=0.95, decay=0.3), theta, gradients, rate=0.02)
    is_weight = np.arange(SIZE) < 6
    for g in gradients:
        c = 0.8 * m + (1 - 0.8) * g
        update = np.where(c > 0, 1.0, -1.0)
        theta = theta - 0.02 * (update + 0.3 * np.where(is_weight, theta, 0.0))
        m = 0.95 * m + (1 - 0.95) * g
    np.testing.assert_allclose(found, theta, rtol=1e-12)
    np.testing.assert_allclose(remembered["m"], m, rtol=1e-12)


@pytest.mark.parametrize("inside", [SGD(), Adam()], ids=str)
@pytest.mark.parametrize("decay", [0.0, 0.9, 0.999])
def test_the_moving_average_is_the_weighted_mean_of_all_steps(inside, decay, rng):
    theta, gradients = rng.normal(size=SIZE), rng.normal(size=(200, SIZE))
    passed = [walked(inside, theta, gradients[: t + 1])[0] for t in range(200)]
    weights = decay ** np.arange(199, -1, -1.0)
    expected = np.average(passed, axis=0, weights=weights)
    rule = MovingAverage(inside, decay)
    found, remembered = walked(rule, theta, gradients)
    np.testing.assert_array_equal(found, passed[-1])  # steps are those of the optimizer inside
    np.testing.assert_allclose(rule.averaged(found, remembered), expected, rtol=1e-10)


def test_before_the_first_step_the_average_is_theta(rng):
    theta = rng.normal(size=SIZE)
    rule = MovingAverage(SGD)
    remembered = rule.start(theta, LAYOUT)
    np.testing.assert_array_equal(rule.averaged(theta, remembered), theta)
    assert not np.shares_memory(rule.averaged(theta, remembered), theta)
