"""The exponential: the mean of a count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.activations.activation import Elementwise

__all__ = ["Exponential"]


@dataclass(frozen=True)
class Exponential(Elementwise):
    r"""f(z) = exp(z): the output of a network whose y are counts, with the Poisson loss. Above a z of 709 (88 in
    float32) it is infinite.

    References
    ----------
    McCullagh and Nelder, "Generalized linear models", 1989, section 6.2: the inverse of the logarithmic link.
    """

    name = "exponential"
    formula = r"e^z"
    derivative_formula = r"a"
    output_range = "positive"

    @staticmethod
    def expression(z: Any) -> Any:
        return np.exp(z)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return a + 0  # a new array, as everywhere
