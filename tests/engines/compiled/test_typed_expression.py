"""Expressions for one number type: NumPy's rules of which type a number takes, for a compiler that has others."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from chainrule.engines.compiled.elementary_functions import elementary_functions
from chainrule.engines.compiled.typed_expression import split_rule, typed_expression
from chainrule.functions.activations import ACTIVATIONS, Softmax
from chainrule.functions.losses import LOSSES, ElementwiseLoss
from chainrule.optimizers import OPTIMIZERS
from chainrule.optimizers.optimizer import ElementwiseOptimizer

COEFFICIENTS = (0.5, 0.25, 3.0)
OFFSET = 0.1

dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


def compiled(expression, elements, dtype, constants=None):
    return njit(typed_expression(expression, elements, dtype, elementary_functions(dtype), constants))


def constants_of_the_module(z):
    return OFFSET + 2 * z


def polynomial(z):
    total = 0.0
    for coefficient in COEFFICIENTS:
        total = total * z + coefficient
    return total


def number_first(z):
    total = 1
    doubled = 2 * z
    total = total + doubled
    return total


def pairs(z, a):
    low, high = np.minimum(z, a), np.maximum(z, a)
    return high - 0.3 * low


def choice(z, slope):
    return np.where(z > 0.1, z, slope * z)


def constant_choice(z):
    return np.where(z > 0, 1, 0.1)


def powers_of_numbers(z, beta, number):
    return z * (1 - beta**number)


def chained(z):
    return np.where((z > -0.1) & (z < 0.1), 0.3, z * 0.7)


def negated(z):
    return -z / 3 + abs(z) * -0.3


EXPRESSIONS = [
    (constants_of_the_module, "z", ()),
    (polynomial, "z", ()),
    (number_first, "z", ()),
    (pairs, "za", ()),
    (choice, "z", (0.1,)),
    (constant_choice, "z", ()),
    (powers_of_numbers, "z", (0.9, 3.0)),
    (chained, "z", ()),
    (negated, "z", ()),
]


@dtypes
@pytest.mark.parametrize(("expression", "elements", "numbers"), EXPRESSIONS, ids=lambda e: getattr(e, "__name__", ""))
def test_values_and_types_are_numpys(expression, elements, numbers, dtype):
    ours = compiled(expression, list(elements), dtype)
    grid = np.random.default_rng(0).normal(size=(50, len(elements))).astype(dtype)
    for row in grid:
        found, expected = ours(*row, *numbers), expression(*(np.array([v]) for v in row), *numbers)
        np.testing.assert_allclose(found, expected[0], rtol=3 * np.finfo(dtype).eps, atol=3 * np.finfo(dtype).eps)


def returned_type(function, *arguments):
    function(*arguments)
    return str(function.nopython_signatures[-1].return_type)


@pytest.mark.parametrize(("expression", "elements", "numbers"), EXPRESSIONS, ids=lambda e: getattr(e, "__name__", ""))
def test_float32_stays_float32_where_numpy_leaves_it(expression, elements, numbers):
    ours = compiled(expression, list(elements), np.float32)
    arguments = [np.array([0.3], np.float32)] * len(elements)
    expected = expression(*arguments, *numbers).dtype.name
    assert returned_type(ours, *(argument[0] for argument in arguments), *numbers) == expected
    assert (expected == "float32") == (expression is not constant_choice)


@dtypes
@pytest.mark.parametrize("kind", [f for f in ACTIVATIONS if f.tier == 1 and f is not Softmax], ids=lambda f: f.name)
def test_activations_are_of_the_type_of_z(kind, dtype):
    numbers = tuple(kind().settings)
    f = compiled(kind.expression, ["z"], dtype)
    derivative = compiled(kind.derivative_expression, ["z", "a"], dtype)
    z = np.linspace(-3, 3, 41).astype(dtype) + dtype(0.01)
    a = kind.expression(z, *numbers)
    assert returned_type(f, z[0], *numbers) in (dtype.__name__,)
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose([f(v, *numbers) for v in z], a, rtol=20 * eps, atol=20 * eps)
    expected = np.broadcast_to(kind.derivative_expression(z, a, *numbers), z.shape)
    found = [derivative(v, w, *numbers) for v, w in zip(z, a, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=20 * eps, atol=20 * eps)


@dtypes
@pytest.mark.parametrize("kind", [loss for loss in LOSSES if issubclass(loss, ElementwiseLoss)], ids=lambda f: f.name)
def test_losses_are_numpys(kind, dtype):
    if kind.tier != 1:
        return
    rng = np.random.default_rng(0)
    y, a = rng.uniform(0.05, 0.95, (2, 30)).astype(dtype)
    numbers = tuple(float(np.ravel(setting)[0]) for setting in kind().settings_for(a[:, np.newaxis]))
    for expression in (kind.expression, kind.derivative_expression):
        ours = compiled(expression, ["y", "a"], dtype)
        found = [ours(v, w, *numbers) for v, w in zip(y, a, strict=True)]
        expected = np.broadcast_to(expression(y, a, *numbers), y.shape)
        np.testing.assert_allclose(found, expected, rtol=1e3 * np.finfo(dtype).eps, atol=100 * np.finfo(dtype).eps)


STEP_RULES = [rule for rule in OPTIMIZERS if issubclass(rule, ElementwiseOptimizer) and rule.tier == 1]


def in_one(prepare, move):
    """In compiled code, where numbers of float32 stay what they are on the way from one to the other."""

    @njit
    def both(elements, numbers):
        return move(*elements, prepare(*numbers))

    return both


@dtypes
@pytest.mark.parametrize("kind", STEP_RULES, ids=lambda rule: rule.name)
def test_a_rule_in_two_is_the_rule(kind, dtype):
    elements = ("theta", "gradient", *kind.remembers)
    parts = split_rule(kind.rule, elements, dtype, elementary_functions(dtype))
    both = in_one(*(njit(part) for part in parts))
    rng, numbers = np.random.default_rng(0), (3.0, 0.1, *kind().scheduled.values())
    arrays = rng.uniform(0.1, 1, (len(elements), 20)).astype(dtype)
    expected = kind.rule(*arrays, *numbers)
    for i in range(20):
        found = both(tuple(arrays[:, i]), numbers)
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs[i], rtol=10 * np.finfo(dtype).eps)
    assert {str(each) for each in both.nopython_signatures[-1].return_type} == {dtype.__name__}


def rule_with_numbers_of_its_own(theta, gradient, number, learning_rate, beta):
    rate = learning_rate / (1 - beta**number)
    half = rate / 2
    return (theta - half * gradient,)


def test_numbers_alone_are_made_in_float64_and_once():
    prepare, move = split_rule(
        rule_with_numbers_of_its_own, ("theta", "gradient"), np.float32, elementary_functions(np.float32)
    )
    (half,) = prepare(np.float64(2), np.float64(0.1), np.float64(0.999))
    assert half == np.float32(0.1 / (1 - 0.999**2) / 2)
    assert move(np.float32(1), np.float32(2), (half,)) == (np.float32(1) - half * np.float32(2),)


def loop_over_a_range(z):
    total = z
    for i in range(3):
        total = total + i
    return total


def unpacked(z):
    low, high = divmod(z, 2)
    return low + high


@pytest.mark.parametrize("expression", [loop_over_a_range, unpacked], ids=lambda e: e.__name__)
def test_what_it_cannot_rewrite_is_refused_and_never_compiled_wrongly(expression):
    with pytest.raises(AssertionError):
        typed_expression(expression, ["z"], np.float32, elementary_functions(np.float32))


def test_constants_can_differ_from_type_to_type():
    single = compiled(polynomial, ["z"], np.float32, {"COEFFICIENTS": (1.0, 2.0)})
    double = compiled(polynomial, ["z"], np.float64, {"COEFFICIENTS": (3.0, 4.0)})
    assert (single(np.float32(2)), double(2.0)) == (4.0, 10.0)
