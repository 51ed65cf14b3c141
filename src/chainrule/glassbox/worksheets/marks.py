"""The marks of a class: who has how many points, which question was hardest, which mistake the commonest."""

from __future__ import annotations

import os
import statistics
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from chainrule.glassbox.worksheets.marking import VERDICTS, StudentMarks
from chainrule.glassbox.worksheets.worksheets import Worksheets

__all__ = ["Marks", "MistakeSummary", "QuestionSummary"]

MOST_SHOWN = 3
"""So many of the hardest questions and the commonest mistakes are in the summary."""


@dataclass(frozen=True)
class QuestionSummary:
    """How a question was answered.

    Attributes
    ----------
    name : str
        ``"Q7"``.
    quantity : str
        What it asks for.
    points : int
        How many students have its point.
    of : int
        Of how many who handed in.
    """

    name: str
    quantity: str
    points: int
    of: int


@dataclass(frozen=True)
class MistakeSummary:
    """A mistake that was recognised.

    Attributes
    ----------
    name : str
        What it is called.
    students : int
        How many made it.
    answers : int
        In how many answers.
    """

    name: str
    students: int
    answers: int

    def __str__(self) -> str:
        students = f"{self.students} student{'s' * (self.students > 1)}"
        return f"{self.name} ({students}, {self.answers} answer{'s' * (self.answers > 1)})"


@dataclass(frozen=True, eq=False, repr=False)
class Marks:
    """The marks of a class.

    Attributes
    ----------
    worksheets : Worksheets
        The sheets.
    students : tuple of StudentMarks
        One for each sheet.
    notes : tuple of str
        Lines of the table of answers that could not be used.
    """

    worksheets: Worksheets
    students: tuple[StudentMarks, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def handed_in(self) -> tuple[StudentMarks, ...]:
        """Those of whom there is an answer."""
        return tuple(each for each in self.students if each.handed_in)

    @cached_property
    def questions(self) -> tuple[QuestionSummary, ...]:
        """The questions, the hardest first: that which the fewest have right."""
        asked = self.worksheets.sheets[0].questions
        found = [
            QuestionSummary(
                name=each.name,
                quantity=str(each.quantity),
                points=sum(marks.answers[each.number - 1].points for marks in self.handed_in),
                of=len(self.handed_in),
            )
            for each in asked
        ]
        return tuple(sorted(found, key=lambda each: each.points))

    @cached_property
    def mistakes(self) -> tuple[MistakeSummary, ...]:
        """The mistakes that were recognised; first the one that the most students made."""
        made = [
            (each.mistake, marks.sheet.student) for marks in self.students for each in marks.answers if each.mistake
        ]
        answers, students = Counter(name for name, _ in made), Counter(name for name, _ in set(made))
        found = [MistakeSummary(name, students[name], answers[name]) for name in answers]
        return tuple(sorted(found, key=lambda each: (-each.students, -each.answers, each.name)))

    @property
    def mean(self) -> float:
        """Points of those who handed in, on average; 0 where nobody did."""
        return statistics.fmean(each.points for each in self.handed_in) if self.handed_in else 0.0

    @property
    def summary(self) -> tuple[str, ...]:
        """The class in a few sentences."""
        if not self.handed_in:
            return ("Nobody handed in an answer.",)
        out_of = self.worksheets.settings.n_questions
        lines = [
            f"{len(self.handed_in)} of {len(self.students)} handed in; on average {self.mean:.1f} of {out_of} points."
        ]
        hardest = [each for each in self.questions if each.points < each.of][:MOST_SHOWN]
        if hardest:
            told = ", ".join(f"{each.name} {each.quantity} ({each.points} of {each.of} right)" for each in hardest)
            lines.append(f"Hardest: {told}.")
        if self.mistakes:
            told = ", ".join(map(str, self.mistakes[:MOST_SHOWN]))
            lines.append(f"Commonest mistakes: {told}.")
        return tuple(lines)

    def data(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "seed": self.worksheets.settings.seed,
            "level": self.worksheets.settings.level,
            "out_of": self.worksheets.settings.n_questions,
            "handed_in": len(self.handed_in),
            "mean": self.mean,
            "students": [_student(each) for each in self.students],
            "hardest": [vars(each) for each in self.questions[:MOST_SHOWN]],
            "mistakes": [vars(each) for each in self.mistakes],
            "notes": list(self.notes),
        }

    def write(self, folder: str | os.PathLike[str] = ".") -> tuple[Path, Path]:
        """Write ``marks.csv`` and ``marks.html`` into a folder; see `write_marks`."""
        from chainrule.glassbox.worksheets.marks_files import write_marks  # it writes what is defined here

        return write_marks(self, folder)

    def __str__(self) -> str:
        width = max(len("student"), *(len(each.sheet.title) for each in self.students))
        lines = [f"{'student':{width}}  points  {'  '.join(VERDICTS)}"]
        for each in self.students:
            points = f"{each.points}/{each.out_of}" if each.handed_in else "-"
            counts = "  ".join(f"{each.counts[verdict]:{len(verdict)}}" for verdict in VERDICTS)
            lines.append(
                f"{each.sheet.title:{width}}  {points:>6}  {counts if each.handed_in else 'nothing handed in'}"
            )
        return "\n".join([*lines, "", *self.summary])

    def __repr__(self) -> str:
        return f"<Marks of {len(self.handed_in)} students: {self.mean:.1f} of {self.worksheets.settings.n_questions}>"


def _student(marks: StudentMarks) -> dict[str, Any]:
    wrong = [
        {
            "question": each.question.name,
            "quantity": str(each.question.quantity),
            "given": each.given,
            "right": each.question.answer,
            "verdict": each.verdict,
            "mistake": each.mistake or None,
            "sentence": each.sentence,
        }
        for each in marks.answers
        if each.verdict != "right"
    ]
    return {
        "student": marks.sheet.name,
        "points": marks.points,
        "handed_in": marks.handed_in,
        **marks.counts,
        "not_right": wrong if marks.handed_in else [],
    }
