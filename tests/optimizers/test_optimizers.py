"""Every optimizer in the catalogue keeps the contract and follows its recurrence."""

from __future__ import annotations

import dataclasses

import numba
import numpy as np
import pytest

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.network.layout import ArraySpec, Layout
from chainrule.optimizers import OPTIMIZERS, SGD, Momentum
from chainrule.optimizers.optimizer import ElementwiseOptimizer
from chainrule.optimizers.schedules import Constant, Horizon, step_schedules

LAYOUT = Layout.of([("w[1]", ArraySpec("w", (2, 3), "weight")), ("b[1]", ArraySpec("b", (3,), "bias"))])


@dataclasses.dataclass(frozen=True)
class Adam(ElementwiseOptimizer):
    """Shows that the contract holds for a rule with two arrays, the number of the step and a mask from the layout."""

    name = "adam of the tests"
    formula = r"\theta \leftarrow \theta - \eta \hat m / (\sqrt{\hat v} + \epsilon) - \eta \lambda [w] \theta"
    remembers = ("m", "v", "decayed")

    beta1: float = 0.9
    beta2: float = 0.99
    decay: float = 0.1

    def start(self, theta, layout):
        mask = np.broadcast_to(layout.mask("weight"), theta.shape).astype(theta.dtype)
        return {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "decayed": mask}

    @staticmethod
    def rule(theta, gradient, m, v, decayed, number, learning_rate, beta1, beta2, decay):
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient * gradient
        step = m / (1 - beta1**number) / (np.sqrt(v / (1 - beta2**number)) + 1e-8)
        return theta - learning_rate * (step + decay * decayed * theta), m, v, decayed


RULES = [*(optimizer() for optimizer in OPTIMIZERS), Adam()]
optimizers = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def walked(rule, theta, gradients, rate=0.1):
    theta = theta.copy()
    remembered = rule.start(theta, LAYOUT)
    for number, gradient in enumerate(gradients):
        rule.step(theta, gradient, remembered, (rate, *rule.scheduled.values()), number, LAYOUT)
    return theta, remembered


@optimizers
def test_a_step_works_in_place_and_reads_the_gradient_only(rule, rng):
    theta, gradient = rng.normal(size=9).astype(np.float32), rng.normal(size=9).astype(np.float32)
    gradient.flags.writeable = False
    given, remembered = theta, rule.start(theta, LAYOUT)
    arrays = dict(remembered)
    rule.step(theta, gradient, remembered, (0.1, *rule.scheduled.values()), 0, LAYOUT)
    assert given is theta
    assert all(remembered[name] is array for name, array in arrays.items())
    assert theta.dtype == np.float32
    assert set(remembered) == set(rule.remembers)


@optimizers
def test_several_networks_move_as_each_alone(rule, rng):
    theta, gradients = rng.normal(size=(3, 9)), rng.normal(size=(5, 3, 9))
    together, _ = walked(rule, theta, gradients)
    for k in range(3):
        np.testing.assert_allclose(together[k], walked(rule, theta[k], gradients[:, k])[0], rtol=1e-14)


@optimizers
def test_the_rule_is_one_expression_for_a_number_and_for_an_array_and_can_be_compiled(rule, rng):
    compiled = numba.njit(rule.rule)
    theta, gradient = rng.normal(size=9), rng.normal(size=9)
    remembered = [rng.random(9) for _ in rule.remembers]
    values = (3, 0.1, *rule.scheduled.values())
    whole = rule.rule(theta, gradient, *remembered, *values)
    for i in range(9):
        for function in (rule.rule, compiled):
            each = function(theta[i], gradient[i], *(array[i] for array in remembered), *values)
            np.testing.assert_allclose(each, [array[i] for array in whole], rtol=1e-14)


@pytest.mark.parametrize("rule", RULES[:-1], ids=lambda rule: rule.name)
def test_an_optimizer_is_frozen_and_found_by_name(rule):
    assert OPTIMIZERS.resolve(rule.name) == OPTIMIZERS.resolve(type(rule)) == OPTIMIZERS.resolve(rule) == rule
    assert rule.formula
    assert dataclasses.is_dataclass(rule)
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.momentum = 0.5


def test_sgd_goes_down_the_gradient():
    theta, _ = walked(SGD(), np.array([1.0, 2.0]), [np.array([10.0, -10.0])] * 2)
    np.testing.assert_allclose(theta, [-1, 4])


def test_momentum_follows_its_recurrence(rng):
    gradients = rng.normal(size=(200, 9))
    theta, velocity = np.zeros(9), np.zeros(9)
    for gradient in gradients:
        velocity = 0.8 * velocity + gradient
        theta = theta - 0.05 * velocity
    found, remembered = walked(Momentum(0.8), np.zeros(9), gradients, rate=0.05)
    np.testing.assert_allclose(found, theta, rtol=1e-12)
    np.testing.assert_allclose(remembered["velocity"], velocity, rtol=1e-12)


def test_a_rule_is_told_the_number_of_the_step_from_1(rng):
    gradient = rng.normal(size=9)
    theta, _ = walked(Adam(decay=0), np.zeros(9), [gradient] * 3, rate=0.5)
    np.testing.assert_allclose(theta, -1.5 * np.sign(gradient), rtol=1e-6)  # with the bias corrected, m / sqrt(v) is 1


def test_a_rule_can_tell_weights_from_biases_by_the_layout():
    theta, _ = walked(Adam(), np.ones(9), [np.zeros(9)], rate=0.5)
    np.testing.assert_allclose(theta, [0.95] * 6 + [1] * 3)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, float("nan")])
def test_a_momentum_out_of_range_is_refused(momentum):
    with pytest.raises(InvalidArgument, match="momentum must be a finite number of at least 0 and below 1"):
        Momentum(momentum)


def test_schedules_name_every_value_of_a_step():
    found = step_schedules(0.1, Momentum(0.7).scheduled, {"dropout_factor": Constant(0.5)})
    assert found == {"learning_rate": Constant(0.1), "momentum": Constant(0.7), "dropout_factor": Constant(0.5)}
    assert found["momentum"].values(3, 6, Horizon(10, 5), {}).tolist() == [0.7] * 3


def test_a_value_that_cannot_be_scheduled_is_refused():
    with pytest.raises(InvalidArgument, match="no value 'momentun' to schedule; did you mean 'momentum'"):
        step_schedules(0.1, {"momentum": 0.9}, {"momentun": Constant(1)})
    with pytest.raises(InvalidType, match="0.5 is not a schedule for momentum"):
        step_schedules(0.1, {"momentum": 0.9}, {"momentum": 0.5})


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), Constant(-1)])
def test_a_learning_rate_not_above_0_and_finite_is_refused(rate):
    with pytest.raises(InvalidArgument, match="learning_rate must be a finite number above 0"):
        step_schedules(rate, {})


@pytest.mark.parametrize("rate", ["0.1", None, True])
def test_a_learning_rate_that_is_no_number_is_refused(rate):
    with pytest.raises(InvalidType, match="learning_rate must be a finite number above 0"):
        step_schedules(rate, {})
