"""Mistakes told in sentences, with the numbers of the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.explain.text import number_text
from chainrule.glassbox.hand_check.calculation import Calculation
from chainrule.glassbox.hand_check.candidates import Candidate, Slip
from chainrule.glassbox.hand_check.operations import Given, Operation
from chainrule.glassbox.trace import Quantity

__all__ = ["shown", "told", "where_to_look"]

Index = tuple[int, ...]

SYMBOLS = ("y", "w", "dw", "z")


def shown(value: float | Array, digits: int = 6) -> str:
    """A number as it is told."""
    return number_text(float(value), digits)


def told(
    candidate: Candidate, right: Calculation, operations: Mapping[str, Operation], quantity: Quantity, digits: int
) -> tuple[str, ...]:
    """What was done, what is right, and what becomes of it further on: a line each, indented below the first."""
    telling = _Telling(candidate, right, operations, quantity, digits)
    lines = telling.one(candidate.slips[0]) if len(candidate.slips) == 1 else telling.several()
    if all(quantity.name not in slip.places for slip in candidate.slips):
        lines.append(telling.carried())
    return tuple(line for line in lines if line.strip())


@dataclass(frozen=True)
class _Telling:
    """What is needed to tell a candidate."""

    candidate: Candidate
    right: Calculation
    operations: Mapping[str, Operation]
    quantity: Quantity
    digits: int

    def one(self, slip: Slip) -> list[str]:
        """One mistake, with the number that it makes of an entry."""
        place = slip.places[0]
        at = self._entry(place)
        wrong = shown(self.candidate.calculation[place][at.index], self.digits)
        return [
            f"{_capital(slip.mistake.title)}, in {place}{_likewise(slip)}.",
            f"  Done: {place} = {slip.mistake.done(self.operations[place])}, which makes {at} {wrong}.",
            *self._right(place),
            f"  {slip.mistake.remark}",
        ]

    def several(self) -> list[str]:
        """Mistakes that give the number together."""
        lines = ["Two mistakes together."]
        for i, slip in enumerate(self.candidate.slips, start=1):
            place = slip.places[0]
            lines.append(f"  ({i}) {_capital(slip.mistake.title)}, in {place}{_likewise(slip)}.")
            lines.append(f"    Done: {place} = {slip.mistake.done(self.operations[place])}.")
            lines.append(f"    {slip.mistake.remark}")
        places = dict.fromkeys(slip.places[0] for slip in self.candidate.slips)
        return [*lines, *(line for place in places for line in self._right(place))]

    def carried(self) -> str:
        """What the quantity itself becomes."""
        right, value = self.right[self.quantity.name], self.candidate.value
        index = self.quantity.index or _largest_change(value, right)
        wrong, correct = shown(value[index], self.digits), shown(right[index], self.digits)
        return f"  Carried forward, that makes {Quantity(self.quantity.name, index)} {wrong} instead of {correct}."

    def _entry(self, place: str) -> Quantity:
        index = _entry_to_show(place, self.quantity, self.candidate.calculation, self.right, self.operations)
        return Quantity(place, index)

    def _right(self, place: str) -> list[str]:
        operation, at = self.operations[place], self._entry(place)
        correct = shown(self.right[place][at.index], self.digits)
        if isinstance(operation, Given):
            return [f"  Right: {at} is {correct}, {operation.formula}."]
        terms = operation.terms(self.right, at.index)
        if not terms or terms == operation.formula:
            return [f"  Right: {place} = {operation.formula}, which makes {at} {correct}."]
        return [f"  Right: {place} = {operation.formula},", f"    {at} = {terms} = {correct}."]


def _likewise(slip: Slip) -> str:
    """The other places."""
    if len(slip.places) == 1:
        return ""
    return f", and likewise in {', '.join(slip.places[1:4])}{' and so on' if len(slip.places) > 4 else ''}"


def _entry_to_show(
    place: str, quantity: Quantity, wrong: Calculation, right: Calculation, operations: Mapping[str, Operation]
) -> Index:
    """The entry itself, where it is asked for; else, of those that may lead to it, the one that changed most."""
    if place == quantity.name and quantity.index:
        return quantity.index
    change = np.abs(wrong[place] - right[place])
    change = np.where(np.isfinite(change), change, 0.0)
    index = quantity.index
    if index and change.shape == right[quantity.name].shape and change[index] > 0:
        return index
    if index and change.ndim == 2:
        target, here = operations[quantity.name], operations[place]
        if target.by_row and here.by_row and right[quantity.name].shape[0] == change.shape[0]:
            change = _kept(change, index[0], axis=0)
        elif _is_gradient_of(quantity, place):
            change = _kept(change, index[-1], axis=1)
    return _largest(change)


def _is_gradient_of(quantity: Quantity, place: str) -> bool:
    """Whether a column of `place` is what a column of the quantity is made of: dw[1] and delta[2]."""
    number = quantity.number
    return quantity.letter in ("dw", "db", "w", "b") and number is not None and place == f"delta[{number + 1}]"


def _kept(change: Array, at: int, axis: int) -> Array:
    """The change in one row or column alone, where there is any."""
    kept = np.zeros_like(change)
    where = (at,) if axis == 0 else (slice(None), at)
    kept[where] = change[where]
    return kept if kept.any() else change


def _largest(change: Array) -> Index:
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(change)), change.shape))


def _largest_change(one: Array, other: Array) -> Index:
    change = np.abs(one - other)
    return _largest(np.where(np.isfinite(change), change, 0.0))


def where_to_look(
    operations: Mapping[str, Operation], right: Calculation, quantity: Quantity, wrong: Array | None, digits: int
) -> tuple[str, ...]:
    """Which ingredients to look at first, and the right computation of the quantity.

    `wrong` says which entries of a whole array are wrong.
    """
    operation = operations[quantity.name]
    if isinstance(operation, Given):
        return (f"{quantity} is not computed: it was given, and stands in the trace.",)
    index = quantity.index
    if not index and wrong is not None and wrong.any():
        index = _largest(wrong.astype(float))
    computed = [name for name in operation.ingredients if not isinstance(operations[name], Given)]
    first = _part_to_look_at(operation, computed[0], wrong) if computed else operation.ingredients[0]
    others = [name for name in operation.ingredients if name != (computed[0] if computed else operation.ingredients[0])]
    then = f", then {' and '.join(others[:2])}" if others else ""
    terms = operation.terms(right, index)
    at = Quantity(quantity.name, index)
    lines = [f"Check {first} first{then}: {quantity.name} = {operation.formula}."]
    if terms:
        lines.append(f"  {at} = {terms} = {shown(right[quantity.name][index], digits)}.")
    return tuple(lines)


def _part_to_look_at(operation: Operation, ingredient: str, wrong: Array | None) -> str:
    """The ingredient, or the one row or column of it that all the wrong entries share."""
    if wrong is None or wrong.ndim != 2 or wrong.all():
        return ingredient
    rows, columns = np.flatnonzero(wrong.any(axis=1)), np.flatnonzero(wrong.any(axis=0))
    if operation.by_row and len(rows) == 1 and wrong.shape[0] > 1:
        return f"row {rows[0]} of {ingredient}"
    if not operation.by_row and len(columns) == 1 and wrong.shape[1] > 1 and ingredient.startswith("delta"):
        return f"column {columns[0]} of {ingredient}"
    return ingredient


def _capital(title: str) -> str:
    """With a capital, unless it begins with a symbol, such as w."""
    word = title.split()[0]
    return title if word in SYMBOLS else title[:1].upper() + title[1:]
