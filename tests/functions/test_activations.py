"""Every activation in the catalogue, in one table: a new one is covered the day it is added."""

from __future__ import annotations

import dataclasses
import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chainrule.errors import ChainruleError
from chainrule.functions.activations import (
    ACTIVATIONS,
    Elementwise,
    Elu,
    Exponential,
    Gelu,
    GeluTanh,
    HardSigmoid,
    HardTanh,
    LeakyRelu,
    Mish,
    Relu,
    Selu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
)

ALL = [activation() for activation in ACTIVATIONS]
ELEMENTWISE = [activation for activation in ALL if isinstance(activation, Elementwise)]
WITH_SETTINGS = [LeakyRelu(0.3), Elu(0.5), Elu(2.0)]

activations = pytest.mark.parametrize("f", [*ALL, *WITH_SETTINGS], ids=repr)
elementwise = pytest.mark.parametrize("f", [*ELEMENTWISE, *WITH_SETTINGS], ids=repr)
moderate = arrays(np.float64, (3, 4), elements=st.floats(-20, 20, width=32))


def furthest(f, dtype=np.float64) -> float:
    """The largest z at which f is looked at: an exponential beyond its dtype is infinite, and is meant to be."""
    return np.log(np.finfo(dtype).max) * 0.99 if isinstance(f, Exponential) else 1e3


def away_from_kinks(f, z, distance=2e-3):
    for kink in f.kinks:
        z = np.where(np.abs(z - kink) < distance, kink + distance * np.where(z < kink, -1, 1), z)
    return z


@activations
@given(z=moderate, d_a=moderate)
def test_backward_is_the_numerical_derivative(f, z, d_a):
    z, h = away_from_kinks(f, z), 1e-5
    numerical = np.empty_like(z)
    for index in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[index] = h
        numerical[index] = (d_a * (f.f(z + step) - f.f(z - step))).sum() / (2 * h)
    a = f.f(z)
    # the difference carries the rounding of f, and a term of the order h^2
    tolerance = 1e-7 * (1 + np.abs(d_a).max()) * (1 + np.abs(a).max() / 20)
    np.testing.assert_allclose(f.backward(d_a, z, a), numerical, rtol=1e-6, atol=tolerance)


@elementwise
@given(z=st.floats(-800, 800))
def test_the_expressions_give_the_same_for_one_number_as_for_an_array(f, z):
    z = min(z, furthest(f))
    a = f.expression(z, *f.settings)
    assert f.f(np.array([z]))[0] == pytest.approx(float(a), rel=1e-15, abs=1e-300)
    slope = f.derivative_expression(z, float(a), *f.settings)
    assert f.derivative(np.array([z]), np.array([float(a)]))[0] == pytest.approx(float(slope), rel=1e-15, abs=1e-300)


@elementwise
def test_the_expressions_can_be_compiled_as_they_are(f):
    z = np.linspace(-30, 30, 61)
    forward, slope = numba.njit(f.expression), numba.njit(f.derivative_expression)
    compiled = np.array([forward(value, *f.settings) for value in z])
    np.testing.assert_allclose(compiled, f.f(z), rtol=1e-14)
    slopes = np.array([slope(value, a, *f.settings) for value, a in zip(z, compiled, strict=True)])
    np.testing.assert_allclose(slopes, f.derivative(z, compiled), rtol=1e-14)


@activations
@pytest.mark.parametrize(
    ("dtype", "huge"), [(np.float32, 1e3), (np.float64, 1e3), (np.float32, 1e30), (np.float64, 1e300)]
)
def test_huge_inputs_neither_overflow_nor_change_the_dtype_nor_are_written_to(f, dtype, huge):
    z = np.array([[-huge, 0, huge], [huge, huge, -huge]], dtype)
    if isinstance(f, Exponential):
        z = np.minimum(z, dtype(furthest(f, dtype)))
    z.flags.writeable = False
    a = f.f(z)
    a.flags.writeable = False
    delta = f.backward(np.ones_like(z), z, a)
    assert a.dtype == delta.dtype == dtype
    assert a.shape == delta.shape == z.shape
    assert np.isfinite(a).all()
    assert np.isfinite(delta).all()
    assert not np.shares_memory(a, z)
    if isinstance(f, Elementwise):
        slope = f.derivative(z, a)
        assert slope.dtype == dtype
        assert not np.shares_memory(slope, a)


@activations
@given(z=arrays(np.float64, (2, 3), elements=st.floats(-1e3, 1e3)))
def test_outputs_lie_where_the_activation_says(f, z):
    a = f.f(np.minimum(z, furthest(f)))
    low, high = {
        "real": (-np.inf, np.inf),
        "bounded_below": (-4, np.inf),
        "nonnegative": (0, np.inf),
        "positive": (0, np.inf),
        "symmetric": (-1, 1),
        "closed_probability": (0, 1),
        "probability": (0, 1),
        "distribution": (0, 1),
    }[f.output_range]
    assert ((a >= low) & (a <= high)).all()
    if f.output_range == "distribution":
        np.testing.assert_allclose(a.sum(axis=-1), 1)


@activations
def test_the_range_is_no_wider_than_it_is_said_to_be(f):
    a = f.f(np.linspace(-30, 30, 601).reshape(1, -1)) if isinstance(f, Elementwise) else f.f(np.array([[-30.0, 30.0]]))
    assert (a.min() < 0) == (f.output_range in ("real", "bounded_below", "symmetric"))
    assert (a.min() < -5) == (f.output_range == "real" and f != LeakyRelu())
    assert (a.max() > 1) == (f.output_range in ("real", "bounded_below", "nonnegative", "positive"))
    assert (a.min() == 0) == (f.output_range in ("nonnegative", "closed_probability"))


@elementwise
def test_the_kinks_are_where_f_or_its_derivatives_jump(f):
    h = 1e-3
    z = np.linspace(-4, 4, 801) + 0.2 * h  # differences that lie evenly about a corner may not see it
    third = f.f(z + 1.5 * h) - 3 * f.f(z + 0.5 * h) + 3 * f.f(z - 0.5 * h) - f.f(z - 1.5 * h)
    jumps = z[np.abs(third) > 0.2 * h**2]  # where f is smooth, it is h^3 times its third derivative
    np.testing.assert_allclose(jumps, f.kinks, atol=h)


@pytest.mark.parametrize("f", [f for f in ELEMENTWISE if f.kinks], ids=repr)
def test_the_derivative_at_a_kink_is_that_from_the_left(f):
    z = np.array(f.kinks)
    np.testing.assert_allclose(f.derivative(z, f.f(z)), f.derivative(z - 1e-9, f.f(z - 1e-9)), rtol=1e-6)


SMALL = {
    Sigmoid(): (-40.0, math.exp(-40)),
    Softplus(): (-40.0, math.exp(-40)),
    Silu(): (-700.0, -700 * math.exp(-700)),
    GeluTanh(): (-8.0, -8 * math.exp(-2 * math.sqrt(2 / math.pi) * 8 * (1 + 0.044715 * 64))),
    Mish(): (-40.0, -40 * math.exp(-40)),
    Elu(): (-1e-20, -1e-20),
    Selu(): (-1e-20, -1e-20 * 1.0507009873554805 * 1.6732632423543772),
}


@pytest.mark.parametrize(("f", "z", "expected"), [(f, *case) for f, case in SMALL.items()], ids=str)
def test_small_values_keep_their_digits(f, z, expected):
    assert f.f(np.array([z]))[0] == pytest.approx(expected, rel=5e-14, abs=0)


def test_the_exact_gelu_has_15_digits_everywhere():
    z = np.concatenate([np.linspace(-37, 12, 4901), [-1e-20, 1e-20, -1e3, 1e3]])
    expected = np.array([value / 2 * math.erfc(-value / math.sqrt(2)) for value in z])
    # the error function's argument z / sqrt(2) is rounded itself, which costs z^2 roundings in the tail
    np.testing.assert_allclose(Gelu().f(z), expected, rtol=2e-16 * (4 + 37**2))
    near = np.abs(z) < 3
    np.testing.assert_allclose(Gelu().f(z)[near], expected[near], rtol=4e-15)
    single = z.astype(np.float32)
    exact = Gelu().f(single.astype(np.float64))
    np.testing.assert_allclose(Gelu().f(single), exact, rtol=1e-6, atol=1e-40)


@pytest.mark.parametrize(
    ("x", "digits"),
    [  # Q(x), the probability above x, to 20 digits; computed with mpmath 1.3.0 as erfc(x / sqrt(2)) / 2
        (0.25, "0.40129367431707627576"),
        (1, "0.15865525393145705141"),
        (2.5, "0.006209665325776135167"),
        (5, "2.8665157187919391167e-7"),
        (10, "7.619853024160526066e-24"),
        (20, "2.7536241186062336951e-89"),
        (30, "4.9067139271481870595e-198"),
        (37, "5.7255712225245768227e-300"),
    ],
)
def test_the_tail_of_the_normal_distribution_is_right_far_out(x, digits):
    assert -Gelu().f(np.array([-x]))[0] / x == pytest.approx(float(digits), rel=1.5e-15, abs=0)


def test_the_derivative_of_gelu_is_right_where_a_over_z_is_not():
    z = np.array([0.0, -0.0, 5e-324, -1e-310, 1e-40])
    np.testing.assert_array_equal(Gelu().derivative(z, Gelu().f(z)), 0.5)
    np.testing.assert_array_equal(Gelu().derivative(z.astype(np.float32), Gelu().f(z.astype(np.float32))), 0.5)


@pytest.mark.parametrize("f", [Gelu(), GeluTanh(), Silu(), Mish()], ids=str)
def test_gates_are_shut_or_open_for_numbers_whose_powers_overflow(f):
    for z in (np.array([-1e200, 1e200]), np.array([-3e19, 3e19], np.float32)):
        a = f.f(z)
        np.testing.assert_array_equal(a, [0, z[1]])
        np.testing.assert_array_equal(f.derivative(z, a), [0, 1])


def test_gelu_and_its_tanh_form_are_close():
    z = np.linspace(-6, 6, 1201)
    difference = np.abs(Gelu().f(z) - GeluTanh().f(z)).max()
    assert 1e-4 < difference < 5e-4


def test_relu_has_the_derivative_0_at_0():
    z = np.array([-1.0, 0.0, 2.0])
    assert Relu().derivative(z, Relu().f(z)).tolist() == [0, 0, 1]


def test_hard_functions_have_the_slope_of_their_middle_and_reach_their_bounds():
    z = np.array([-4.0, -1.0, 0.5, 1.0, 4.0])
    np.testing.assert_allclose(HardTanh().f(z), [-1, -1, 0.5, 1, 1])
    np.testing.assert_allclose(HardTanh().derivative(z, HardTanh().f(z)), [0, 0, 1, 1, 0])
    np.testing.assert_allclose(HardSigmoid().f(z), [0, 2 / 6, 3.5 / 6, 4 / 6, 1])
    np.testing.assert_allclose(HardSigmoid().derivative(z, HardSigmoid().f(z)), [0, 1 / 6, 1 / 6, 1 / 6, 0])


def test_softmax_is_taken_over_each_row():
    a = Softmax().f(np.array([[0.0, 0.0], [0.0, np.log(3)]]))
    np.testing.assert_allclose(a, [[0.5, 0.5], [0.25, 0.75]])


def test_an_exponential_that_overflows_is_infinite():
    with np.errstate(over="ignore"):
        assert Exponential().f(np.array([1e3]))[0] == np.inf


@activations
def test_every_activation_says_its_formulas_and_its_initializer(f):
    assert f.formula
    assert f.derivative_formula
    again = type(f)(**{field.name: getattr(f, field.name) for field in dataclasses.fields(f)})
    assert again == f
    assert hash(again) == hash(f)
    assert ACTIVATIONS.resolve(f.name) == type(f)() == ACTIVATIONS.resolve(type(f))
    assert ACTIVATIONS.resolve(f) is f


def test_the_tiers_are_those_of_the_design():
    assert {f.name for f in ALL if f.tier == 2} == {"mish", "hard_tanh", "hard_sigmoid"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LeakyRelu(1.0), "slope of LeakyRelu must be a finite number above 0 and below 1, not 1.0"),
        (lambda: LeakyRelu(0), "slope of LeakyRelu"),
        (lambda: LeakyRelu(np.nan), "slope of LeakyRelu"),
        (lambda: LeakyRelu("a"), "slope of LeakyRelu .* not 'a'"),
        (lambda: Elu(0), "alpha of Elu must be a finite number above 0, not 0"),
        (lambda: Elu(np.inf), "alpha of Elu"),
    ],
)
def test_settings_out_of_their_range_are_refused(make, message):
    with pytest.raises(ChainruleError, match=message):
        make()
