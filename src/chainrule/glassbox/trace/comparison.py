"""Two traces beside each other: where do they part?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.trace.quantity import Quantity

__all__ = ["Difference", "first_difference"]


class Difference(NamedTuple):
    """The first number, in the order of the computing, in which two traces differ.

    Attributes
    ----------
    quantity : Quantity
        Its name.
    one, other : float or tuple of int
        The two numbers; the two shapes where these differ, and None where one trace has no such array.
    share : float
        Which share of this array's numbers differ.
    learning_rates : tuple of float or None
        Those of the two traces, where the first difference is in a parameter after the step, and they differ.
    """

    quantity: Quantity
    one: float | tuple[int, ...] | None
    other: float | tuple[int, ...] | None
    share: float
    learning_rates: tuple[float, float] | None = None

    def __str__(self) -> str:
        name = self.quantity
        if self.one is None or self.other is None:
            return f"The first difference: only the {'second' if self.one is None else 'first'} trace has {name}."
        if isinstance(self.one, tuple):
            return (
                f"The first difference: {name} has the shape {self.one} in the first trace, {self.other} in the second."
            )
        rates = "" if self.learning_rates is None else " (their learning rates are {:.9g} and {:.9g})"
        return (
            f"The first difference: {name} is {self.one:.9g} in the first trace and {self.other:.9g} in the second; "
            f"all that is computed before it agrees, and {self.share:.0%} of {name.array} differs"
            f"{rates.format(*self.learning_rates or ())}."
        )


def first_difference(
    one: Mapping[str, Array | float], other: Mapping[str, Array | float], relative: float
) -> Difference | None:
    """The first entry, array by array in the order of `one`, that differs; None if none does.

    Numbers differ that are further apart than `relative` times the largest of their array; NaN equals NaN.
    """
    for name, value in one.items():
        if name not in other:
            return Difference(Quantity(name), _shape(value), None, 1.0)
        difference = _in_array(Quantity(name), np.asarray(value), np.asarray(other[name]), relative)
        if difference is not None:
            return difference
    missing = next((name for name in other if name not in one), None)
    return None if missing is None else Difference(Quantity(missing), None, _shape(other[missing]), 1.0)


def _in_array(name: Quantity, one: Array, other: Array, relative: float) -> Difference | None:
    if one.shape != other.shape:
        return Difference(name, one.shape, other.shape, 1.0)
    if one.size == 0:
        return None
    largest = max(float(np.nanmax(np.abs(each), initial=0.0)) for each in (one, other))
    with np.errstate(invalid="ignore"):
        same = np.abs(one.astype(np.float64) - other) <= relative * largest
    same |= (one == other) | (np.isnan(one) & np.isnan(other))
    if same.all():
        return None
    at = tuple(int(i) for i in np.argwhere(~same)[0])
    return Difference(name.at(*at), float(one[at]), float(other[at]), float(np.mean(~same)))


def _shape(value: Array | float) -> tuple[int, ...]:
    return np.shape(value)
