"""Distances: how far a is from y, averaged over the outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.functions.losses.loss import ElementwiseLoss

__all__ = ["MSE"]


@dataclass(frozen=True)
class MSE(ElementwiseLoss):
    r"""Squared error, averaged over the outputs: (1/k) sum_j (a_j - y_j)^2."""

    name = "mse"
    formula = r"\frac{1}{k} \sum_j (a_j - y_j)^2"
    reduction = "mean"
    target = "value"
    default_output = "identity"

    @staticmethod
    def expression(y: Any, a: Any) -> Any:
        return (a - y) * (a - y)

    @staticmethod
    def derivative_expression(y: Any, a: Any) -> Any:
        return 2 * (a - y)
