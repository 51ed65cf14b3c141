"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout
from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["NAdam"]


@dataclass(frozen=True, kw_only=True)
class NAdam(ElementwiseOptimizer):
    """Adam with the momentum of the step to come, as in Nesterov's method, and a momentum that grows to beta1.

    mu_t = beta1 * (1 - 0.96^(t * momentum_decay) / 2), and the step is
    (mu_(t+1) * m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) * g / (1 - mu_1 ... mu_t)) / (sqrt(v^) + epsilon), with m, v
    and v^ as in Adam. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016, Algorithm 2, with the
    average m weighted by a constant beta1, as in PyTorch.

    Parameters
    ----------
    beta1, beta2 : float
        Shares of m and of v that a step keeps, in [0, 1).
    epsilon : float
        Keeps the divisor from 0; above 0.
    momentum_decay : float
        How fast the momentum grows, at least 0; psi in the formula.

    Raises
    ------
    InvalidArgument
        If one is out of its range.
    """

    name = "nadam"
    formula = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad "
        r"\mu_t = \beta_1 (1 - \tfrac{1}{2} 0.96^{t \psi}), \quad \theta \leftarrow \theta - \eta \left( "
        r"\frac{\mu_{t+1} m}{1 - \prod_{i \le t+1} \mu_i} + \frac{(1 - \mu_t) g}{1 - \prod_{i \le t} \mu_i} "
        r"\right) \Big/ \left( \sqrt{v / (1 - \beta_2^t)} + \epsilon \right)"
    )
    tier = 2
    default_learning_rate = 1e-3
    remembers = ("m", "v", "product")

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    momentum_decay: float = 4e-3

    def __post_init__(self) -> None:
        self._check_settings(shares=("beta1", "beta2"), positive=("epsilon",), not_negative=("momentum_decay",))

    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        # the product of all mu is one number for a network; beta1 may be scheduled, so that no formula gives it
        product = np.ones((*theta.shape[:-1], 1), theta.dtype)
        return {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "product": product}

    @staticmethod
    def rule(
        theta: Any,
        gradient: Any,
        m: Any,
        v: Any,
        product: Any,
        number: Any,
        learning_rate: Any,
        beta1: Any,
        beta2: Any,
        epsilon: Any,
        momentum_decay: Any,
    ) -> Any:
        mu = beta1 * (1 - 0.5 * 0.96 ** (number * momentum_decay))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((number + 1) * momentum_decay))
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient * gradient
        product = product * mu
        ahead = mu_next / (1 - product * mu_next) * m + (1 - mu) / (1 - product) * gradient
        return theta - learning_rate * ahead / (np.sqrt(v / (1 - beta2**number)) + epsilon), m, v, product
