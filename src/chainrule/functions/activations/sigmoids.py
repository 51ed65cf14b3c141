"""S-shaped functions, level at both ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.activations.activation import Elementwise

__all__ = ["HardSigmoid", "HardTanh", "Sigmoid", "Tanh"]


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
        return np.maximum(e, np.sign(z)) / (1 + e)

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


@dataclass(frozen=True)
class HardTanh(Elementwise):
    r"""f(z) = z between -1 and 1, and those bounds outside.

    References
    ----------
    Collobert, "Large scale machine learning", PhD thesis, 2004; Collobert et al., "Natural language processing (almost)
    from scratch", JMLR 12 (2011).
    """

    name = "hard_tanh"
    formula = r"\min(\max(z, -1), 1)"
    derivative_formula = r"[-1 < z \le 1]"
    output_range = "symmetric"
    kinks = (-1.0, 1.0)
    tier = 2

    @staticmethod
    def expression(z: Any) -> Any:
        return np.minimum(np.maximum(z, -1), 1)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return np.where((z > -1) & (z <= 1), 0 * z + 1, 0)


@dataclass(frozen=True)
class HardSigmoid(Elementwise):
    r"""f(z) = (z + 3) / 6 between -3 and 3, and 0 and 1 outside, which it reaches.

    References
    ----------
    Howard et al., "Searching for MobileNetV3", ICCV 2019, section 5.2.
    """

    name = "hard_sigmoid"
    formula = r"\tfrac{1}{6} \min(\max(z + 3, 0), 6)"
    derivative_formula = r"\tfrac{1}{6} [-3 < z \le 3]"
    output_range = "closed_probability"
    kinks = (-3.0, 3.0)
    tier = 2

    @staticmethod
    def expression(z: Any) -> Any:
        return np.minimum(np.maximum(z + 3, 0), 6) / 6

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return np.where((z > -3) & (z <= 3), 0 * z + 1, 0) / 6
