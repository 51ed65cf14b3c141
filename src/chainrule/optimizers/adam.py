"""Adam: momentum, with steps divided by the recent size of the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["Adam"]


@dataclass(frozen=True, kw_only=True)
class Adam(ElementwiseOptimizer):
    """theta <- theta - learning_rate * m^ / (sqrt(v^) + epsilon): averages of g and g^2, less their start at 0.

    m <- beta1 * m + (1 - beta1) * g and v <- beta2 * v + (1 - beta2) * g^2, with g = dJ/dtheta; in step t,
    m^ = m / (1 - beta1^t) and v^ = v / (1 - beta2^t). Kingma and Ba, "Adam: a method for stochastic optimization",
    ICLR 2015, Algorithm 1: epsilon stands outside the root of the corrected v.

    Parameters
    ----------
    beta1, beta2 : float
        Shares of m and of v that a step keeps, in [0, 1).
    epsilon : float
        Keeps the divisor from 0; above 0.

    Raises
    ------
    InvalidArgument
        If one is out of its range.
    """

    name = "adam"
    formula = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad "
        r"\theta \leftarrow \theta - \eta \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}"
    )
    default_learning_rate = 1e-3
    remembers = ("m", "v")

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        self._check_settings(shares=("beta1", "beta2"), positive=("epsilon",))

    @staticmethod
    def rule(
        theta: Any,
        gradient: Any,
        m: Any,
        v: Any,
        number: Any,
        learning_rate: Any,
        beta1: Any,
        beta2: Any,
        epsilon: Any,
    ) -> Any:
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient * gradient
        root = (1 - beta2**number) ** 0.5  # m^ / (sqrt(v^) + epsilon), with the corrections taken to the numbers
        rate = learning_rate * (root / (1 - beta1**number))
        return theta - rate * m / (np.sqrt(v) + epsilon * root), m, v
