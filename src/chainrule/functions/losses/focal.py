"""The focal loss: a cross-entropy that looks away from what is easy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.losses.loss import ElementwiseLoss
from chainrule.validation import finite_number

__all__ = ["Focal"]


@dataclass(frozen=True)
class Focal(ElementwiseLoss):
    r"""Binary cross-entropy with the factor (1 - p)^gamma on an output that gives the right answer the probability p.

    An output that is right already counts for little, so that a rare class is not drowned by a common one. With
    p = a and the factor alpha where y = 1, p = 1 - a and 1 - alpha where y = 0; a y between is so much of both.

    Parameters
    ----------
    gamma : float
        How much it looks away, at least 0; with 0 it is a weighted binary cross-entropy.
    alpha : float
        Weight of the y that are 1, between 0 and 1; the others have 1 - alpha.

    Raises
    ------
    InvalidArgument
        If one of them is out of its range.

    References
    ----------
    Lin et al., "Focal loss for dense object detection", ICCV 2017, eq. 5, and appendix B for the derivative.
    """

    name = "focal"
    formula = (
        r"-\sum_j \left( \alpha \, y_j (1 - a_j)^\gamma \log a_j"
        r" + (1 - \alpha) (1 - y_j) \, a_j^\gamma \log(1 - a_j) \right)"
    )
    derivative_formula = (
        r"\alpha \, y_j (1 - a_j)^{\gamma - 1} \left( \gamma \log a_j - \tfrac{1 - a_j}{a_j} \right)"
        r" - (1 - \alpha) (1 - y_j) \, a_j^{\gamma - 1} \left( \gamma \log(1 - a_j) - \tfrac{a_j}{1 - a_j} \right)"
    )
    reduction = "sum"
    target = "binary"
    default_output = "sigmoid"
    needs = "probability"
    logit_output = "sigmoid"
    tier = 2

    gamma: float = 2.0
    alpha: float = 0.25

    def __post_init__(self) -> None:
        object.__setattr__(self, "gamma", finite_number("The gamma of Focal", self.gamma, minimum=0))
        object.__setattr__(self, "alpha", finite_number("The alpha of Focal", self.alpha, above=0, below=1))

    @staticmethod
    def expression(y: Any, a: Any, gamma: Any, alpha: Any) -> Any:
        yes, no = alpha * y, (1 - alpha) * (1 - y)
        return -(yes * (1 - a) ** gamma * np.log(a) + no * a**gamma * np.log1p(-a))

    @staticmethod
    def derivative_expression(y: Any, a: Any, gamma: Any, alpha: Any) -> Any:
        yes, no = alpha * y, (1 - alpha) * (1 - y)
        of_yes = (1 - a) ** (gamma - 1) * (gamma * np.log(a) - (1 - a) / a)
        return yes * of_yes - no * a ** (gamma - 1) * (gamma * np.log1p(-a) - a / (1 - a))

    @staticmethod
    def logit_expression(y: Any, z: Any, gamma: Any, alpha: Any) -> Any:
        rest = np.log1p(np.exp(-np.abs(z)))
        log_a, log_not_a = -(np.maximum(-z, 0) + rest), -(np.maximum(z, 0) + rest)
        yes, no = alpha * y, (1 - alpha) * (1 - y)
        return -(yes * np.exp(gamma * log_not_a) * log_a + no * np.exp(gamma * log_a) * log_not_a)

    @staticmethod
    def logit_derivative_expression(y: Any, z: Any, a: Any, gamma: Any, alpha: Any) -> Any:
        rest = np.log1p(np.exp(-np.abs(z)))
        log_a, log_not_a = -(np.maximum(-z, 0) + rest), -(np.maximum(z, 0) + rest)
        yes, no = alpha * y, (1 - alpha) * (1 - y)
        of_yes = np.exp(gamma * log_not_a) * (gamma * a * log_a - np.exp(log_not_a))
        return yes * of_yes - no * np.exp(gamma * log_a) * (gamma * np.exp(log_not_a) * log_not_a - a)
