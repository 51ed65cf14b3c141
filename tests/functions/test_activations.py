"""Every activation in the catalogue, in one table: a new one is covered the day it is added."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chainrule.functions.activations import ACTIVATIONS, Elementwise, Relu, Sigmoid, Softmax

ALL = [activation() for activation in ACTIVATIONS]
ELEMENTWISE = [activation for activation in ALL if isinstance(activation, Elementwise)]

activations = pytest.mark.parametrize("f", ALL, ids=str)
elementwise = pytest.mark.parametrize("f", ELEMENTWISE, ids=str)
moderate = arrays(np.float64, (3, 4), elements=st.floats(-20, 20, width=32))


@activations
@given(z=moderate, d_a=moderate)
def test_backward_is_the_numerical_derivative(f, z, d_a):
    near_kink = min((np.abs(z - kink).min() for kink in f.kinks), default=1.0)
    if near_kink < 1e-3:
        z = z + 2e-3 * (np.abs(z) < 1e-3) * np.where(z < 0, -1, 1)
    h = 1e-5
    numerical = np.empty_like(z)
    for index in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[index] = h
        numerical[index] = (d_a * (f.f(z + step) - f.f(z - step))).sum() / (2 * h)
    found = f.backward(d_a, z, f.f(z))
    np.testing.assert_allclose(found, numerical, rtol=1e-6, atol=1e-7 * (1 + np.abs(d_a).max()))


@elementwise
@given(z=st.floats(-800, 800))
def test_the_expressions_give_the_same_for_one_number_as_for_an_array(f, z):
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
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_inputs_neither_overflow_nor_change_the_dtype_nor_are_written_to(f, dtype):
    z = np.array([[-1e3, 0, 1e3], [1e3, 1e3, -1e3]], dtype)
    z.flags.writeable = False
    a = f.f(z)
    a.flags.writeable = False
    delta = f.backward(np.ones_like(z), z, a)
    assert a.dtype == delta.dtype == dtype
    assert a.shape == delta.shape == z.shape
    assert np.isfinite(a).all()
    assert np.isfinite(delta).all()
    assert not np.shares_memory(a, z)


@activations
@given(z=arrays(np.float64, (2, 3), elements=st.floats(-1e3, 1e3)))
def test_outputs_lie_where_the_activation_says(f, z):
    a = f.f(z)
    low, high = {
        "real": (-np.inf, np.inf),
        "nonnegative": (0, np.inf),
        "symmetric": (-1, 1),
        "probability": (0, 1),
        "distribution": (0, 1),
    }[f.output_range]
    assert ((a >= low) & (a <= high)).all()
    if f.output_range == "distribution":
        np.testing.assert_allclose(a.sum(axis=-1), 1)


def test_sigmoid_keeps_the_digits_of_small_values():
    assert Sigmoid().f(np.array([-40.0]))[0] == pytest.approx(np.exp(-40), rel=1e-14)


def test_relu_has_the_derivative_0_at_0():
    z = np.array([-1.0, 0.0, 2.0])
    assert Relu().derivative(z, Relu().f(z)).tolist() == [0, 0, 1]


def test_softmax_is_taken_over_each_row():
    a = Softmax().f(np.array([[0.0, 0.0], [0.0, np.log(3)]]))
    np.testing.assert_allclose(a, [[0.5, 0.5], [0.25, 0.75]])


@activations
def test_every_activation_says_its_formulas_and_its_initializer(f):
    assert f.formula
    assert f.derivative_formula
    assert ACTIVATIONS.resolve(f.name) == f == ACTIVATIONS.resolve(type(f)) == ACTIVATIONS.resolve(f)
