"""The teacher's page: every blank of every sheet with its arithmetic."""

from __future__ import annotations

from html import escape

from chainrule.glassbox.explain.mathml import MathmlTypesetter, math_line, name_mathml
from chainrule.glassbox.explain.speech import spoken
from chainrule.glassbox.explain.text import with_numbers, with_symbols
from chainrule.glassbox.worksheets.givens import givens_html
from chainrule.glassbox.worksheets.number_words import as_written
from chainrule.glassbox.worksheets.printed_page import printed_page
from chainrule.glassbox.worksheets.settings import PLACES
from chainrule.glassbox.worksheets.sheet import Question, Sheet
from chainrule.glassbox.worksheets.worksheets import Worksheets

__all__ = ["solutions_page"]

DIGITS = 8

DRAWING = 34.0
"""Millimetres of the drawing."""

SAME = 1e-9
"""Nearer than this, a result was not rounded."""


def solutions_page(worksheets: Worksheets) -> str:
    """One page for all students: a table each, of symbols, numbers and result."""
    settings = worksheets.settings
    sheets = worksheets.sheets
    links = " ".join(f'<a href="#student-{each.student}">{escape(each.title)}</a>' for each in sheets)
    rounding = "Results are exact."
    if not settings.is_exact:
        rounding = f"Each result is rounded to {PLACES} decimals (≈), and used so in what follows, as on the sheets."
    top = (
        f"<header>\n<h1>Solutions</h1>\n<span>seed {settings.seed}, level {settings.level}, "
        f"{settings.n_questions} blanks</span>\n</header>\n<p>{rounding} For the teacher only.</p>\n"
        f'<nav class="students">{links}</nav>'
    )
    body = "\n".join([top, *map(_of_student, sheets)])
    return printed_page("Solutions", f'<div class="solutions">\n{body}\n</div>', "worksheet.css", "solutions.css")


def _of_student(sheet: Sheet) -> str:
    rows = "\n".join(map(_row, sheet.questions))
    return (
        f'<section class="student" id="student-{sheet.student}">\n<h2>{escape(sheet.title)}</h2>\n'
        f"{givens_html(sheet, DRAWING)}\n<table>\n<tbody>\n{rows}\n</tbody>\n</table>\n</section>"
    )


def _row(question: Question) -> str:
    symbols, numbers = question.symbols, question.arithmetic
    named, numbered = MathmlTypesetter(True, DIGITS), MathmlTypesetter(False, DIGITS)
    first = math_line(named.run(symbols), spoken(symbols, True, DIGITS))
    text = with_numbers(numbers, DIGITS)
    second = "" if text == with_symbols(symbols, DIGITS) else math_line(numbered.run(numbers), text)
    sign = "=" if abs(numbers.value - question.answer) < SAME else "≈"
    return (
        f'<tr><th scope="row">{question.name}</th><td>{name_mathml(question.quantity)}</td><td>= {first}</td>'
        f'<td>= {second}</td><td class="answer">{sign} {as_written(question.answer)}</td></tr>'
    )
