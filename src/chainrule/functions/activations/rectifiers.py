"""Rectifiers: straight above 0, and bent towards 0 or a bound below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.activations.activation import Elementwise

__all__ = ["Relu"]


@dataclass(frozen=True)
class Relu(Elementwise):
    r"""f(z) = max(0, z), the rectified linear unit; at 0, its derivative is 0.

    References
    ----------
    Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
    """

    name = "relu"
    formula = r"\max(0, z)"
    derivative_formula = r"[z > 0]"
    output_range = "nonnegative"
    kinks = (0.0,)
    default_initializer = "he_normal"

    @staticmethod
    def expression(z: Any) -> Any:
        return np.maximum(z, 0)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return np.sign(a)  # a is z where z > 0, else 0: its sign is the 1 or 0 wanted, in the dtype of a
