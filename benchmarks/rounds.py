"""Rounds: everything is measured once in each, in turn, so that a slow minute of the machine slows all of them alike.

A ratio is therefore taken within a round, and only then the median over the rounds.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

__all__ = ["Ratio", "alternate", "fastest", "ratio"]

Name = TypeVar("Name", bound=Hashable)


class Ratio(NamedTuple):
    """The median of the ratios by round, with the lowest and the highest of them."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> Ratio:
        """Of the ratios by round."""
        return cls(statistics.median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lowest:.2f} to {self.highest:.2f})"


def alternate(
    measurements: Mapping[Name, Callable[[], float]], n_rounds: int, *, warm: bool = False
) -> dict[Name, list[float]]:
    """The figures of `n_rounds` rounds, by name, after one round that is not counted, unless all is `warm`.

    Every second round goes backwards, so that nobody always runs behind the same other.
    """
    names = list(measurements)
    for name in () if warm else names:
        measurements[name]()
    figures: dict[Name, list[float]] = {name: [] for name in names}
    for r in range(n_rounds):
        for name in names if r % 2 == 0 else reversed(names):
            figures[name].append(measurements[name]())
    return figures


def fastest(figures: Mapping[Name, Sequence[float]], names: Iterable[Name]) -> Name:
    """Which of `names` has the lowest median."""
    return min(names, key=lambda name: statistics.median(figures[name]))


def ratio(figures: Sequence[float], base: Sequence[float]) -> Ratio:
    """`figures` / `base`, round by round."""
    return Ratio.of([figure / own for figure, own in zip(figures, base, strict=True)])
