"""Cross-entropies: the negative logarithm of the probability that the network gives to y."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array
from chainrule.functions.losses.loss import ElementwiseLoss, Loss
from chainrule.functions.row_maximum import row_maximum

__all__ = ["BinaryCrossEntropy", "CrossEntropy"]


@dataclass(frozen=True)
class BinaryCrossEntropy(ElementwiseLoss):
    r"""Cross-entropy of independent yes/no outputs: -sum_j (y_j log a_j + (1 - y_j) log(1 - a_j)).

    After a sigmoid it is computed from the logits z, as max(z, 0) - z y + log(1 + exp(-|z|)), with delta = a - y.
    """

    name = "binary_cross_entropy"
    formula = r"-\sum_j \left( y_j \log a_j + (1 - y_j) \log(1 - a_j) \right)"
    reduction = "sum"
    target = "binary"
    default_output = "sigmoid"
    needs = "probability"

    @staticmethod
    def expression(y: Any, a: Any) -> Any:
        return -(y * np.log(a) + (1 - y) * np.log1p(-a))

    @staticmethod
    def derivative_expression(y: Any, a: Any) -> Any:
        return (a - y) / (a * (1 - a))

    @staticmethod
    def logit_expression(y: Any, z: Any) -> Any:
        """One output's loss from z, where a = sigmoid(z)."""
        return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))

    @staticmethod
    def logit_derivative_expression(y: Any, a: Any) -> Any:
        """The derivative of `logit_expression` with respect to z, written with a = sigmoid(z)."""
        return a - y

    def rows(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        if output.name != "sigmoid":
            return super().rows(y, z, a, output)
        return self._reduced(self.logit_expression(y, z))

    def delta(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        if output.name != "sigmoid":
            return super().delta(y, z, a, output)
        delta: Array = self.logit_derivative_expression(y, a)
        return delta


@dataclass(frozen=True)
class CrossEntropy(Loss):
    r"""Cross-entropy of one class in k: -sum_j y_j log a_j, with y one-hot (or probabilities) and a softmax output.

    From the logits, with m = max_j z_j and because log sum_j exp(z_j - m) = -log max_j a_j:
    sum_j y_j (m - z_j) - log max_j a_j; and delta = a - y. Neither overflows nor takes the logarithm of 0.
    """

    name = "cross_entropy"
    formula = r"-\sum_j y_j \log a_j"
    reduction = "sum"
    target = "class"
    default_output = "softmax"
    needs = "distribution"

    def rows(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        if output.name != "softmax":
            likelihoods: Array = -(y * np.log(a)).sum(axis=-1)
            return likelihoods
        below_largest = row_maximum(z) - z
        losses: Array = (y * below_largest).sum(axis=-1) - np.log(row_maximum(a)[..., 0])
        return losses

    def delta(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        return a - y if output.name == "softmax" else output.backward(-y / a, z, a)

    def check_output(self, output: Activation, n_outputs: int) -> None:
        super().check_output(output, n_outputs)
        if n_outputs == 1:
            raise InvalidArgument(
                f"{output} over 1 output is always 1, so there is nothing to learn: for yes/no, end the network in "
                "1 output with 'sigmoid' and BinaryCrossEntropy; for classes, give one output to each class."
            )
