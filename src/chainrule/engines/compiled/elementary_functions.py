"""Exponentials, logarithms and the like, written so that a compiler can do many elements at once.

The C library takes them one by one. Here each is a polynomial on a small interval and a power of two, made with
arithmetic alone, so that a loop over them runs in vector registers. They are within a few units in the last place of
NumPy's, and treat infinities and NaN as NumPy's do.

Exponentials are reduced as x = n log 2 + r with |r| <= log(2) / 2, logarithms as u = 2^n m with m from sqrt(1/2) to
sqrt(2) (Muller, "Elementary functions", 3rd edition, 2016, chapter 11), with Taylor polynomials long enough for the
type.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from chainrule.engines.compiled.typed_expression import typed_expression

__all__ = ["elementary_functions"]

LOG2_E = 1 / math.log(2)

CONSTANTS: dict[type, dict[str, Any]] = {
    np.float32: {
        "LOWEST": -104.0,  # exp of less is 0, of more than HIGHEST infinite
        "HIGHEST": 89.0,
        "SATURATION": 20.0,  # tanh of half of it is 1
        "LOG_2_HIGH": 0.693359375,  # 9 bits, so that n times it is exact; the rest of log 2 is in LOG_2_LOW
        "LOG_2_LOW": math.log(2) - 0.693359375,
        "EXPONENTIAL": [1 / math.factorial(k) for k in range(7, 1, -1)],
        "LOGARITHM": [2 / (2 * k + 1) for k in range(4, 0, -1)],
        "SMALLEST_NORMAL": 2.0**-126,
        "LARGE": 2.0**60,
    },
    np.float64: {
        "LOWEST": -746.0,
        "HIGHEST": 710.0,
        "SATURATION": 40.0,
        "LOG_2_HIGH": 0.693147180369123816490,  # 33 bits
        "LOG_2_LOW": 1.90821492927058770002e-10,
        "EXPONENTIAL": [1 / math.factorial(k) for k in range(13, 1, -1)],
        "LOGARITHM": [2 / (2 * k + 1) for k in range(10, 0, -1)],
        "SMALLEST_NORMAL": 2.0**-1022,
        "LARGE": 2.0**60,
    },
}
"""What differs from type to type."""

SUBNORMAL_SHIFT = 2.0**54
"""Brings the numbers below the smallest normal one among the normal ones."""


@cache
def elementary_functions(number_type: type) -> dict[str, Callable[..., Any]]:
    """Functions for one element of float32 or float64, compiled when they are used, by NumPy's names."""
    made: dict[str, Callable[..., Any]] = {}
    bits = _functions_of_bits(number_type)
    for function in (where, minimum, maximum, sign, exp, expm1, tanh, log, log1p):
        elements = set(function.__code__.co_varnames[: function.__code__.co_argcount]) - {"condition"}
        constants = CONSTANTS[number_type] | bits | made
        typed = typed_expression(function, elements, number_type, made | bits, constants)
        made[function.__name__] = njit(typed, fastmath={"contract"}, error_model="numpy", forceinline=True)
    return made


def where(condition: Any, x: Any, y: Any) -> Any:
    """The first where the condition holds, else the second."""
    return x if condition else y


def minimum(x: Any, y: Any) -> Any:
    """The smaller, or NaN where one is NaN."""
    smaller = x if x < y else y
    return x if x != x else smaller


def maximum(x: Any, y: Any) -> Any:
    """The larger, or NaN where one is NaN."""
    larger = x if x > y else y
    return x if x != x else larger


def sign(x: Any) -> Any:
    """1, 0 or -1, or NaN."""
    return np.where(x > 0, 1, np.where(x < 0, -1, x))


def exp(x: Any) -> Any:
    """e^x."""
    c = np.minimum(np.maximum(x, LOWEST), HIGHEST)
    n = np.floor(c * LOG2_E + 0.5)
    r = (c - n * LOG_2_HIGH) - n * LOG_2_LOW
    p = 0.0
    for coefficient in EXPONENTIAL:
        p = p * r + coefficient
    return times_power_of_two(1 + (r + r * r * p), n)


def expm1(x: Any) -> Any:
    """e^x - 1, exact for small x too."""
    c = np.minimum(np.maximum(x, LOWEST), HIGHEST)
    n = np.floor(c * LOG2_E + 0.5)
    r = (c - n * LOG_2_HIGH) - n * LOG_2_LOW
    p = 0.0
    for coefficient in EXPONENTIAL:
        p = p * r + coefficient
    q = r + r * r * p
    exact = times_power_of_two(q, n) + (times_power_of_two(1.0 + 0 * r, n) - 1)
    return np.where(c > 60, times_power_of_two(1 + q, n), exact)  # 2^n alone is infinite before e^x is


def tanh(x: Any) -> Any:
    """The hyperbolic tangent: with t = e^(-2 |x|) - 1, it is -t / (t + 2), and its sign that of x.

    It is 1 from so small an x on that `expm1` and its care for the ends of the range would be more than is needed.
    """
    u = np.minimum(2 * np.abs(x), SATURATION)
    n = np.floor(0.5 - u * LOG2_E)
    r = (-u - n * LOG_2_HIGH) - n * LOG_2_LOW
    p = 0.0
    for coefficient in EXPONENTIAL:
        p = p * r + coefficient
    scale = power_of_two(n)
    t = scale * (r + r * r * p) + (scale - 1)
    size = -t / (t + 2)
    return np.where(x < 0, -size, size)


def log(u: Any) -> Any:
    """The natural logarithm; with s = (m - 1) / (m + 1), that of m is 2 s + 2/3 s^3 + 2/5 s^5 + ..."""
    small = u < SMALLEST_NORMAL
    normal = np.where(small, u * SUBNORMAL_SHIFT, u)
    n, m = exponent(normal), mantissa(normal)
    large = m > 1.4142135623730951
    n = np.where(small, n - 54, n)
    n = np.where(large, n + 1, n)
    m = np.where(large, m * 0.5, m)
    s = (m - 1) / (m + 1)
    p = 0.0
    for coefficient in LOGARITHM:
        p = p * (s * s) + coefficient
    value = n * LOG_2_HIGH + (2 * s + (s * (s * s) * p + n * LOG_2_LOW))
    value = np.where(u == 0, -np.inf, value)
    value = np.where(u == np.inf, u, value)
    return np.where(u >= 0, value, np.nan + 0 * u)


def log1p(x: Any) -> Any:
    """log(1 + x), exact for small x too: what 1 + x loses of x is put back by the slope of the logarithm."""
    u = 1 + x
    value = np.log(u)
    return np.where((u > 0) & (u < LARGE), value + (x - (u - 1)) / u, value)


def _functions_of_bits(number_type: type) -> dict[str, Callable[..., Any]]:
    """What is done with exponents and mantissas as whole numbers."""
    whole, digits, bias = (np.int32, 23, 127) if number_type is np.float32 else (np.int64, 52, 1023)
    mask, one = whole((1 << digits) - 1), whole(bias << digits)

    @njit(fastmath={"contract"}, forceinline=True)
    def times_power_of_two(p: Any, n: Any) -> Any:
        """The product of p and 2^n, in two steps, since 2^n alone may be out of range."""
        i = whole(n if n == n else number_type(0))
        half = whole(i >> 1)
        first = _from_bits(whole(whole(half + bias) << digits))
        second = _from_bits(whole(whole(whole(i - half) + bias) << digits))
        return p * first * second

    @njit(forceinline=True)
    def power_of_two(n: Any) -> Any:
        """2^n, where it is neither too large nor too small for a normal number."""
        return _from_bits(whole(whole(whole(n if n == n else number_type(0)) + bias) << digits))

    @njit(forceinline=True)
    def exponent(u: Any) -> Any:
        """The n of u = 2^n m, with m from 1 to 2."""
        return number_type(whole((_bits(u) >> digits) - bias))

    @njit(forceinline=True)
    def mantissa(u: Any) -> Any:
        """The m of u = 2^n m, with m from 1 to 2."""
        return _from_bits(whole((_bits(u) & mask) | one))

    of_powers = {"power_of_two": power_of_two, "times_power_of_two": times_power_of_two}
    return of_powers | {"exponent": exponent, "mantissa": mantissa}


@intrinsic
def _bits(typing_context: Any, number: Any) -> Any:
    """The bits of a float as a whole number of its size."""
    size = number.bitwidth

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(size))

    return (types.int32 if size == 32 else types.int64)(number), generate


@intrinsic
def _from_bits(typing_context: Any, bits: Any) -> Any:
    """The float with these bits."""
    size = bits.bitwidth

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType() if size == 32 else ir.DoubleType())

    return (types.float32 if size == 32 else types.float64)(bits), generate
