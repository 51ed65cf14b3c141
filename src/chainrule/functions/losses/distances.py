"""Distances: how far a is from y, averaged over the outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.losses.loss import ElementwiseLoss
from chainrule.validation import finite_number

__all__ = ["MAE", "MSE", "Huber", "LogCosh"]

LOG_2 = 0.69314718055994530942


@dataclass(frozen=True)
class MSE(ElementwiseLoss):
    r"""Squared error, averaged over the outputs: (1/k) sum_j (a_j - y_j)^2. It is smallest at the mean of y."""

    name = "mse"
    formula = r"\frac{1}{k} \sum_j (a_j - y_j)^2"
    derivative_formula = r"\frac{2}{k} (a_j - y_j)"
    reduction = "mean"
    target = "value"
    default_output = "identity"

    @staticmethod
    def expression(y: Any, a: Any) -> Any:
        return (a - y) * (a - y)

    @staticmethod
    def derivative_expression(y: Any, a: Any) -> Any:
        return 2 * (a - y)


@dataclass(frozen=True)
class MAE(ElementwiseLoss):
    r"""Absolute error, averaged over the outputs: (1/k) sum_j |a_j - y_j|. It is smallest at the median of y."""

    name = "mae"
    formula = r"\frac{1}{k} \sum_j |a_j - y_j|"
    derivative_formula = r"\frac{1}{k} \operatorname{sign}(a_j - y_j)"
    reduction = "mean"
    target = "value"
    default_output = "identity"
    kinks = (0.0,)

    @staticmethod
    def expression(y: Any, a: Any) -> Any:
        return np.abs(a - y)

    @staticmethod
    def derivative_expression(y: Any, a: Any) -> Any:
        return np.sign(a - y)


@dataclass(frozen=True)
class Huber(ElementwiseLoss):
    r"""Half the squared error of a y that is near, the absolute error of one that is far, averaged over the outputs.

    So a few wild y do not pull at everything else.

    Parameters
    ----------
    threshold : float
        Where near ends, above 0: the k of Huber (1964), which is often called delta.

    Raises
    ------
    InvalidArgument
        If the threshold is not above 0.

    References
    ----------
    Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964), p. 75.
    """

    name = "huber"
    formula = (
        r"\frac{1}{k} \sum_j h_j, \; h_j = \begin{cases} \frac{1}{2} d_j^2 & |d_j| \le t \\"
        r" t \left( |d_j| - \frac{t}{2} \right) & \text{else} \end{cases}, \; d_j = a_j - y_j"
    )
    derivative_formula = r"\frac{1}{k} \min(\max(a_j - y_j, -t), t)"
    reduction = "mean"
    target = "value"
    default_output = "identity"

    threshold: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", finite_number("The threshold of Huber", self.threshold, above=0))

    @property
    def kinks(self) -> tuple[float, ...]:
        return -self.threshold, self.threshold

    @staticmethod
    def expression(y: Any, a: Any, threshold: Any) -> Any:
        near = np.minimum(np.abs(a - y), threshold)
        return near * (np.abs(a - y) - near / 2)

    @staticmethod
    def derivative_expression(y: Any, a: Any, threshold: Any) -> Any:
        return np.minimum(np.maximum(a - y, -threshold), threshold)


@dataclass(frozen=True)
class LogCosh(ElementwiseLoss):
    r"""log cosh(a_j - y_j), averaged over the outputs: as Huber's, but smooth everywhere.

    Far out it is |d| - log 2 + log(1 + exp(-2 |d|)), where cosh would overflow, and near by log(1 + sinh(d)^2) / 2,
    which keeps the digits of a small d.

    References
    ----------
    Saleh and Saleh, "Statistical properties of the log-cosh loss function used in machine learning", 2022.
    """

    name = "log_cosh"
    formula = r"\frac{1}{k} \sum_j \log \cosh(a_j - y_j)"
    derivative_formula = r"\frac{1}{k} \tanh(a_j - y_j)"
    reduction = "mean"
    target = "value"
    default_output = "identity"
    tier = 2

    @staticmethod
    def expression(y: Any, a: Any) -> Any:
        d = np.abs(a - y)
        s = np.sinh(np.minimum(d, 1))
        return np.where(d < 1, np.log1p(s * s) / 2, d + (np.log1p(np.exp(-2 * d)) - LOG_2))

    @staticmethod
    def derivative_expression(y: Any, a: Any) -> Any:
        return np.tanh(a - y)
