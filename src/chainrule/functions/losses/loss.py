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

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import Activation, OutputRange
from chainrule.functions.arrays import Array
from chainrule.functions.settings import WithSettings
from chainrule.functions.sums import sum_over_columns

__all__ = ["ElementwiseLoss", "Loss", "LossLike", "TargetKind"]

TargetKind: TypeAlias = Literal["value", "binary", "class", "levels"]
"""What y holds: numbers; a 0 or 1 (or a probability) for each output; one class of k for each row; numbers, each with
several outputs, one for each level of a quantile."""

WANTED: dict[OutputRange, str] = {
    "real": "outputs of any size and sign",
    "positive": "outputs above 0, of any size",
    "probability": "outputs between 0 and 1",
    "distribution": "outputs that are positive and sum to 1",
}
"""Ranges that losses need, as a sentence says them."""


@dataclass(frozen=True)
class Loss(ABC):
    """What every loss has.

    Attributes
    ----------
    name : str
        Its name in settings and files.
    formula, derivative_formula : str
        A row's loss, and its derivative with respect to an output a_j, in LaTeX.
    reduction : {"mean", "sum"}
        How the numbers of a row's k outputs become one.
    target : TargetKind
        What y holds, from which follows how it is checked and encoded.
    default_output : str
        Name of the output activation that goes with it.
    needs : OutputRange or None
        Where the outputs must lie for the formula to make sense; None for anywhere.
    decision_threshold : float
        The output from which on a single output means class 1.
    tier : int
        1: works everywhere; 2: in the NumPy engine only.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    derivative_formula: ClassVar[str]
    reduction: ClassVar[Literal["mean", "sum"]]
    target: ClassVar[TargetKind]
    default_output: ClassVar[str]
    needs: ClassVar[OutputRange | None] = None
    decision_threshold: ClassVar[float] = 0.5
    tier: ClassVar[int] = 1

    @property
    def kinks(self) -> tuple[float, ...]:
        """Values of a - y at which the loss or its first or second derivative jumps.

        Where it has no derivative, it takes the middle of those from the left and from the right.
        """
        return ()

    @abstractmethod
    def rows(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        """The loss of each row.

        Parameters
        ----------
        y : array of shape (n, k), or (..., n, k)
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
        gives = "does not give them"
        if (self.needs, output.output_range) == ("probability", "closed_probability"):
            gives = "reaches 0 and 1 themselves, one of which has an infinite loss"
        raise InvalidArgument(
            f"{self} needs {WANTED.get(self.needs, f'outputs of the range {self.needs!r}')}, and {output} {gives}: "
            f"end the network in {self.default_output!r}, or leave the loss out to get the one that goes with {output}."
        )

    def check_targets(self, y: Array) -> None:
        """Refuse encoded targets (n, k) with which this loss makes no sense.

        Raises
        ------
        InvalidArgument
            With the first of them.
        """
        if self.target == "binary":
            self._refuse_targets(y, (y < 0) | (y > 1), "takes 0, 1 or what is between")

    def _reduced(self, losses: Array) -> Array:
        """The losses of rows (..., n) from those of their outputs (..., n, k)."""
        reduced = sum_over_columns(losses)
        return reduced / losses.shape[-1] if self.reduction == "mean" else reduced

    def _reduced_derivatives(self, d: Array) -> Array:
        """The derivatives of the rows' losses from those of their outputs' losses, both (..., n, k)."""
        return d / d.shape[-1] if self.reduction == "mean" else d

    def _refuse_targets(self, y: Array, bad: Array, takes: str) -> None:
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise InvalidArgument(f"y is {y[row, column]:g} in row {row}, column {column}; {self} {takes}.")

    def __str__(self) -> str:
        return type(self).__name__


class ElementwiseLoss(WithSettings, Loss):
    """A loss of which each output contributes a number that depends on its own y and a alone."""

    expression: ClassVar[Callable[..., Any]]
    """One output's loss as a pure expression of y, a and the settings, for one number or an array."""

    derivative_expression: ClassVar[Callable[..., Any]]
    """Its derivative with respect to a, likewise."""

    logit_output: ClassVar[str | None] = None
    """Name of the output activation after which it is computed from z, or None for none."""

    logit_expression: ClassVar[Callable[..., Any]]
    """One output's loss after that activation, as a pure expression of y, z and the settings."""

    logit_derivative_expression: ClassVar[Callable[..., Any]]
    """The derivative of `logit_expression` with respect to z, as a pure expression of y, z, a and the settings."""

    def settings_for(self, a: Array) -> tuple[Any, ...]:
        """The settings, each a number for all outputs of `a` or an array (k,) of one for each."""
        return self.settings

    def rows(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        settings = self.settings_for(a)
        if output.name == self.logit_output:
            return self._reduced(self.logit_expression(y, z, *settings))
        return self._reduced(self.expression(y, a, *settings))

    def delta(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        settings = self.settings_for(a)
        on_logits = output.name == self.logit_output
        d: Array = (
            self.logit_derivative_expression(y, z, a, *settings)
            if on_logits
            else self.derivative_expression(y, a, *settings)
        )
        d = self._reduced_derivatives(d)
        return d if on_logits else output.backward(d, z, a)


LossLike: TypeAlias = Loss | type[Loss] | str
"""A loss as a person gives it: an instance, a class or a name."""
