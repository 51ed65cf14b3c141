"""A set of worksheets: one for each student, different and equally hard."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.glassbox.worksheets.drawn_numbers import drawn_instance
from chainrule.glassbox.worksheets.instance import Instance
from chainrule.glassbox.worksheets.settings import WorksheetSettings, worksheet_settings
from chainrule.glassbox.worksheets.sheet import Sheet

__all__ = ["Worksheets", "worksheet"]

MOST_DRAWS = 1000


@dataclass(frozen=True)
class Worksheets:
    """A set of worksheets.

    Attributes
    ----------
    settings : WorksheetSettings
        All that it is made from.
    """

    settings: WorksheetSettings

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The sheets; that of a student is the same however many others there are."""
        settings = self.settings
        seen: set[tuple[float, ...]] = set()
        found = []
        for student in range(1, settings.students + 1):
            instance = _new_instance(settings, student, seen)
            seen.add(instance.givens)
            found.append(Sheet(student, settings.student_name(student), instance))
        return tuple(found)

    def write(self, folder: str | os.PathLike[str] | None = None) -> Path:
        """Write the pages, the solutions and a table for the answers to a new folder; see `write_worksheets`."""
        from chainrule.glassbox.worksheets.folder import write_worksheets  # it writes what is defined here

        return write_worksheets(self, folder)

    def __len__(self) -> int:
        return self.settings.students

    def __repr__(self) -> str:
        s = self.settings
        sizes = "-".join(map(str, s.dimensions))
        return f"<Worksheets of seed {s.seed}: {s.students} x {s.n_questions} blanks, {s.level}, {sizes}>"


def _new_instance(settings: WorksheetSettings, student: int, seen: set[tuple[float, ...]]) -> Instance:
    generator = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(student,)))
    for _ in range(MOST_DRAWS):
        instance = drawn_instance(settings, generator)
        if instance.givens not in seen:
            return instance
    raise InvalidArgument(f"There are no {settings.students} different sheets of this size; take more units.")


def worksheet(
    seed: int = 0,
    students: int | None = None,
    level: str | int = "medium",
    *,
    dimensions: Sequence[int] | None = None,
    activation: str | Sequence[str] | None = None,
    loss: str | None = None,
    rows: int = 1,
    names: Sequence[str] = (),
) -> Worksheets:
    """Worksheets on one step of a small network: to be computed by hand, each student on numbers of their own.

    Parameters
    ----------
    seed : int
        Of the numbers: the same seed and settings give the same sheets, byte for byte.
    students : int, optional
        How many sheets; by default as many as names, or 1.
    level : str or int
        ``"easy"`` (1): z and a; ``"medium"`` (2): the loss and delta besides; ``"hard"`` (3): dw, db and the new
        weights and biases besides; ``"deep"`` (4): two hidden layers, up to dw and db.
    dimensions : sequence of int, optional
        Units by layer, the input first, up to 4 each; by default those of the level.
    activation : str or sequence of str, optional
        Of the hidden layers, or one for each layer from 2: relu (the default), sigmoid, tanh or identity.
    loss : str, optional
        mse, mae, binary_cross_entropy or cross_entropy; by default what goes with the output.
    rows : int
        Rows of the batch, up to 4.
    names : sequence of str
        The students' names.

    Returns
    -------
    Worksheets
        ``write(folder)`` writes the pages; ``sheets`` holds the numbers, the questions and their answers.

    Raises
    ------
    InvalidArgument, InvalidType
        If a setting does not fit.

    Examples
    --------
    >>> from chainrule.glassbox.worksheets import worksheet
    >>> sheets = worksheet(seed=7, students=2, level="hard")
    >>> sheets
    <Worksheets of seed 7: 2 x 28 blanks, hard, 2-2-1>
    >>> question = sheets.sheets[0].questions[0]
    >>> question.name, str(question.quantity)
    ('Q1', 'z[2][0,0]')
    """
    return Worksheets(
        worksheet_settings(
            seed, students, level, dimensions=dimensions, activation=activation, loss=loss, rows=rows, names=names
        )
    )
