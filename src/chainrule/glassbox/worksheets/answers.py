"""The answers that a teacher collected: a table with a line for each blank of each student."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from chainrule.errors import FileFormatError, nearest_names
from chainrule.glassbox.worksheets.sheet import Sheet
from chainrule.glassbox.worksheets.table_file import read_csv, without_apostrophe
from chainrule.glassbox.worksheets.worksheets import Worksheets

__all__ = ["Answers", "GivenAnswer", "read_answers"]

COLUMNS = ("student", "question", "answer")
MOST_NOTES = 20
LONGEST_ANSWER = 200


@dataclass(frozen=True)
class GivenAnswer:
    """What was written into a blank.

    Attributes
    ----------
    text : str
        As it stands in the table.
    line : int
        Where it stands, counted from 1.
    """

    text: str
    line: int


@dataclass
class Answers:
    """Who answered what.

    Attributes
    ----------
    by_student : dict of int to dict of int to GivenAnswer
        By number of the student and number of the question; students without a line are not in it.
    notes : list of str
        Lines that could not be used, each in a sentence.
    """

    by_student: dict[int, dict[int, GivenAnswer]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Keep a sentence, of the first lines that make one."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(sentence)
        elif len(self.notes) == MOST_NOTES:
            self.notes.append("More lines could not be used; these were the first.")


def read_answers(path: str | os.PathLike[str], worksheets: Worksheets) -> Answers:
    """Read a table of answers with the columns student, question and answer, in any order.

    A student goes by name or number, a question by ``Q7``, ``7`` or the name of its quantity. A decimal comma may stand
    in an answer, also where commas divide the columns and the answer is the last of them.

    Raises
    ------
    FileMissing, FileFormatError
        If there is no such table.
    """
    rows = read_csv(path)
    if not rows:
        raise FileFormatError(f"{path} is empty: its first line is {','.join(COLUMNS)}.")
    columns = _columns(path, rows[0][1])
    students = _keys(worksheets.sheets)
    found = Answers()
    for line, cells in rows[1:]:
        if len(cells) > len(rows[0][1]) and columns[-1] == len(rows[0][1]) - 1:
            cells = [*cells[: columns[-1]], ",".join(cells[columns[-1] :])]  # a decimal comma that nobody quoted
        named, asked, text = (without_apostrophe(cells[i].strip()) if i < len(cells) else "" for i in columns)
        sheet = students.get(_key(named))
        if sheet is None:
            known = [each.name for each in worksheets.sheets]
            near = nearest_names(named, known) if worksheets.settings.names else f"they go from 1 to {len(known)}."
            found.note(f"Line {line}: there is no student {named[:60]!r}; {near}")
            continue
        _take(found, sheet, line, asked, text)
    return found


def _columns(path: str | os.PathLike[str], header: Sequence[str]) -> tuple[int, int, int]:
    names = [each.strip().lower() for each in header]
    missing = [each for each in COLUMNS if each not in names]
    if missing:
        raise FileFormatError(
            f"{path} has no column {' and no column '.join(missing)}: its first line is {','.join(COLUMNS)}, as in the "
            "answers.csv that is written with the sheets."
        )
    student, question, answer = (names.index(each) for each in COLUMNS)
    return student, question, answer


def _key(name: str) -> str:
    plain = " ".join(name.split()).casefold()
    return plain.lstrip("0") or "0" if plain.isdigit() else plain


def _keys(sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    """The sheets by number and by name."""
    return {key: each for each in sheets for key in (str(each.student), _key(each.name))}


def _take(found: Answers, sheet: Sheet, line: int, asked: str, text: str) -> None:
    """Keep an answer of a student who is known."""
    own = found.by_student.setdefault(sheet.student, {})
    number = _question(sheet, asked)
    if number is None:
        found.note(
            f"Line {line}: there is no question {asked[:60]!r} on this sheet; they are Q1 to Q{len(sheet.questions)}."
        )
        return
    earlier = own.get(number)
    if earlier is not None and earlier.text and text:
        found.note(
            f"Line {line}: {sheet.title} answers Q{number} again (line {earlier.line}); the later answer counts."
        )
    if earlier is None or text:
        own[number] = GivenAnswer(text[:LONGEST_ANSWER], line)


def _question(sheet: Sheet, asked: str) -> int | None:
    plain = asked.strip().lower().removeprefix("q").strip()
    if plain.isascii() and plain.isdigit() and len(plain) < 6:
        number = int(plain)
        return number if 1 <= number <= len(sheet.questions) else None
    spelled = "".join(asked.split()).lower()
    return next(
        (each.number for each in sheet.questions if "".join(str(each.quantity).split()).lower() == spelled), None
    )
