"""Stochastic gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["SGD"]


@dataclass(frozen=True)
class SGD(ElementwiseOptimizer):
    """theta <- theta - learning_rate * dJ/dtheta: the post's rule.

    Robbins and Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22 (1951).
    """

    name = "sgd"
    formula = r"\theta \leftarrow \theta - \eta g"
    default_learning_rate = 0.1

    @staticmethod
    def rule(theta: Any, gradient: Any, number: Any, learning_rate: Any) -> Any:
        return (theta - learning_rate * gradient,)
