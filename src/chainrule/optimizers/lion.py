"""Lion: steps of one size, by the sign of a momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout
from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["Lion"]


@dataclass(frozen=True, kw_only=True)
class Lion(ElementwiseOptimizer):
    """theta <- theta - learning_rate * (sign(beta1 * m + (1 - beta1) * g) + decay * theta), then m moves towards g.

    m <- beta2 * m + (1 - beta2) * g, with g = dJ/dtheta. Chen et al., "Symbolic discovery of optimization algorithms",
    NeurIPS 2023, Algorithm 2. Decay acts on weights, never on biases and scales. Every entry moves by the whole
    learning rate, so that rate is a tenth of Adam's, and decay, which it multiplies, ten times AdamW's (section 5 of
    the paper).

    Parameters
    ----------
    beta1, beta2 : float
        Shares of m in a step, and of m that a step keeps, in [0, 1).
    decay : float
        Share of a weight, times the learning rate, that each step takes away; at least 0.

    Raises
    ------
    InvalidArgument
        If one is out of its range.
    """

    name = "lion"
    formula = (
        r"\theta \leftarrow \theta - \eta \, (\operatorname{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda [w] \theta), "
        r"\quad m \leftarrow \beta_2 m + (1 - \beta_2) g"
    )
    tier = 2
    default_learning_rate = 1e-4
    remembers = ("m", "decays")

    beta1: float = 0.9
    beta2: float = 0.99
    decay: float = 0.1

    def __post_init__(self) -> None:
        self._check_settings(shares=("beta1", "beta2"), not_negative=("decay",))

    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        decays = layout.mask_like(theta, "weight")
        return {"m": np.zeros_like(theta), "decays": decays}

    @staticmethod
    def rule(
        theta: Any,
        gradient: Any,
        m: Any,
        decays: Any,
        number: Any,
        learning_rate: Any,
        beta1: Any,
        beta2: Any,
        decay: Any,
    ) -> Any:
        direction = np.sign(beta1 * m + (1 - beta1) * gradient)
        m = beta2 * m + (1 - beta2) * gradient
        return theta - learning_rate * (direction + decay * decays * theta), m, decays
