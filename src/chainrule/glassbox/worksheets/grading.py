"""Grading: a table of answers marked against the worksheets that they answer."""

from __future__ import annotations

import os
from pathlib import Path

from chainrule.errors import InvalidType
from chainrule.glassbox.worksheets.answers import read_answers
from chainrule.glassbox.worksheets.folder import ANSWERS, read_worksheets
from chainrule.glassbox.worksheets.marking import marked_sheet
from chainrule.glassbox.worksheets.marks import Marks
from chainrule.glassbox.worksheets.worksheets import Worksheets

__all__ = ["grade"]


def grade(worksheets: Worksheets | str | os.PathLike[str], answers: str | os.PathLike[str] | None = None) -> Marks:
    """Mark a table of answers: each right, right from the student's own numbers, or wrong with the likely mistake.

    An answer has its point where it is the number asked for, to three decimals, or where it follows rightly from the
    student's own earlier answers. For one that is wrong, the mistakes of `chainrule.hand_check` are tried on the
    student's own numbers.

    Parameters
    ----------
    worksheets : Worksheets, or path of their folder
        The sheets that were handed out.
    answers : path, optional
        The table, with the columns student, question and answer; by default ``answers.csv`` in the folder.

    Returns
    -------
    Marks
        Printed, it is a table; ``write(folder)`` writes ``marks.csv`` and ``marks.html``.

    Raises
    ------
    FileMissing, FileFormatError
        If the folder or the table is not there, or not what it should be.
    InvalidType
        If it is not said where the answers are.
    """
    if not isinstance(worksheets, Worksheets):
        folder = Path(worksheets)
        worksheets = read_worksheets(folder)
        answers = folder / ANSWERS if answers is None else answers
    if answers is None:
        raise InvalidType("Name the file of the answers, or the folder of the worksheets with its answers.csv.")
    found = read_answers(answers, worksheets)
    students = tuple(marked_sheet(sheet, found.by_student.get(sheet.student, {})) for sheet in worksheets.sheets)
    return Marks(worksheets, students, tuple(found.notes))
