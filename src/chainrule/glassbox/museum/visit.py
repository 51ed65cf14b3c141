"""A visit to a room: its programs trained and checked, with what that shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.glassbox.museum.checking import CheckedProgram
from chainrule.glassbox.museum.measurements import Effect, Figure, Finding, Measured
from chainrule.glassbox.museum.program import Recipe
from chainrule.glassbox.museum.source_lines import ChangedLines
from chainrule.glassbox.museum.training import all_rows, split_rows
from chainrule.glassbox.museum.visit_text import visit_data, visit_text
from chainrule.glassbox.museum.visit_verdict import verdict

if TYPE_CHECKING:
    from chainrule.glassbox.museum.room import Room

__all__ = ["Visit"]

NO_HARM, FEW_ROWS = 0.02, 2
"""Up to this difference of accuracy or R2, and up to so many rows, a mistake is said to do no harm that this shows."""


@dataclass(frozen=True, repr=False)
class Visit:
    """What the programs of a room did; printed, it is the whole explanation.

    Attributes
    ----------
    room : Room
        Which mistake.
    seed : int
        Of the starting weights and the order of the rows.
    recipe : Recipe
        How the programs were trained.
    programs : tuple of Measured
        Each program with its trainings; the wrong one first, the right one last.
    checks : tuple of CheckedProgram
        The gradient checks; the wrong program's first, the right one's last.
    lines : tuple of ChangedLines
        The wrong lines of code, and the right ones.
    more : tuple of Figure
        Rows of the table that are this room's own.
    findings : tuple of Finding
        What was measured besides.
    """

    room: Room
    seed: int
    recipe: Recipe
    programs: tuple[Measured, ...]
    checks: tuple[CheckedProgram, ...]
    lines: tuple[ChangedLines, ...]
    more: tuple[Figure, ...]
    findings: tuple[Finding, ...]

    @property
    def n_rows(self) -> tuple[int, int, int]:
        """How many rows there are, to learn from, and held out."""
        learn, held_out = split_rows(self.recipe)
        return len(all_rows(self.recipe.table)), len(learn), len(held_out)

    @property
    def effect(self) -> Effect:
        """What the mistake did to the accuracy (or R2) on the held-out rows."""
        wrong, right = self.programs[0].training, self.programs[-1].training
        if wrong.stopped:
            return "stops"
        lost = right.held_out[-1] - wrong.held_out[-1]
        if not np.isfinite(lost):
            return "costs"  # numbers that are none predict nothing
        rows = round(abs(lost) * self.n_rows[2])
        if abs(lost) <= NO_HARM or (self.recipe.measure == "accuracy" and rows <= FEW_ROWS):
            return "none"
        return "costs" if lost > 0 else "helps"

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The table of numbers."""
        n, n_learned, n_held_out = self.n_rows
        trainings = [each.training for each in self.programs]
        measure = self.recipe.measure
        figures = []
        if self.recipe.all_rows:
            on_all = [each.on_all_rows.learned for each in self.programs if each.on_all_rows]
            J = [each.on_all_rows.J for each in self.programs if each.on_all_rows]
            figures += [
                Figure(f"accuracy as the post measures it: all {n:,} rows, learned from too", _last(on_all), "%"),
                Figure("J after that, as the program prints it", _last(J)),
            ]
        figures += [
            Figure(f"{measure}, {n_learned:,} training rows", _last([t.learned for t in trainings]), self._unit),
            Figure(f"{measure}, {n_held_out:,} held-out rows", _last([t.held_out for t in trainings]), self._unit),
            Figure(f"J of the {n_learned:,} training rows, as the program prints it", _last([t.J for t in trainings])),
        ]
        return (*figures, *self.more)

    @property
    def _unit(self) -> Any:
        return "%" if self.recipe.measure == "accuracy" else ""

    @property
    def verdict(self) -> tuple[str, ...]:
        """Sentences: what the mistake did, what the gradient check says, what to do."""
        return verdict(self)

    def data(self) -> dict[str, Any]:
        """The same as dicts, lists, strings and numbers."""
        return visit_data(self)

    def __repr__(self) -> str:
        return visit_text(self)


def _last(curves: list[tuple[float, ...]]) -> tuple[float | None, ...]:
    return tuple(curve[-1] if curve and np.isfinite(curve[-1]) else None for curve in curves)
