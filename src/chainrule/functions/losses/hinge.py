"""The hinge loss: what is on the right side by a margin counts no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.functions.losses.loss import ElementwiseLoss

__all__ = ["Hinge"]


@dataclass(frozen=True)
class Hinge(ElementwiseLoss):
    r"""max(0, 1 - t_j a_j), averaged over the outputs, with t = 2 y - 1: -1 for a y of 0 and 1 for a y of 1.

    An output from 0 on means yes. It is no probability.

    References
    ----------
    Cortes and Vapnik, "Support-vector networks", Machine Learning 20 (1995), eq. 21 to 24: its slack variables.
    """

    name = "hinge"
    formula = r"\frac{1}{k} \sum_j \max(0, 1 - t_j a_j), \; t_j = 2 y_j - 1"
    derivative_formula = r"-\frac{1}{k} t_j \, [t_j a_j < 1]"
    reduction = "mean"
    target = "binary"
    default_output = "identity"
    needs = "real"
    decision_threshold = 0.0
    kinks = (-1.0, 0.0)  # a - y where t a = 1: a = -1 with y = 0, and a = 1 with y = 1
    tier = 2

    @staticmethod
    def expression(y: Any, a: Any) -> Any:
        return np.maximum(1 - (2 * y - 1) * a, 0)

    @staticmethod
    def derivative_expression(y: Any, a: Any) -> Any:
        t = 2 * y - 1
        return -t * (np.sign(1 - t * a) + 1) / 2

    def check_targets(self, y: Array) -> None:
        self._refuse_targets(y, (y != 0) & (y != 1), "takes 0 or 1, and nothing else")
