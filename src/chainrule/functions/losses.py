"""Losses: the error of a row, beside its derivative.

A row's loss reduces one number per output: distances (squared error, ...) are averaged over the outputs, likelihoods
(cross-entropies, ...) summed. `delta` is the derivative of a row's loss with respect to z of the output layer, and
not to a: a cross-entropy with its own output activation has the derivative a - y there, which neither overflows nor
vanishes, where the product dJ/da * f'(z) would do both. What a batch makes of its rows is in `network/objective.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from chainrule.catalogue import Catalogue
from chainrule.errors import InvalidArgument
from chainrule.functions.activations import Activation, OutputRange
from chainrule.functions.arrays import Array
from chainrule.functions.row_maximum import row_maximum
from chainrule.functions.settings import WithSettings

__all__ = [
    "LOSSES",
    "MSE",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "ElementwiseLoss",
    "Loss",
    "LossLike",
    "TargetKind",
    "default_loss",
]

TargetKind: TypeAlias = Literal["value", "binary", "class"]
"""What y holds: numbers; a 0 or 1 (or a probability) for each output; one class of k for each row."""


@dataclass(frozen=True)
class Loss(ABC):
    """What every loss has.

    Attributes
    ----------
    name : str
        Its name in settings and files.
    formula : str
        A row's loss in LaTeX.
    reduction : {"mean", "sum"}
        How the numbers of a row's k outputs become one.
    target : TargetKind
        What y holds, from which follows how it is checked and encoded.
    default_output : str
        Name of the output activation that goes with it; a network with that output has this loss by default.
    needs : OutputRange or None
        Where the outputs must lie for the formula to make sense; None for anywhere.
    kinks : tuple of float
        Values of a - y at which the loss has no derivative.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    reduction: ClassVar[Literal["mean", "sum"]]
    target: ClassVar[TargetKind]
    default_output: ClassVar[str]
    needs: ClassVar[OutputRange | None] = None
    kinks: ClassVar[tuple[float, ...]] = ()

    @abstractmethod
    def rows(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        """The loss of each row.

        Parameters
        ----------
        y : array of shape (n, k)
            Targets, encoded.
        z, a : array of shape (..., n, k)
            The output layer before and after its activation.
        output : Activation
            That activation.

        Returns
        -------
        array of shape (..., n)
        """

    @abstractmethod
    def delta(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        """The derivative of each row's loss with respect to z, of shape (..., n, k), from the arguments of `rows`."""

    def check_output(self, output: Activation, n_outputs: int) -> None:
        """Refuse an output activation with which this loss makes no sense.

        Raises
        ------
        InvalidArgument
            With the reason and the activation or the loss to take instead.
        """
        if self.needs is None or output.output_range == self.needs:
            return
        wanted = {"probability": "outputs between 0 and 1", "distribution": "outputs that are positive and sum to 1"}
        raise InvalidArgument(
            f"{type(self).__name__} needs {wanted.get(self.needs, self.needs)}, and {output} does not give them: "
            f"end the network in {self.default_output!r}, or leave the loss out to get the one that goes with {output}."
        )

    def __str__(self) -> str:
        return type(self).__name__


class ElementwiseLoss(WithSettings, Loss):
    """A loss of which each output contributes a number that depends on its own y and a alone."""

    expression: ClassVar[Callable[..., Any]]
    """One output's loss as a pure expression of y, a and the settings, for one number or an array."""

    derivative_expression: ClassVar[Callable[..., Any]]
    """Its derivative with respect to a, likewise."""

    def rows(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        return self._reduced(self.expression(y, a, *self.settings))

    def delta(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        d_a: Array = self.derivative_expression(y, a, *self.settings)
        if self.reduction == "mean":
            d_a = d_a / y.shape[-1]
        return output.backward(d_a, z, a)

    def _reduced(self, losses: Array) -> Array:
        reduced: Array = losses.mean(axis=-1) if self.reduction == "mean" else losses.sum(axis=-1)
        return reduced


@dataclass(frozen=True)
class MSE(ElementwiseLoss):
    r"""Squared error, averaged over the outputs: (1/k) sum_j (a_j - y_j)^2."""

    name = "mse"
    formula = r"\frac{1}{k} \sum_j (a_j - y_j)^2"
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


LossLike: TypeAlias = Loss | type[Loss] | str
"""A loss as a person gives it: an instance, a class or a name."""

LOSSES: Catalogue[Loss] = Catalogue(
    "loss",
    Loss,  # type: ignore[type-abstract]
    [MSE, BinaryCrossEntropy, CrossEntropy],
)
"""Every loss by name."""


def default_loss(output: Activation) -> Loss:
    """The loss that goes with an output activation: the one that names it as its default output, else squared error."""
    for loss in LOSSES:
        if loss.default_output == output.name:
            return loss()
    return MSE()
