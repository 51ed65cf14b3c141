"""The step computed anew, right or with mistakes put in the place of some operations and carried forward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.operations import Operation, Values
from chainrule.glassbox.trace import Quantity

__all__ = ["Calculation", "Replacement", "ingredients_of"]


class Replacement(Protocol):
    """What stands in the place of an operation."""

    def wrong(self, operation: Operation, v: Values, /) -> Array:
        """What it gives there."""


class Calculation:
    """The arrays of a step by name, each computed when it is asked for.

    Parameters
    ----------
    operations : mapping of str to Operation
        From `step_operations`.
    right : Calculation, optional
        The one without mistakes, whose arrays are taken where no mistake has reached.
    mistakes : mapping of str to Replacement
        By the name of the array, what stands in the place of its operation.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        right: Calculation | None = None,
        mistakes: Mapping[str, Replacement] | None = None,
    ) -> None:
        self.operations = operations
        self._right = right
        self._mistakes = mistakes or {}
        self._found: dict[str, Array] = {}
        self._reached: dict[str, bool] = {}

    @property
    def without_mistakes(self) -> Values:
        """The right arrays."""
        return self if self._right is None else self._right

    def going_on_from(self, own: Mapping[Quantity, Array]) -> Calculation:
        """The same step as it follows from a person's own numbers, or whole arrays, in the place of these."""
        entries: dict[str, dict[tuple[int, ...], Array]] = {}
        for quantity, value in own.items():
            entries.setdefault(quantity.name, {})[quantity.index] = value
        return Calculation(self.operations, self, {name: _OwnNumbers(each) for name, each in entries.items()})

    def __getitem__(self, name: str) -> Array:
        if name not in self._found:
            if self._right is not None and not self.is_reached(name):
                return self._right[name]
            operation, mistake = self.operations[name], self._mistakes.get(name)
            with np.errstate(all="ignore"):  # mistakes divide by 0, and take logarithms of what has none
                value = operation.right(self) if mistake is None else mistake.wrong(operation, self)
            self._found[name] = np.asarray(value, np.float64)
        return self._found[name]

    def is_reached(self, name: str) -> bool:
        """Whether a mistake is in this array or in something that it is computed from."""
        if name not in self._reached:
            inside = (self.is_reached(each) for each in self.operations[name].ingredients)
            self._reached[name] = name in self._mistakes or any(inside)
        return self._reached[name]


@dataclass(frozen=True)
class _OwnNumbers:
    """An array in which some entries, or all, are a person's own."""

    entries: Mapping[tuple[int, ...], Array]

    def wrong(self, operation: Operation, v: Values) -> Array:
        """What it is with them."""
        array = np.array(operation.right(v), np.float64)
        for index, value in self.entries.items():
            array[index] = value
        return array


def ingredients_of(operations: Mapping[str, Operation], name: str) -> dict[str, int]:
    """The array and all that it is computed from, each with the fewest operations between the two, nearest first."""
    distance = {name: 0}
    waiting = [name]
    for each in waiting:
        for ingredient in operations[each].ingredients:
            if ingredient not in distance:
                distance[ingredient] = distance[each] + 1
                waiting.append(ingredient)
    return distance
