"""S-shaped functions, level at both ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.activations.activation import Elementwise

__all__ = ["Sigmoid", "Tanh"]


@dataclass(frozen=True)
class Sigmoid(Elementwise):
    r"""f(z) = 1 / (1 + exp(-z)), written so that no z overflows and small values keep their digits."""

    name = "sigmoid"
    formula = r"\frac{1}{1 + e^{-z}}"
    derivative_formula = r"a (1 - a)"
    output_range = "probability"

    @staticmethod
    def expression(z: Any) -> Any:
        e = np.exp(-np.abs(z))  # at most 1
        return np.where(z >= 0, 1, e) / (1 + e)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return a * (1 - a)


@dataclass(frozen=True)
class Tanh(Elementwise):
    r"""f(z) = tanh(z), the hyperbolic tangent."""

    name = "tanh"
    formula = r"\tanh z"
    derivative_formula = r"1 - a^2"
    output_range = "symmetric"

    @staticmethod
    def expression(z: Any) -> Any:
        return np.tanh(z)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return 1 - a * a
