"""RAdam: Adam that waits for its variance to be known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.optimizers.optimizer import ElementwiseOptimizer

__all__ = ["RAdam"]


@dataclass(frozen=True, kw_only=True)
class RAdam(ElementwiseOptimizer):
    """Adam, with steps that are rectified for how little of v is known at first: a warm-up without a setting.

    m, v and m^ are those of Adam. In step t, rho_t = rho - 2 t beta2^t / (1 - beta2^t), with rho = 2 / (1 - beta2) - 1,
    is about the number of gradients that v averages. Up to 5, the step is learning_rate * m^ alone; above,
    learning_rate * r_t * m^ * sqrt(1 - beta2^t) / (sqrt(v) + epsilon), where
    r_t^2 = (rho_t - 4) (rho_t - 2) rho / ((rho - 4) (rho - 2) rho_t). Liu et al., "On the variance of the adaptive
    learning rate and beyond", ICLR 2020, Algorithm 2; the threshold of 5 and the place of epsilon are PyTorch's.

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

    name = "radam"
    formula = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad "
        r"\hat m = \frac{m}{1 - \beta_1^t}, \quad \rho = \frac{2}{1 - \beta_2} - 1, \quad "
        r"\rho_t = \rho - \frac{2 t \beta_2^t}{1 - \beta_2^t}, \quad "
        r"r_t^2 = \frac{(\rho_t - 4) (\rho_t - 2) \rho}{(\rho - 4) (\rho - 2) \rho_t}, \quad "
        r"\theta \leftarrow \theta - \eta \, \hat m \, r_t \sqrt{1 - \beta_2^t} / (\sqrt v + \epsilon) "
        r"\text{ where } \rho_t > 5, \text{ else } \theta - \eta \, \hat m"
    )
    tier = 2
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
        known = 1 - beta2**number
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * number * beta2**number / known
        step = m / (1 - beta1**number)
        if length > 5:
            r = ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5
            step = step * (r * known**0.5) / (np.sqrt(v) + epsilon)
        return theta - learning_rate * step, m, v
