"""Nesterov's accelerated gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["Nesterov"]


@dataclass(frozen=True)
class Nesterov(ElementwiseOptimizer):
    """velocity <- momentum * velocity + g; theta <- theta - learning_rate * (g + momentum * velocity), g = dJ/dtheta.

    Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k^2)", 1983, in the form of
    Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, eq. 3-4, written
    for the parameters at which the gradient is taken (Bengio et al., "Advances in optimizing recurrent networks", 2013,
    eq. 6-7), as PyTorch's ``SGD(nesterov=True)`` does.

    Parameters
    ----------
    momentum : float
        Share of the velocity that a step keeps, in [0, 1).

    Raises
    ------
    InvalidArgument
        If it is outside [0, 1).
    """

    name = "nesterov"
    formula = r"v \leftarrow \mu v + g, \quad \theta \leftarrow \theta - \eta (g + \mu v)"
    default_learning_rate = 0.05
    remembers = ("velocity",)

    momentum: float = 0.9

    def __post_init__(self) -> None:
        self._check_settings(shares=("momentum",))

    @staticmethod
    def rule(theta: Any, gradient: Any, velocity: Any, number: Any, learning_rate: Any, momentum: Any) -> Any:
        velocity = momentum * velocity + gradient
        return theta - learning_rate * (gradient + momentum * velocity), velocity
