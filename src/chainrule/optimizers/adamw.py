"""AdamW: Adam, and weights that decay on their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout
from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["AdamW"]


@dataclass(frozen=True, kw_only=True)
class AdamW(ElementwiseOptimizer):
    """Adam's step, and theta <- theta - learning_rate * decay * theta on weights, never on biases and scales.

    Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, Algorithm 2, with the learning rate as
    the schedule multiplier, as in PyTorch. The decay is no term of J: an L2 penalty's gradient would be divided by
    sqrt(v) like any other, and large gradients would shield their weights from it.

    Parameters
    ----------
    beta1, beta2 : float
        Shares of m and of v that a step keeps, in [0, 1).
    epsilon : float
        Keeps the divisor from 0; above 0.
    decay : float
        Share of a weight, times the learning rate, that each step takes away; at least 0.

    Raises
    ------
    InvalidArgument
        If one is out of its range.
    """

    name = "adamw"
    formula = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad "
        r"\theta \leftarrow \theta - \eta \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon} "
        r"- \eta \lambda [w] \theta"
    )
    default_learning_rate = 1e-3
    remembers = ("m", "v", "decays")

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    decay: float = 0.01

    def __post_init__(self) -> None:
        self._check_settings(shares=("beta1", "beta2"), positive=("epsilon",), not_negative=("decay",))

    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        decays = layout.mask_like(theta, "weight")
        return {"m": np.zeros_like(theta), "v": np.zeros_like(theta), "decays": decays}

    @staticmethod
    def rule(
        theta: Any,
        gradient: Any,
        m: Any,
        v: Any,
        decays: Any,
        number: Any,
        learning_rate: Any,
        beta1: Any,
        beta2: Any,
        epsilon: Any,
        decay: Any,
    ) -> Any:
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient * gradient
        root = (1 - beta2**number) ** 0.5  # m^ / (sqrt(v^) + epsilon), with the corrections taken to the numbers
        correction = root / (1 - beta1**number)
        step = correction * m / (np.sqrt(v) + epsilon * root) + decay * decays * theta
        return theta - learning_rate * step, m, v, decays
