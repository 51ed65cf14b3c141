"""The outcome of a gradient check: numbers for programs, a table and sentences for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.finding import Finding
from chainrule.glassbox.gradient_check.heat_map import HeatMap, heat_map
from chainrule.network.layout import Layout

__all__ = ["AGREEMENT", "ArrayCheck", "GradientCheck"]

AGREEMENT = 1e-6
"""Relative error from which on a gradient is wrong."""

SMALL_ENTRY = 1e-3
"""An entry smaller than this share of its array's largest is measured against that share."""


@dataclass(frozen=True)
class ArrayCheck:
    """How the two gradients of one array compare.

    Attributes
    ----------
    name : str
        Such as ``w[1]``.
    shape : tuple of int
        Its shape.
    relative_error : float
        |numerical - backpropagated| / max(|numerical| + |backpropagated|, 1e-6 of the largest array's sum), with
        Euclidean norms over the entries that were checked. The denominator is never so small that the rounding of J
        alone would come to 1e-6.
    left_out : int
        Entries whose two evaluations lie on different sides of a kink.
    """

    name: str
    shape: tuple[int, ...]
    relative_error: float
    left_out: int


@dataclass(frozen=True, eq=False)
class GradientCheck:
    """The outcome of `check_gradients`; printed, it is a table, with what was found out below it.

    Attributes
    ----------
    arrays : tuple of ArrayCheck
        One for each array of parameters.
    overall : float
        The relative error of the whole gradient.
    backpropagated, numerical : array of shape (P,)
        The two gradients, in the layout of theta; `numerical` is NaN at entries left out.
    layout : Layout
        Which entry is which.
    smallest : float
        What is smaller than this cannot be told from the rounding of J.
    reading : tuple of Finding
        The mistakes that explain the difference, each found by computing what it would give; empty where the two
        agree.
    find_remarks : callable
        Finds `remarks`, when they are asked for.
    """

    arrays: tuple[ArrayCheck, ...]
    overall: float
    backpropagated: Array
    numerical: Array
    layout: Layout
    smallest: float = 0.0
    reading: tuple[Finding, ...] = ()
    find_remarks: Callable[[], tuple[Finding, ...]] = field(default=tuple, repr=False)

    @cached_property
    def remarks(self) -> tuple[Finding, ...]:
        """What is no mistake of the gradient, and yet good to know.

        Units without any gradient, functions that overwrite what they are given, the rounding of float32.
        """
        return self.find_remarks()

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of any array, and overall."""
        return max(self.overall, *(array.relative_error for array in self.arrays))

    @property
    def agrees(self) -> bool:
        """Whether every relative error is below 1e-6."""
        return self.max_relative_error < AGREEMENT

    @property
    def left_out(self) -> int:
        """Entries at kinks, in all arrays."""
        return sum(array.left_out for array in self.arrays)

    def entry_errors(self) -> Array:
        """Each entry's |numerical - backpropagated| / (|numerical| + |backpropagated|), of shape (P,).

        NaN at entries left out. The denominator is at least a thousandth of the largest in the same array: beside
        that, an entry's rounding says nothing.
        """
        difference = np.abs(self.numerical - self.backpropagated)
        total = np.abs(self.numerical) + np.abs(self.backpropagated)
        for slot in self.layout:
            own = total[slot.slice]
            floor = max(SMALL_ENTRY * float(np.nanmax(own, initial=0.0)), self.smallest)
            total[slot.slice] = np.maximum(own, floor)
        errors: Array = np.divide(difference, total, out=np.zeros_like(total), where=(difference != 0))
        errors[np.isnan(self.numerical)] = np.nan
        return errors

    def heat_map(self, most_rows: int = 16, most_columns: int = 32) -> HeatMap:
        """A grid of signs for each array, which shows where the two gradients differ.

        "." is an entry that agrees, ":" one that is off by 1e-6 to 1e-3 of its size, "x" one that is off by more, "0"
        one whose gradient is 0 by both, "k" one at a kink. Of large arrays, the worst rows and columns are shown.

        Parameters
        ----------
        most_rows, most_columns : int
            Rows and columns of an array that are shown at most.

        Returns
        -------
        HeatMap
            Text, which rich prints in colours.
        """
        dead = (self.numerical == 0) & (self.backpropagated == 0)
        return heat_map(self.layout, self.entry_errors(), dead, most_rows, most_columns)

    def worst_entry(self) -> str:
        """The entry with the largest difference, as a sentence."""
        entry = int(np.nanargmax(np.abs(self.numerical - self.backpropagated)))
        return (
            f"Largest difference: {self.layout.name_of(entry)}, backpropagated {self.backpropagated[entry]:.9g}, "
            f"numerical {self.numerical[entry]:.9g}."
        )

    def verdict(self) -> str:
        """Whether the two gradients agree, as a sentence."""
        if self.agrees:
            return f"They agree: every relative error is below {AGREEMENT:g}."
        return f"They do not agree: a right gradient has relative errors below {AGREEMENT:g}."

    def table(self) -> str:
        """A row for each array, the largest difference and the verdict."""
        rows = [(a.name, str(a.shape), f"{a.relative_error:.1e}", str(a.left_out)) for a in self.arrays]
        total = str((self.layout.size,))
        rows = [("array", "shape", "relative error", "at kinks"), *rows]
        rows.append(("overall", total, f"{self.overall:.1e}", str(self.left_out)))
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [
            "  ".join(
                (row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2]), row[3].rjust(widths[3]))
            )
            for row in rows
        ]
        return "\n".join([*lines, self.worst_entry(), self.verdict()])

    def __repr__(self) -> str:
        parts = [self.table()]
        parts += [finding.text(f"{number}. ") for number, finding in enumerate(self.reading, 1)]
        parts += [finding.text("Note: ") for finding in self.remarks]
        return "\n".join(parts)
