"""The Poisson loss: y is a count, and a is its mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.functions.losses.loss import ElementwiseLoss

__all__ = ["Poisson"]

SMALLEST_MEAN = 1e-30
"""Below this a, the logarithm goes on as a straight line: an a that has underflowed to 0 has a loss and a slope."""


@dataclass(frozen=True)
class Poisson(ElementwiseLoss):
    r"""The negative log-likelihood of counts y with the means a, without its term log y!: sum_j (a_j - y_j log a_j).

    y may be any number from 0 up. After an exponential it is computed from z = log a, with delta = a - y.

    References
    ----------
    McCullagh and Nelder, "Generalized linear models", 1989, section 6.2.
    """

    name = "poisson"
    formula = r"\sum_j (a_j - y_j \log a_j)"
    derivative_formula = r"1 - \frac{y_j}{a_j}; \; \text{after } e^z: \; \frac{\partial}{\partial z_j} = a_j - y_j"
    reduction = "sum"
    target = "value"
    default_output = "exponential"
    needs = "positive"
    logit_output = "exponential"

    @staticmethod
    def expression(y: Any, a: Any) -> Any:
        mean = np.maximum(a, SMALLEST_MEAN)
        return a - y * (np.log(mean) + (a - mean) / mean)

    @staticmethod
    def derivative_expression(y: Any, a: Any) -> Any:
        return 1 - y / np.maximum(a, SMALLEST_MEAN)

    @staticmethod
    def logit_expression(y: Any, z: Any) -> Any:
        return np.exp(z) - y * z

    @staticmethod
    def logit_derivative_expression(y: Any, z: Any, a: Any) -> Any:
        return a - y

    def check_targets(self, y: Array) -> None:
        self._refuse_targets(y, y < 0, "takes counts, which are not negative")
