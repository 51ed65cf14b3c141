"""Gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["Momentum"]


@dataclass(frozen=True)
class Momentum(ElementwiseOptimizer):
    """velocity <- momentum * velocity + dJ/dtheta; theta <- theta - learning_rate * velocity.

    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, eq. 9, written as in Sutskever
    et al., ICML 2013, and with the learning rate outside the velocity, so that changing the rate acts at once.

    Parameters
    ----------
    momentum : float
        Share of the velocity that a step keeps, in [0, 1).

    Raises
    ------
    InvalidArgument
        If it is outside [0, 1).
    """

    name = "momentum"
    formula = r"v \leftarrow \mu v + g, \quad \theta \leftarrow \theta - \eta v"
    default_learning_rate = 0.05
    remembers = ("velocity",)

    momentum: float = 0.9

    def __post_init__(self) -> None:
        self._check_settings(shares=("momentum",))

    @staticmethod
    def rule(theta: Any, gradient: Any, velocity: Any, number: Any, learning_rate: Any, momentum: Any) -> Any:
        velocity = momentum * velocity + gradient
        return theta - learning_rate * velocity, velocity
