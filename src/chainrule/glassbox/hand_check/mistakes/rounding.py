"""Intermediate results rounded before they were used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import Given, HiddenDelta, InputError, Operation, Values

__all__ = ["RoundedEarly", "rounded"]


@dataclass(frozen=True)
class RoundedEarly(Mistake):
    """Every array on the way is rounded before it is used; rows, targets and parameters are as they are.

    Attributes
    ----------
    places : int
        Decimals, or significant digits.
    significant : bool
        Whether these are significant digits.
    of : {"all", "written", "slopes"}
        All arrays of a trace; those that one writes down, which da is not; or the slopes f'(z) too.
    """

    name = "rounded too early"
    group = 2
    pairs = False
    rather_everywhere = True

    places: int = 2
    significant: bool = False
    of: Literal["all", "written", "slopes"] = "all"

    def applies(self, operation: Operation, v: Values) -> bool:
        if isinstance(operation, Given):
            return False
        return self.of != "written" or not isinstance(operation, InputError)

    def place_sets(self, operations: Mapping[str, Operation], v: Values, names: Iterable[str]) -> list[frozenset[str]]:
        target, *before = names
        where = [name for name in before if self.applies(operations[name], v)]
        if self.of == "slopes" and isinstance(operations[target], HiddenDelta):
            where.append(target)
        alone = [frozenset([place]) for place in where if place != target] if self.of == "all" else []
        return [frozenset(where), *alone] if len(where) > 1 else [frozenset(where)] if where else []

    def wrong(self, operation: Operation, v: Values) -> Array:
        if self.of == "slopes" and isinstance(operation, HiddenDelta):
            slope = operation.slope(v)
            if slope is not None:
                delta: Array = v[operation.d_output] * self._rounded(slope)
                return self._rounded(delta)
        return self._rounded(operation.right(v))

    def _rounded(self, value: Array) -> Array:
        return rounded(value, self.places, significant=self.significant)

    def done(self, operation: Operation) -> str:
        return f"{operation.formula}, rounded to {self._to}"

    @property
    def _to(self) -> str:
        kind = "significant digit" if self.significant else "decimal"
        return f"{self.places} {kind}{'' if self.places == 1 else 's'}"

    @property
    def title(self) -> str:
        return f"rounded too early, to {self._to}"

    @property
    def remark(self) -> str:
        return "Carry at least two digits more than the answer needs, and round once, at the end."


def rounded(value: Array, places: int, *, significant: bool) -> Array:
    """Numbers with so many decimals, or significant digits."""
    if not significant:
        return np.round(value, places)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.abs(value))) - places + 1)
        return np.where(value == 0, 0.0, np.round(value / unit) * unit)
