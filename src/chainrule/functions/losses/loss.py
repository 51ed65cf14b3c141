"""The contract of a loss: the error of a row, beside its derivative.

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

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import Activation, OutputRange
from chainrule.functions.arrays import Array
from chainrule.functions.settings import WithSettings

__all__ = ["ElementwiseLoss", "Loss", "LossLike", "TargetKind"]

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
    tier : int
        1: works everywhere; 2: in the NumPy engine only.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    reduction: ClassVar[Literal["mean", "sum"]]
    target: ClassVar[TargetKind]
    default_output: ClassVar[str]
    needs: ClassVar[OutputRange | None] = None
    kinks: ClassVar[tuple[float, ...]] = ()
    tier: ClassVar[int] = 1

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


LossLike: TypeAlias = Loss | type[Loss] | str
"""A loss as a person gives it: an instance, a class or a name."""
