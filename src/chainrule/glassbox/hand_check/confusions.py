"""Right numbers in the wrong place: rows for columns, another entry, another quantity, digits cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.calculation import Calculation
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.trace import Quantity

__all__ = ["Confusion", "confusions"]

FEWEST_DIGITS = 3
"""With less, some number of a step would fit any."""


@dataclass(frozen=True)
class Confusion:
    """A number of the step that is another one than was asked for.

    Attributes
    ----------
    name : str
        What it is called.
    sentence : str
        What was given, and what was asked.
    value : array
        What it gives for the entries asked for.
    order : int
        The simpler comes first.
    found : str
        Whose number it is.
    """

    name: str
    sentence: str
    value: Array
    order: int
    found: str


def confusions(right: Calculation, quantity: Quantity, given: GivenNumbers) -> Iterator[Confusion]:
    """Those that can be told from what was asked for, by the digits given."""
    array = right[quantity.name]
    if quantity.index:
        yield from _other_entries(array, quantity, given)
    elif array.ndim == 2 and given.values.ndim == 2 and array.shape[0] == array.shape[1]:
        sentence = (
            f"These are the numbers of {quantity}, rows for columns: as an array it is the transpose, .T, of this."
        )
        yield Confusion("transposed", sentence, array.T, 0, f"{quantity}.T")
    if given.significant >= FEWEST_DIGITS:
        yield from _other_quantities(right, quantity)


def _other_entries(array: Array, quantity: Quantity, given: GivenNumbers) -> Iterator[Confusion]:
    index = quantity.index
    swapped: tuple[int, ...] = index[::-1]
    if array.ndim == 2 and swapped != index and swapped[0] < array.shape[0] and swapped[1] < array.shape[1]:
        other, axes = quantity.at(*swapped), _axes(quantity)
        sentence = f"That is {other}: row and column are swapped. In {quantity} the first index is {axes}."
        yield Confusion("transposed", sentence, array[swapped], 0, str(other))
    # a step holds so many other numbers that few digits would fit one by chance
    near = {other for other in product(*(range(d) for d in array.shape)) if _distance(other, index) == 1}
    others = [other for other in np.ndindex(array.shape) if other not in (index, swapped)]
    if given.significant < FEWEST_DIGITS or len(others) > 10 ** max(given.significant - 2, 0):
        others = sorted(near - {swapped})
    for entry in sorted(others, key=lambda each: _distance(each, index)):
        what = "an index is off by one" if entry in near else "another entry"
        sentence = f"That is {quantity.at(*entry)}, {what}: asked for is {quantity}."
        yield Confusion("another entry of the same array", sentence, array[entry], 1, str(quantity.at(*entry)))


def _axes(quantity: Quantity) -> str:
    if quantity.letter in ("w", "dw"):
        return "the unit that the weight comes from, the second the one that it goes to"
    return "the row of the batch, the second the unit"


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return sum(abs(i - j) for i, j in zip(one, other, strict=True))


def _other_quantities(right: Calculation, quantity: Quantity) -> Iterator[Confusion]:
    shape = right[quantity.name].shape
    for name in right.operations:
        array = right[name]
        if name == quantity.name or array.shape != shape:
            continue
        other = Quantity(name, quantity.index)
        value = array[quantity.index] if quantity.index else array
        sentence = f"That is {other}, and asked for is {quantity}."
        yield Confusion("another quantity", sentence, np.asarray(value), 2, str(other))
