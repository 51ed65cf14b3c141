"""Adagrad: steps divided by the size of all gradients so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["Adagrad"]


@dataclass(frozen=True, kw_only=True)
class Adagrad(ElementwiseOptimizer):
    """v <- v + g^2; theta <- theta - learning_rate * g / (sqrt(v) + epsilon), with g = dJ/dtheta.

    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 2011,
    figure 1 with a diagonal matrix. Steps only ever become smaller, most where gradients are large; a parameter with
    rare gradients, such as that of a rare category, keeps large ones.

    Parameters
    ----------
    epsilon : float
        Keeps the divisor from 0; above 0.

    Raises
    ------
    InvalidArgument
        If it is not above 0.
    """

    name = "adagrad"
    formula = r"v \leftarrow v + g^2, \quad \theta \leftarrow \theta - \eta g / (\sqrt v + \epsilon)"
    tier = 2
    default_learning_rate = 1e-2
    remembers = ("v",)

    epsilon: float = 1e-10

    def __post_init__(self) -> None:
        self._check_settings(positive=("epsilon",))

    @staticmethod
    def rule(theta: Any, gradient: Any, v: Any, number: Any, learning_rate: Any, epsilon: Any) -> Any:
        v = v + gradient * gradient
        return theta - learning_rate * gradient / (np.sqrt(v) + epsilon), v
