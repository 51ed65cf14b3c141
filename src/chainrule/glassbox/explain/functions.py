"""The functions and relations that occur in formulas, computed for one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["FUNCTIONS", "LINEAR", "RELATIONS", "UFUNCS"]


def _phi(z: np.float64) -> float:
    return math.exp(-(float(z) ** 2) / 2) / math.sqrt(2 * math.pi)


def _cumulative(z: np.float64) -> float:
    return math.erfc(-float(z) / math.sqrt(2)) / 2


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "cosh": np.cosh,
    "sinh": np.sinh,
    "abs": np.abs,
    "sign": np.sign,
    "max": max,
    "min": min,
    "sigma": lambda z: 1 / (1 + np.exp(-z)),
    "Phi": _cumulative,
    "phi": _phi,
}
"""The functions that occur in formulas: sigma is the sigmoid, phi the density of the normal distribution, Phi its
distribution function."""

UFUNCS = {
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "tanh": "tanh",
    "cosh": "cosh",
    "sinh": "sinh",
    "absolute": "abs",
    "sign": "sign",
    "maximum": "max",
    "minimum": "min",
}
"""NumPy's names of them."""

LINEAR = ("abs", "max", "min")
"""Functions of whose arguments the largest may be lost in the value, though its rounding is in it."""

RELATIONS: dict[str, Callable[[float, float], bool]] = {
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}
"""What an indicator asks of two numbers."""
