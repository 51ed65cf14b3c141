"""Compiled exponentials, logarithms and the like, beside NumPy's in long double, in units of the last place."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from chainrule.engines.compiled.elementary_functions import elementary_functions

MOST_ULP = {"exp": 2, "expm1": 4, "tanh": 4, "log": 2, "log1p": 4}
"""What a function may be off in units of the last place, at any argument."""

dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


def magnitudes(dtype):
    """Both signs, from the smallest number to the largest, dense where exponentials are neither 0 nor infinite."""
    info, rng = np.finfo(dtype), np.random.default_rng(1)
    exponents = np.linspace(np.log2(float(info.smallest_subnormal)), np.log2(float(info.max)) - 1e-3, 20_000)
    spread = np.exp2(exponents) * rng.uniform(0.5, 1, exponents.size)
    dense = np.concatenate([rng.uniform(0, 1, 20_000), rng.uniform(0, 120, 20_000), rng.uniform(0, 760, 20_000)])
    near_one = 1 + rng.uniform(-0.5, 1, 20_000) * np.exp2(rng.uniform(-52, 0, 20_000))
    x = np.concatenate([spread, dense, near_one, [info.smallest_subnormal, info.tiny, info.max, info.eps, 1, 0.5]])
    with np.errstate(under="ignore"):
        return np.unique(np.concatenate([x, -x]).astype(dtype))


def applied(name, dtype):
    """The function over an array, in a loop as the engine compiles it."""
    f = elementary_functions(dtype)[name]

    @njit(fastmath={"contract", "nsz"}, error_model="numpy")
    def over(x):
        y = np.empty_like(x)
        for i in range(x.size):
            y[i] = f(x[i])
        return y

    return over


def ulp_off(found, exact, dtype):
    """How many units of the last place, those of subnormal numbers at the least, a number is off."""
    info = np.finfo(dtype)
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(exact), np.longdouble(info.tiny))
        unit = np.exp2(np.floor(np.log2(size))) * np.longdouble(info.eps)
        return np.abs(found.astype(np.longdouble) - exact) / unit


@dtypes
@pytest.mark.parametrize("name", MOST_ULP)
def test_within_units_in_the_last_place_over_all_magnitudes_and_signs(name, dtype):
    x = magnitudes(dtype)
    if name in ("log", "log1p"):
        x = x[x > (-1 if name == "log1p" else 0)]
    found = applied(name, dtype)(x)
    assert found.dtype == dtype
    with np.errstate(all="ignore"):
        exact = getattr(np, name)(x.astype(np.longdouble))
        within = np.abs(exact) <= np.longdouble(np.finfo(dtype).max)
    assert (found[~within] == np.where(exact[~within] > 0, np.inf, -np.inf)).all()
    off = ulp_off(found[within], exact[within], dtype)
    worst = off.argmax()
    assert off[worst] <= MOST_ULP[name], (x[within][worst], found[within][worst], exact[within][worst])


@dtypes
@pytest.mark.parametrize("name", [*MOST_ULP, "sign"])
def test_infinities_zeros_and_nan_are_numpys(name, dtype):
    x = np.array([np.inf, -np.inf, 0.0, np.nan, -1.0, 1.0, -2.0], dtype)
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x)
    found = applied(name, dtype)(x)
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps)
    assert (np.isnan(found) == np.isnan(expected)).all()


@dtypes
@pytest.mark.parametrize("name", ["minimum", "maximum"])
def test_the_smaller_and_the_larger_keep_nan_from_either_side(name, dtype):
    f = elementary_functions(dtype)[name]
    numbers = [dtype(v) for v in (-np.inf, -1.0, 0.0, 2.0, np.inf, np.nan)]
    for x in numbers:
        for y in numbers:
            np.testing.assert_array_equal(f(x, y), getattr(np, name)(x, y), f"{x} {y}")


def test_where_takes_the_first_where_the_condition_holds():
    where = elementary_functions(np.float64)["where"]
    assert (where(True, 1.0, 2.0), where(False, 1.0, 2.0)) == (1.0, 2.0)


@dtypes
def test_a_function_gives_an_element_the_same_wherever_it_stands_in_an_array(dtype):
    x = np.random.default_rng(0).normal(size=100).astype(dtype)
    for name in MOST_ULP:
        over = applied(name, dtype)
        one_by_one = np.concatenate([over(np.abs(x[i : i + 1])) for i in range(100)])
        np.testing.assert_array_equal(over(np.abs(x)), one_by_one, name)
