"""What is measured of the programs of a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chainrule.glassbox.museum.program import Program
from chainrule.glassbox.museum.training import Training

__all__ = ["Effect", "Figure", "Finding", "Measured"]

Effect = Literal["costs", "none", "helps", "stops"]
"""What a mistake does to the accuracy on held-out rows, in the room's recipe with seed 1."""


@dataclass(frozen=True)
class Measured:
    """One program of a room, and what its training gave.

    Attributes
    ----------
    program : Program
        What was trained.
    training : Training
        On three quarters of the rows.
    on_all_rows : Training, optional
        On all rows, for rooms that measure as the post does.
    """

    program: Program
    training: Training
    on_all_rows: Training | None = None


@dataclass(frozen=True)
class Figure:
    """A row of a visit's table.

    Attributes
    ----------
    name : str
        What was measured.
    values : tuple of float or None
        One for each program; None where there is none.
    unit : {"", "%"}
        With ``"%"``, shares are shown in percent.
    """

    name: str
    values: tuple[float | None, ...]
    unit: Literal["", "%"] = ""


@dataclass(frozen=True)
class Finding:
    """A sentence about what was measured besides, with its numbers by name."""

    sentence: str
    numbers: dict[str, float]
