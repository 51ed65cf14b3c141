"""Marks as files: a table for the mark book, and a page to read and hand back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

from chainrule.errors import FileNotWritten
from chainrule.files.whole_file import write_whole
from chainrule.glassbox.explain.mathml import name_mathml
from chainrule.glassbox.worksheets.marking import VERDICTS, MarkedAnswer, StudentMarks
from chainrule.glassbox.worksheets.marks import Marks
from chainrule.glassbox.worksheets.number_words import as_written
from chainrule.glassbox.worksheets.printed_page import printed_page
from chainrule.glassbox.worksheets.table_file import csv_bytes

__all__ = ["marks_page", "write_marks"]

TABLE, PAGE = "marks.csv", "marks.html"
COLUMNS = ("student", "points", "out_of", *VERDICTS, "comments")
MARK = "<!-- marks of chainrule worksheets -->"
BEGINNINGS = {TABLE: ",".join(COLUMNS).encode(), PAGE: f"{MARK}\n".encode()}
"""What the files begin with: nothing else is overwritten."""

SAID: dict[str, str] = {"wrong": "wrong", "unreadable": "not a number"}


def write_marks(marks: Marks, folder: str | os.PathLike[str] = ".") -> tuple[Path, Path]:
    """Write ``marks.csv`` and ``marks.html`` into a folder that is there; earlier marks are replaced.

    Returns
    -------
    table, page : pathlib.Path
        The two files.

    Raises
    ------
    FileNotWritten
        If there is no such folder, or a file of that name is there that is no marks.
    """
    contents = {TABLE: _table(marks), PAGE: f"{MARK}\n{marks_page(marks)}".encode()}
    for name in contents:
        _check_place(Path(folder) / name)
    for name, content in contents.items():
        write_whole(Path(folder) / name, content)
    return Path(folder) / TABLE, Path(folder) / PAGE


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise FileNotWritten(f"There is no folder {path.parent} to write {path.name} to.")
    try:
        with path.open("rb") as file:
            beginning = file.read(len(BEGINNINGS[path.name]))
    except FileNotFoundError:
        return
    except OSError as error:
        raise FileNotWritten(f"{path} cannot be replaced: {error.strerror or error}.") from error
    if beginning != BEGINNINGS[path.name]:
        raise FileNotWritten(f"{path} is there already and holds something else; name another folder for the marks.")


def _table(marks: Marks) -> bytes:
    rows: list[Sequence[str | int | float]] = [COLUMNS]
    for each in marks.students:
        counts = each.counts
        rows.append((each.sheet.name, each.points, each.out_of, *(counts[v] for v in VERDICTS), _comments(each)))
    return csv_bytes(rows)


def _comments(marks: StudentMarks) -> str:
    """Each mistake once, with its questions."""
    questions: dict[str, list[str]] = {}
    for answer in marks.answers:
        if answer.verdict in ("wrong", "unreadable"):
            questions.setdefault(answer.mistake or SAID[answer.verdict], []).append(answer.question.name)
    return " ".join(f"{', '.join(names)}: {what}." for what, names in questions.items())


def marks_page(marks: Marks) -> str:
    """The page about a class: who has what, which questions were hard, and what each student did wrong."""
    settings = marks.worksheets.settings
    top = f"<header>\n<h1>Marks</h1>\n<span>seed {settings.seed}, level {settings.level}</span>\n</header>"
    summary = "\n".join(f"<p>{escape(each)}</p>" for each in marks.summary)
    notes = "".join(f"<li>{escape(each)}</li>" for each in marks.notes)
    listed = f"<h2>Lines that could not be used</h2>\n<ul>{notes}</ul>" if notes else ""
    body = "\n".join([top, summary, _overview(marks), _questions(marks), listed, *map(_student, marks.handed_in)])
    return printed_page("Marks", f'<div class="solutions marks">\n{body}\n</div>', "worksheet.css", "solutions.css")


def _overview(marks: Marks) -> str:
    heads = "".join(f"<th>{each}</th>" for each in ("student", "points", *VERDICTS))
    rows = []
    for each in marks.students:
        cells = [f"{each.points} / {each.out_of}", *(str(each.counts[verdict]) for verdict in VERDICTS)]
        if not each.handed_in:
            cells = ["nothing handed in", *[""] * len(VERDICTS)]
        link = f'<a href="#student-{each.sheet.student}">{escape(each.sheet.title)}</a>' if each.handed_in else ""
        first = link or escape(each.sheet.title)
        rows.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    return f"<h2>The class</h2>\n<table><thead><tr>{heads}</tr></thead><tbody>\n{chr(10).join(rows)}\n</tbody></table>"


def _questions(marks: Marks) -> str:
    if not marks.handed_in:
        return ""
    in_order = sorted(marks.questions, key=lambda each: int(each.name[1:]))
    rows = "\n".join(
        f'<tr><th scope="row">{each.name}</th><td>{name_mathml(each.quantity)}</td><td>{each.points} of {each.of}</td>'
        f'<td><meter min="0" max="{each.of}" value="{each.points}">{each.points} of {each.of}</meter></td></tr>'
        for each in in_order
    )
    made = "\n".join(
        f"<tr><td>{escape(each.name)}</td><td>{each.students}</td><td>{each.answers}</td></tr>"
        for each in marks.mistakes
    )
    heads = "<thead><tr><th>mistake</th><th>students</th><th>answers</th></tr></thead>"
    mistakes = f"<h2>Mistakes</h2>\n<table>{heads}<tbody>\n{made}\n</tbody></table>" if made else ""
    return f"<h2>The questions</h2>\n<table><tbody>\n{rows}\n</tbody></table>\n{mistakes}"


def _student(marks: StudentMarks) -> str:
    rows = "\n".join(_row(each) for each in marks.answers if each.verdict in ("wrong", "unreadable"))
    parts = [f"<table><tbody>\n{rows}\n</tbody></table>"] if rows else []
    followed = _listed(marks, "follow-on")
    if followed:
        parts.append(
            f"<p>Not the numbers of the key, but right from the answers before, with full points: {followed}.</p>"
        )
    blank = _listed(marks, "blank")
    if blank:
        parts.append(f"<p>Nothing was answered: {blank}.</p>")
    body = "\n".join(parts) or "<p>Everything is right.</p>"
    return (
        f'<section class="student" id="student-{marks.sheet.student}">\n'
        f"<h2>{escape(marks.sheet.title)}: {marks.points} of {marks.out_of} points</h2>\n{body}\n</section>"
    )


def _listed(marks: StudentMarks, verdict: str) -> str:
    """Names of the questions with this verdict, and what the key says."""
    return ", ".join(
        f"{each.question.name} ({as_written(each.question.answer)})"
        for each in marks.answers
        if each.verdict == verdict
    )


def _row(answer: MarkedAnswer) -> str:
    what = f"<b>{escape(answer.mistake)}</b>. " if answer.mistake else ""
    return (
        f'<tr><th scope="row">{answer.question.name}</th><td>{name_mathml(answer.question.quantity)}</td>'
        f"<td>{escape(answer.given)}</td><td>{what}{escape(answer.sentence)}</td></tr>"
    )
