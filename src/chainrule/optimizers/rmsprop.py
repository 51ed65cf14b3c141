"""RMSprop: steps divided by the recent size of the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["RMSprop"]


@dataclass(frozen=True, kw_only=True)
class RMSprop(ElementwiseOptimizer):
    """v <- rho * v + (1 - rho) * g^2; theta <- theta - learning_rate * g / (sqrt(v) + epsilon), with g = dJ/dtheta.

    Tieleman and Hinton, "Neural networks for machine learning", lecture 6.5, 2012. Epsilon stands outside the root, as
    in PyTorch; nothing is centred, and there is no momentum.

    Parameters
    ----------
    rho : float
        Share of v, the average of the squared gradients, that a step keeps, in [0, 1).
    epsilon : float
        Keeps the divisor from 0; above 0.

    Raises
    ------
    InvalidArgument
        If one is out of its range.
    """

    name = "rmsprop"
    formula = r"v \leftarrow \rho v + (1 - \rho) g^2, \quad \theta \leftarrow \theta - \eta g / (\sqrt v + \epsilon)"
    default_learning_rate = 1e-3
    remembers = ("v",)

    rho: float = 0.9
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        self._check_settings(shares=("rho",), positive=("epsilon",))

    @staticmethod
    def rule(theta: Any, gradient: Any, v: Any, number: Any, learning_rate: Any, rho: Any, epsilon: Any) -> Any:
        v = rho * v + (1 - rho) * gradient * gradient
        return theta - learning_rate * gradient / (np.sqrt(v) + epsilon), v
