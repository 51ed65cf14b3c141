"""A loss of one's own: a function of y and a and its derivative, tried before they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from chainrule.errors import InvalidArgument, nearest_names
from chainrule.functions.activations import ACTIVATIONS, Activation, OutputRange
from chainrule.functions.arrays import Array
from chainrule.functions.losses.catalogue import LOSSES
from chainrule.functions.losses.loss import Loss, TargetKind
from chainrule.functions.pair_check import OwnDescription, OwnPair, as_float_array, check_own_name, checked_kinks

__all__ = ["CustomLoss"]

TRIED: dict[OutputRange | None, tuple[float, float]] = {
    "nonnegative": (0.1, 4),
    "positive": (0.1, 4),
    "symmetric": (-0.95, 0.95),
    "closed_probability": (0.05, 0.95),
    "probability": (0.05, 0.95),
    "distribution": (0.05, 0.95),
}
"""Outputs with which a loss that needs such a range is tried; others are tried from -4 to 4."""


@dataclass(frozen=True, repr=False)
class CustomLoss(OwnDescription, Loss):
    """A loss from the loss of one output and its derivative with respect to a, as functions of arrays (y, a).

    When it is made, both are tried: they must keep the shape, take each number by itself, change nothing, be finite,
    and belong together, which central differences show. What becomes of a row's k outputs is `reduction`. A model
    file, which holds no code, cannot hold it.

    Parameters
    ----------
    loss : callable
        One output's loss, for arrays y and a.
    derivative : callable
        Its derivative with respect to a.
    name : str
        What it is called.
    reduction : {"mean", "sum"}
        How the numbers of a row's outputs become one: mean for a distance, sum for a likelihood.
    target : {"value", "binary", "class"}
        What y holds: numbers, a 0 or 1 for each output, or one class for each row, which comes as one-hot.
    default_output : str
        Name of the output activation that goes with it.
    needs : OutputRange, optional
        Where the outputs must lie for it to make sense; anywhere by default.
    kinks : float or iterable of float
        Values of a - y at which it, or its first or second derivative, jumps.

    Raises
    ------
    InvalidArgument, InvalidType
        With what is wrong and for which y and a.

    Examples
    --------
    >>> from chainrule.functions.losses import CustomLoss
    >>> fourth = CustomLoss(lambda y, a: (a - y) ** 4, lambda y, a: 4 * (a - y) ** 3, name="fourth power")
    >>> CustomLoss(lambda y, a: (a - y) ** 2, lambda y, a: 2 * (y - a))
    Traceback (most recent call last):
    ...
    chainrule.errors.InvalidArgument: The derivative of CustomLoss 'custom' is 14 at y = 3, a = -4, where loss itself \
has the slope -14 (a central difference). It has the wrong sign everywhere.
    """

    tier = 2

    given_loss: Callable[[Array, Array], Any]
    given_derivative: Callable[[Array, Array], Any]
    given_kinks: tuple[float, ...]

    def __init__(
        self,
        loss: Callable[[Array, Array], Any],
        derivative: Callable[[Array, Array], Any],
        *,
        name: str = "custom",
        reduction: Literal["mean", "sum"] = "mean",
        target: TargetKind = "value",
        default_output: str = "identity",
        needs: OutputRange | None = None,
        kinks: Iterable[float] | float = (),
    ) -> None:
        check_own_name("CustomLoss", name, LOSSES, "fourth power")
        _check_choices(reduction, target, needs)
        owner = f"CustomLoss {name!r}"
        self._describe(
            name,
            "y, a",
            reduction=reduction,
            target=target,
            default_output=ACTIVATIONS[default_output].name,
            needs=needs,
            given_loss=loss,
            given_derivative=derivative,
            given_kinks=checked_kinks(owner, kinks),
        )
        if needs is not None and ACTIVATIONS[default_output].output_range != needs:
            fitting = [f.name for f in ACTIVATIONS if f.output_range == needs]
            raise InvalidArgument(
                f"{owner} needs outputs of the range {needs!r}, which its default output {default_output!r} does not "
                f"give: give default_output={' or '.join(map(repr, fitting))}."
            )
        OwnPair(owner, ("loss", "y", "a"), loss, derivative).check(*self._grid())

    def _grid(self) -> tuple[Array, Array]:
        """Pairs of y and a to try, off the kinks, each of shape (2, m)."""
        low, high = TRIED.get(self.needs, (-4, 4))
        known = [0, 1] if self.target != "value" else np.linspace(0 if low > 0 else -3, 3, 7)
        y, a = (each.ravel() for each in np.meshgrid(np.asarray(known, np.float64), np.linspace(low, high, 33)))
        clear = np.all([np.abs(a - y - kink) > 1e-3 for kink in self.kinks], axis=0) & np.ones(len(a), bool)
        even = np.flatnonzero(clear)[: int(clear.sum()) // 2 * 2]
        return y[even].reshape(2, -1), a[even].reshape(2, -1)

    @property
    def kinks(self) -> tuple[float, ...]:
        return self.given_kinks

    def rows(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        return self._reduced(as_float_array(self.given_loss(y, a), a.dtype))

    def delta(self, y: Array, z: Array, a: Array, output: Activation) -> Array:
        d_a = self._reduced_derivatives(as_float_array(self.given_derivative(y, a), a.dtype))
        return output.backward(d_a, z, a)


def _check_choices(reduction: str, target: str, needs: OutputRange | None) -> None:
    choices = {
        "reduction": (reduction, ("mean", "sum")),
        "target": (target, ("value", "binary", "class")),
        "needs": (needs, (None, *get_args(OutputRange))),
    }
    for setting, (value, known) in choices.items():
        if value not in known:
            nearest = nearest_names(str(value), map(str, known))
            raise InvalidArgument(f"The {setting} of a CustomLoss cannot be {value!r}; {nearest}")
