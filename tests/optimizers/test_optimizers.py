"""Every optimizer in the catalogue keeps the contract."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.files.descriptions import from_data, to_data
from chainrule.network.layout import ArraySpec, Layout
from chainrule.optimizers import (
    LBFGS,
    OPTIMIZERS,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Clip,
    ElementwiseOptimizer,
    Lion,
    Momentum,
    MovingAverage,
    Muon,
    NAdam,
    Nesterov,
    RAdam,
    RMSprop,
)
from tests.optimizers.examples import EVERY_OPTIMIZER, EVERY_STEP_OPTIMIZER

LAYOUT = Layout.of(
    [
        ("w[1]", ArraySpec("w", (2, 3), "weight")),
        ("b[1]", ArraySpec("b", (3,), "bias")),
        ("norm.scale", ArraySpec("scale", (3,), "scale")),
    ]
)
SIZE = LAYOUT.size


@dataclasses.dataclass(frozen=True)
class Own(ElementwiseOptimizer):
    """A person's own rule: two arrays, the number of the step, and whole numbers as settings."""

    name = "own"
    formula = r"\theta \leftarrow \theta - \eta (g + m + n) / t"
    default_learning_rate = 0.1
    remembers = ("m", "n")

    share: float = 1

    @staticmethod
    def rule(theta, gradient, m, n, number, learning_rate, share):
        m = m + share * gradient
        return theta - learning_rate * (gradient + m + n) / number, m, n


ELEMENTWISE = [*(rule for rule in EVERY_STEP_OPTIMIZER if isinstance(rule, ElementwiseOptimizer)), Own()]
rules = pytest.mark.parametrize("rule", [*EVERY_STEP_OPTIMIZER, Own()], ids=lambda rule: rule.name)


def walked(rule, theta, gradients, rate=0.1, layout=LAYOUT):
    theta = theta.copy()
    remembered = rule.start(theta, layout)
    for number, gradient in enumerate(gradients):
        rule.step(theta, gradient, remembered, (rate, *rule.scheduled.values()), number, layout)
    return theta, remembered


@rules
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("leading", [(), (2,)])
def test_a_step_works_in_place_and_reads_the_gradient_only(rule, dtype, leading, rng):
    theta, gradient = (10 * rng.normal(size=(*leading, SIZE)).astype(dtype) for _ in range(2))
    before = theta.copy()
    gradient.flags.writeable = False
    remembered = rule.start(theta, LAYOUT)
    np.testing.assert_array_equal(theta, before)
    arrays = dict(remembered)
    address = theta.ctypes.data
    for number in range(3):
        rule.step(theta, gradient, remembered, (0.1, *rule.scheduled.values()), number, LAYOUT)
    assert theta.ctypes.data == address
    assert (theta != before).all()
    assert np.isfinite(theta).all()
    assert remembered.keys() == arrays.keys()
    assert all(remembered[name] is array for name, array in arrays.items())
    assert {array.dtype for array in (theta, *arrays.values())} == {np.dtype(dtype)}
    assert not any(np.shares_memory(theta, array) for array in arrays.values())


@rules
def test_several_networks_move_as_each_alone(rule, rng):
    theta, gradients = rng.normal(size=(3, SIZE)), rng.normal(size=(5, 3, SIZE)) * [[1], [0.01], [100]]
    together, remembered = walked(rule, theta, gradients)
    for k in range(3):
        alone, own = walked(rule, theta[k], gradients[:, k])
        np.testing.assert_allclose(together[k], alone, rtol=1e-9, atol=1e-12)
        for name, array in own.items():
            np.testing.assert_allclose(remembered[name][k], array, rtol=1e-9, atol=1e-12)


@rules
def test_float32_does_what_float64_does_as_far_as_it_can(rule, rng):
    theta, gradients = rng.normal(size=SIZE), rng.normal(size=(5, SIZE))
    exact, _ = walked(rule, theta, gradients, rate=0.01)
    found, _ = walked(rule, theta.astype(np.float32), gradients.astype(np.float32), rate=0.01)
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-5)


@rules
def test_what_is_remembered_survives_a_file_and_the_order_of_its_names(rule, rng):
    theta, gradients = rng.normal(size=SIZE), rng.normal(size=(6, SIZE))
    through, _ = walked(rule, theta, gradients)
    theta, remembered = walked(rule, theta, gradients[:3])
    restored = {name: array.copy() for name, array in load(save(remembered)).items()}
    restored = dict(sorted(restored.items(), reverse=True))
    for number in (3, 4, 5):
        rule.step(theta, gradients[number], restored, (0.1, *rule.scheduled.values()), number, LAYOUT)
    np.testing.assert_array_equal(theta, through)


@rules
def test_a_gradient_of_zeros_moves_nothing_but_by_decay(rule):
    without = dataclasses.replace(rule, decay=0.0) if "decay" in rule.scheduled else rule
    theta, _ = walked(without, np.ones(SIZE), np.zeros((3, SIZE)))
    np.testing.assert_array_equal(theta, np.ones(SIZE))


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
@pytest.mark.parametrize("number", [1, 2, 40])
def test_the_rule_is_one_expression_for_a_number_and_for_an_array_and_can_be_compiled(rule, number, rng):
    compiled = numba.njit(rule.rule)
    theta, gradient = rng.normal(size=9), rng.normal(size=9)
    remembered = [rng.random(9) for _ in rule.remembers]
    values = (number, 0.1, *rule.scheduled.values())
    whole = rule.rule(theta, gradient, *remembered, *values)
    for i in range(9):
        for function in (rule.rule, compiled):
            each = function(theta[i], gradient[i], *(array[i] for array in remembered), *values)
            np.testing.assert_allclose(each, [array[i] for array in whole], rtol=1e-13)


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.name)
def test_a_rule_remembers_what_it_names(rule):
    assert tuple(rule.start(np.ones(SIZE), LAYOUT)) == rule.remembers


@pytest.mark.parametrize("rule", EVERY_OPTIMIZER, ids=lambda rule: rule.name)
def test_an_optimizer_is_a_frozen_description_found_by_name(rule):
    assert OPTIMIZERS[rule.name] is type(rule)
    assert OPTIMIZERS.resolve(rule) is rule
    assert rule.formula
    assert rule.default_learning_rate > 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.momentum = 0.5
    for copied in (copy.deepcopy(rule), pickle.loads(pickle.dumps(rule)), dataclasses.replace(rule)):
        assert copied == rule
        assert hash(copied) == hash(rule)
    assert from_data(json.loads(json.dumps(to_data(rule))), "optimizer") == rule
    assert eval(repr(rule)) == rule


@pytest.mark.parametrize(
    "rule",
    [rule for rule in EVERY_OPTIMIZER if rule.name not in ("clip", "moving_average")],
    ids=lambda rule: rule.name,
)
def test_an_optimizer_needs_no_settings(rule):
    assert type(OPTIMIZERS.resolve(rule.name)) is OPTIMIZERS[rule.name] is type(rule)
    assert OPTIMIZERS.resolve(type(rule)) == OPTIMIZERS.resolve(rule.name)


def test_those_of_the_first_tier_are_those():
    first = [rule.name for rule in EVERY_OPTIMIZER if rule.tier == 1]
    assert first == ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lbfgs", "clip", "moving_average"]


def test_default_learning_rates():
    rates = {rule.name: rule.default_learning_rate for rule in EVERY_OPTIMIZER}
    assert rates == {
        "sgd": 0.1, "momentum": 0.05, "nesterov": 0.05, "rmsprop": 1e-3, "adam": 1e-3, "adamw": 1e-3, "lbfgs": 1.0,
        "adagrad": 1e-2, "nadam": 1e-3, "radam": 1e-3, "lion": 1e-4, "muon": 0.02,
        "clip": 1e-3, "moving_average": 0.05,  # those of the optimizers inside the examples
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("adm", "'adm' is not the name of a known optimizer; did you mean 'adam'"),
        ("nesterow", "did you mean 'nesterov'"),
        ("clip", "The optimizer Clip needs optimizer: give an instance of it"),
    ],
)
def test_a_name_that_is_no_optimizer_or_not_enough_is_refused(name, message):
    with pytest.raises(InvalidArgument, match=message):
        OPTIMIZERS.resolve(name)


def test_only_weights_decay():
    for rule in (AdamW(decay=0.5), Lion(decay=0.5), Muon(decay=0.5, adam_factor=1.0, arrays=("w[1]",))):
        theta, _ = walked(rule, np.ones(SIZE), [np.zeros(SIZE)], rate=0.1)
        np.testing.assert_allclose(theta, [0.95] * 6 + [1] * 6, err_msg=rule.name)


def test_nadam_remembers_one_product_for_each_network(rng):
    remembered = NAdam().start(rng.normal(size=(4, SIZE)), LAYOUT)
    assert remembered["product"].shape == (4, 1)


def test_a_sum_of_many_steps_stays_finite(rng):
    gradient = rng.normal(size=SIZE)
    for rule in EVERY_STEP_OPTIMIZER:
        theta, remembered = walked(rule, np.ones(SIZE), [gradient])
        rule.step(theta, gradient, remembered, (0.1, *rule.scheduled.values()), 10_000_000, LAYOUT)
        assert np.isfinite(theta).all(), rule.name


SHARES = [
    (Momentum, "momentum"), (Nesterov, "momentum"), (RMSprop, "rho"), (Adam, "beta1"), (Adam, "beta2"),
    (AdamW, "beta1"), (AdamW, "beta2"), (NAdam, "beta1"), (NAdam, "beta2"), (RAdam, "beta1"), (RAdam, "beta2"),
    (Lion, "beta1"), (Lion, "beta2"), (Muon, "momentum"), (Muon, "beta1"), (Muon, "beta2"), (MovingAverage, "decay"),
]  # fmt: skip
NOT_NEGATIVE = [
    (AdamW, "decay"), (Lion, "decay"), (Muon, "decay"), (NAdam, "momentum_decay"), (LBFGS, "tolerance"),
    (LBFGS, "gain_tolerance"),
]  # fmt: skip
POSITIVE = [
    (RMSprop, "epsilon"), (Adam, "epsilon"), (AdamW, "epsilon"), (Adagrad, "epsilon"), (NAdam, "epsilon"),
    (RAdam, "epsilon"), (Muon, "epsilon"), (Muon, "adam_factor"), (Clip, "norm"), (Clip, "value"),
]  # fmt: skip
COUNTS = [(LBFGS, "memory"), (LBFGS, "line_search_steps"), (LBFGS, "evaluations")]


def with_setting(member, name, value):
    return member(**{"optimizer": SGD} if member in (Clip, MovingAverage) else {}, **{name: value})


def test_the_tables_of_settings_name_every_setting():
    listed = {(member, name) for table in (SHARES, NOT_NEGATIVE, POSITIVE, COUNTS) for member, name in table}
    fields = {(type(rule), field.name) for rule in EVERY_OPTIMIZER for field in dataclasses.fields(rule)}
    assert fields - listed == {(Clip, "optimizer"), (MovingAverage, "optimizer"), (Muon, "arrays")}


@given(table=st.sampled_from(["share", "not negative", "positive", "count"]), data=st.data())
def test_a_setting_out_of_its_range_is_refused_by_name_and_value(table, data):
    infinite = st.sampled_from([float("nan"), float("inf"), float("-inf")])
    settings, out_of_range, says = {
        "share": (SHARES, st.floats(max_value=-1e-300) | st.floats(min_value=1), "of at least 0 and below 1, not"),
        "not negative": (NOT_NEGATIVE, st.floats(max_value=-1e-300), "of at least 0, not"),
        "positive": (POSITIVE, st.floats(max_value=0), "above 0, not"),
        "count": (COUNTS, st.integers(max_value=0), "must be at least 1, not"),
    }[table]
    member, name = data.draw(st.sampled_from(settings))
    value = data.draw(out_of_range if table == "count" else out_of_range | infinite)
    with pytest.raises(InvalidArgument) as raised:
        with_setting(member, name, value)
    assert str(raised.value).startswith(name)
    assert says in str(raised.value)
    assert repr(value) in str(raised.value)


@pytest.mark.parametrize("value", ["0.5", True, [0.5], 1j])
@pytest.mark.parametrize(("member", "name"), [*SHARES, *NOT_NEGATIVE, *POSITIVE, *COUNTS])
def test_a_setting_that_is_no_number_is_refused(member, name, value):
    with pytest.raises(InvalidType, match=f"^{name} must be a (finite|whole) number"):
        with_setting(member, name, value)


@pytest.mark.parametrize(("member", "name"), [*SHARES, *NOT_NEGATIVE, *POSITIVE])
def test_a_setting_is_a_float_whatever_number_is_given(member, name):
    value = with_setting(member, name, np.float32(0.5))
    assert type(getattr(value, name)) is float
    json.dumps(to_data(value))


def test_sgd_goes_down_the_gradient():
    theta, _ = walked(SGD(), np.ones(SIZE), [np.full(SIZE, 10.0)] * 2)
    np.testing.assert_allclose(theta, -1)


def test_a_rule_is_told_the_number_of_the_step_from_1(rng):
    gradient = rng.normal(size=SIZE)
    theta, _ = walked(Adam(), np.zeros(SIZE), [gradient] * 3, rate=0.5)
    np.testing.assert_allclose(theta, -1.5 * np.sign(gradient), rtol=1e-6)  # with the bias corrected, m / sqrt(v) is 1


@pytest.mark.parametrize("make", [lambda: Adam(0.01), lambda: Adam(lr=0.01), lambda: AdamW(learning_rate=0.01)])
def test_a_learning_rate_that_is_given_to_an_optimizer_is_refused_with_where_it_belongs(make):
    with pytest.raises(InvalidType, match=r"belongs to fit: fit\(..., learning_rate=0.01\)"):
        make()


def test_a_setting_that_there_is_not_is_answered_with_the_nearest():
    with pytest.raises(InvalidArgument, match="AdamW has no setting 'decai'; did you mean 'decay'"):
        AdamW(decai=0.1)


def test_an_optimizer_of_ones_own_may_have_a_constructor_of_its_own():
    class Mine(SGD):
        def __init__(self, a=0.5):
            object.__setattr__(self, "a", a)

    assert (Mine(0.3).a, Mine(a=0.2).a) == (0.3, 0.2)


@pytest.mark.parametrize("leading", [(), (3,)])
@pytest.mark.parametrize("optimizer", EVERY_STEP_OPTIMIZER, ids=lambda o: o.name)
def test_blocks_of_many_parameters_move_as_all_at_once(optimizer, leading, rng, monkeypatch):
    layout = Layout.of([("w[1]", ArraySpec("w", (40, 30), "weight")), ("b[1]", ArraySpec("b", (30,), "bias"))])
    results = []
    start, gradients = rng.normal(size=(*leading, layout.size)), rng.normal(size=(3, *leading, layout.size))
    for cached in (1 << 30, 1 << 10):
        monkeypatch.setattr("chainrule.functions.cache_blocks.CACHED_BYTES", cached)
        monkeypatch.setattr("chainrule.optimizers.optimizer.CACHED_BYTES", cached)
        theta = start.copy()
        remembered = optimizer.start(theta, layout)
        for number, gradient in enumerate(gradients):
            optimizer.step(theta, gradient, remembered, (0.1, *optimizer.scheduled.values()), number, layout)
        results.append([theta, *remembered.values()])
    for whole, in_blocks in zip(*results, strict=True):
        np.testing.assert_array_equal(whole, in_blocks)
