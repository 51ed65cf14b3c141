"""What each mistake would give for one quantity: mistakes in one place, in several, in pairs, and confusions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.calculation import Calculation, Replacement, ingredients_of
from chainrule.glassbox.hand_check.mistakes import MISTAKES, Mistake
from chainrule.glassbox.hand_check.operations import Operation, Values

__all__ = ["Candidate", "Candidates", "Slip"]

MOST_WORK = 5e4
"""Pairs are tried as far as about so many small operations go, a second or two; of the nearest mistakes first."""

MOST_WORK_ALONE = 2e10
"""Multiplications that single mistakes may take together, two or three seconds; those that take fewest come first."""

ELEMENT = 25.0
"""An entry of an array that is computed entry by entry takes as long as so many multiplications within a product."""

IS_MATRIX = re.compile(r"d?w\[\d+\]")

SMALL = 2e4
"""Rows times parameters of a network whose operations are small."""


@dataclass(frozen=True)
class Slip:
    """A mistake at its places.

    Attributes
    ----------
    mistake : Mistake
        The mistake.
    places : tuple of str
        The arrays in whose computing it is made, the nearest to the quantity first.
    distance : float
        How many operations lie between the nearest place and the quantity.
    order : int
        Its place in the catalogue.
    """

    mistake: Mistake
    places: tuple[str, ...]
    distance: int
    order: int


@dataclass(frozen=True)
class Candidate:
    """What comes out with one or two mistakes.

    Attributes
    ----------
    slips : tuple of Slip
        The mistakes.
    value : array
        The whole quantity with them.
    calculation : Calculation
        All arrays with them.
    rank : tuple
        The simpler comes first.
    """

    slips: tuple[Slip, ...]
    value: Array
    calculation: Calculation
    rank: tuple[float, ...]


class Candidates:
    """The candidates of one quantity.

    Parameters
    ----------
    operations : mapping of str to Operation
        The step.
    right : Calculation
        Without mistakes.
    target : str
        The array that is asked for.
    """

    def __init__(self, operations: Mapping[str, Operation], right: Calculation, target: str) -> None:
        self._operations, self._right, self._target = operations, right, target

    @cached_property
    def slips(self) -> tuple[Slip, ...]:
        """Every mistake at every place that leads to the quantity."""
        distances = ingredients_of(self._operations, self._target)
        found = []
        for order, mistake in enumerate(MISTAKES):
            for places in mistake.place_sets(self._operations, self._right, distances):
                nearest = tuple(sorted(places, key=lambda name: distances[name]))
                found.append(Slip(mistake, nearest, distances[nearest[0]], order))
        return tuple(found)

    @cached_property
    def _affordable(self) -> tuple[Slip, ...]:
        """Those of the slips that are tried: all, or in a large step those that are computed soonest."""
        chosen: set[int] = set()
        left = MOST_WORK_ALONE
        works = [(slip.mistake.group, self._work(slip), i) for i, slip in enumerate(self.slips)]
        for _, work, i in sorted(works):
            if work <= left:
                chosen.add(i)
                left -= work
        return tuple(slip for i, slip in enumerate(self.slips) if i in chosen)

    @property
    def left_out(self) -> int:
        """How many mistakes, at one place or several, are not tried since the step is too large."""
        return len(self.slips) - len(self._affordable)

    def _work(self, slip: Slip) -> float:
        """Multiplications, about, until the quantity is there: of all that the mistake reaches on its way."""
        places = frozenset(slip.places)
        return sum(work for name, work in self._works.items() if not places.isdisjoint(self._before[name]))

    @cached_property
    def _before(self) -> dict[str, frozenset[str]]:
        """Each array on the way to the quantity, with all that it is computed from."""
        return {
            name: frozenset(ingredients_of(self._operations, name))
            for name in ingredients_of(self._operations, self._target)
        }

    @cached_property
    def _works(self) -> dict[str, float]:
        """How much there is to compute for each of these arrays alone."""
        n = len(self._right["x"])
        found = {}
        for name in self._before:
            matrices = [each for each in (name, *self._operations[name].ingredients) if IS_MATRIX.fullmatch(each)]
            is_product = not name.startswith("new ")
            product = max((self._right[each].size for each in matrices if is_product), default=0)
            found[name] = ELEMENT * self._right[name].size + n * product
        return found

    @cached_property
    def alone(self) -> tuple[Candidate, ...]:
        """One mistake each."""
        found = (self._candidate((slip,)) for slip in self._affordable)
        return tuple(each for each in found if each is not None)

    @cached_property
    def _paired(self) -> Sequence[Slip]:
        """The mistakes that are tried in pairs: those that change the quantity at all, the nearest to it."""
        changing = [each for each in self.alone if each.slips[0].mistake.pairs]
        nearest = [each.slips[0] for each in sorted(changing, key=lambda each: each.rank)]
        size = sum(array.size for name in self._operations if name.startswith("w[") for array in [self._right[name]])
        cost = len(ingredients_of(self._operations, self._target)) * (1 + len(self._right["x"]) * size / SMALL)
        return nearest[: int((2 * MOST_WORK / cost) ** 0.5)]

    def pairs(self) -> Iterator[Candidate]:
        """Two mistakes together, of all or of the nearest."""
        for one, other in itertools.combinations(self._paired, 2):
            if one.mistake.title == other.mistake.title:
                continue
            candidate = self._candidate((one, other))
            if candidate is not None:
                yield candidate

    def _candidate(self, slips: tuple[Slip, ...]) -> Candidate | None:
        """The quantity with these mistakes; None where they change nothing, or cannot be made together."""
        replaced = _replacements(slips, self._operations, self._right)
        if replaced is None:
            return None
        calculation = Calculation(self._operations, self._right, replaced)
        value, right = calculation[self._target], self._right[self._target]
        if value.shape != right.shape or not np.isfinite(value).any() or np.array_equal(value, right):
            return None
        rank = (
            len(slips),
            max(slip.mistake.group for slip in slips),
            sum((len(slip.places) > 1) != slip.mistake.rather_everywhere for slip in slips),
            sum(slip.distance for slip in slips),
            sum(slip.order for slip in slips),
        )
        return Candidate(slips, value, calculation, rank)


def _replacements(
    slips: Sequence[Slip], operations: Mapping[str, Operation], v: Values
) -> dict[str, Replacement] | None:
    replaced: dict[str, Replacement] = {}
    for slip in slips:
        for place in slip.places:
            if place not in replaced:
                replaced[place] = slip.mistake
                continue
            together = _together(replaced[place], slip.mistake, operations[place], v)
            if together is None:
                return None
            replaced[place] = together
    return replaced


@dataclass(frozen=True)
class _WithFactor:
    """A mistake whose result is multiplied by something in addition."""

    mistake: Replacement
    factor: float

    def wrong(self, operation: Operation, v: Values) -> Array:
        """What it gives there."""
        product: Array = self.mistake.wrong(operation, v) * self.factor
        return product


def _together(one: Replacement, other: Mistake, operation: Operation, v: Values) -> Replacement | None:
    """Two mistakes at the same place, of which one is a factor."""
    factor = other.factor(operation, v)
    if factor is not None:
        return _WithFactor(one, factor)
    factor = one.factor(operation, v) if isinstance(one, Mistake) else None
    return None if factor is None else _WithFactor(other, factor)
