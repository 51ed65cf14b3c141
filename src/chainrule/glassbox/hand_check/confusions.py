"""Right numbers in the wrong place: rows for columns, another entry, another quantity, digits cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.calculation import Calculation
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.trace import Quantity

__all__ = ["Confusion", "confusions"]

ABOUT = 1e-4
"""As a share of the largest number: further apart than by rounding."""

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
    near = set(_neighbours(index, array.shape))
    few = given.significant < FEWEST_DIGITS or array.size - 2 > 10 ** max(given.significant - 2, 0)
    others = (near if few else set(_entries_about(array, given))) - {index, swapped}
    for entry in sorted(others, key=lambda each: (_distance(each, index), each)):
        what = "an index is off by one" if entry in near else "another entry"
        sentence = f"That is {quantity.at(*entry)}, {what}: asked for is {quantity}."
        yield Confusion("another entry of the same array", sentence, array[entry], 1, str(quantity.at(*entry)))


def _neighbours(index: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The entries of which one index is off by one."""
    for axis, d in enumerate(shape):
        for i in (index[axis] - 1, index[axis] + 1):
            if 0 <= i < d:
                yield (*index[:axis], i, *index[axis + 1 :])


def _entries_about(array: Array, given: GivenNumbers) -> list[tuple[int, ...]]:
    """The entries anywhere near to what was given: of millions, few are."""
    with np.errstate(invalid="ignore", over="ignore"):
        allowed = 2 * given.half_units + ABOUT * (np.abs(given.values) + np.abs(array).max(initial=0.0))
        found = np.argwhere(np.abs(array - given.values) <= allowed)
    return [tuple(each) for each in found.tolist()]


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
