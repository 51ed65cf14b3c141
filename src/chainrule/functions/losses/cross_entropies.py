"""Cross-entropies: minus the logarithm of the probability that the network gives to y."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array
from chainrule.functions.losses.loss import ElementwiseLoss, Loss
from chainrule.functions.row_maximum import row_maximum
from chainrule.functions.sums import sum_over_columns
from chainrule.validation import finite_number

__all__ = ["BinaryCrossEntropy", "CrossEntropy"]


@dataclass(frozen=True)
class BinaryCrossEntropy(ElementwiseLoss):
    r"""Cross-entropy of independent yes/no outputs: -sum_j (y_j log a_j + (1 - y_j) log(1 - a_j)).

    After a sigmoid it is computed from the logits z, as max(z, 0) - z y + log(1 + exp(-|z|)), with delta = a - y.

    Parameters
    ----------
    label_smoothing : float
        Share s, in [0, 1), by which every y is moved towards 1/2: ~y = (1 - s) y + s / 2 stands in its place in all of
        the above, so that no output is driven to infinity.

    Raises
    ------
    InvalidArgument
        If the share is outside [0, 1).

    References
    ----------
    Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7: the smoothing.
    """

    name = "binary_cross_entropy"
    formula = (
        r"-\sum_j \left( \tilde y_j \log a_j + (1 - \tilde y_j) \log(1 - a_j) \right), \;"
        r" \tilde y_j = (1 - s) \, y_j + \tfrac{s}{2}"
    )
    derivative_formula = (
        r"\frac{a_j - \tilde y_j}{a_j (1 - a_j)}; \; \text{after } \sigma(z): \;"
        r" \frac{\partial}{\partial z_j} = a_j - \tilde y_j"
    )
    reduction = "sum"
    target = "binary"
    default_output = "sigmoid"
    needs = "probability"
    logit_output = "sigmoid"

    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        _check_smoothing(self)

    @staticmethod
    def expression(y: Any, a: Any, label_smoothing: Any) -> Any:
        if label_smoothing > 0:
            y = y + label_smoothing * (0.5 - y)
        return -(y * np.log(a) + (1 - y) * np.log1p(-a))

    @staticmethod
    def derivative_expression(y: Any, a: Any, label_smoothing: Any) -> Any:
        if label_smoothing > 0:
            y = y + label_smoothing * (0.5 - y)
        return (a - y) / (a * (1 - a))

    @staticmethod
    def logit_expression(y: Any, z: Any, label_smoothing: Any) -> Any:
        if label_smoothing > 0:
            y = y + label_smoothing * (0.5 - y)
        return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))

    @staticmethod
    def logit_derivative_expression(y: Any, z: Any, a: Any, label_smoothing: Any) -> Any:
        if label_smoothing > 0:
            y = y + label_smoothing * (0.5 - y)
        return a - y


@dataclass(frozen=True)
class CrossEntropy(Loss):
    r"""Cross-entropy of one class in k: -sum_j y_j log a_j, with y one-hot (or probabilities) and a softmax output.

    From the logits, with m = max_j z_j and because log sum_j exp(z_j - m) = -log max_j a_j:
    sum_j y_j (m - z_j) - log max_j a_j; and delta = a - y. Neither overflows nor takes the logarithm of 0.

    Parameters
    ----------
    label_smoothing : float
        Share s, in [0, 1), of every y that is spread over all k classes: ~y = (1 - s) y + s / k stands in its place in
        all of the above, so that no output is driven to infinity.

    Raises
    ------
    InvalidArgument
        If the share is outside [0, 1).

    References
    ----------
    Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7: the smoothing.
    """

    name = "cross_entropy"
    formula = r"-\sum_j \tilde y_j \log a_j, \; \tilde y_j = (1 - s) \, y_j + \tfrac{s}{k}"
    derivative_formula = (
        r"-\frac{\tilde y_j}{a_j}; \; \text{after softmax:} \; \frac{\partial}{\partial z_j} = a_j - \tilde y_j"
    )
    reduction = "sum"
    target = "class"
    default_output = "softmax"
    needs = "distribution"

    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        _check_smoothing(self)

    def rows(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        y = self._smoothed(y)
        if output.name != "softmax":
            return -sum_over_columns(y * np.log(a))
        below_largest = row_maximum(z) - z
        return sum_over_columns(y * below_largest) - np.log(row_maximum(a)[..., 0])

    def delta(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        y = self._smoothed(y)
        return a - y if output.name == "softmax" else output.backward(-y / a, z, a)

    def _smoothed(self, y: Array) -> Array:
        if self.label_smoothing == 0:
            return y
        smoothed: Array = (1 - self.label_smoothing) * y + self.label_smoothing / y.shape[-1]
        return smoothed

    def check_output(self, output: Activation, n_outputs: int) -> None:
        super().check_output(output, n_outputs)
        if n_outputs == 1:
            raise InvalidArgument(
                f"{output} over 1 output is always 1, so there is nothing to learn: for yes/no, end the network in "
                "1 output with 'sigmoid' and BinaryCrossEntropy; for classes, give one output to each class."
            )


def _check_smoothing(loss: BinaryCrossEntropy | CrossEntropy) -> None:
    share = finite_number(f"The label_smoothing of {loss}", loss.label_smoothing, minimum=0, below=1)
    object.__setattr__(loss, "label_smoothing", share)
