"""Answers as students give them: computed step by step, each from the ones before, right or with something done to some."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from chainrule.glassbox.trace import Quantity
from chainrule.glassbox.worksheets import Sheet
from chainrule.glassbox.worksheets.answers import GivenAnswer
from chainrule.glassbox.worksheets.sheet import rounded
from chainrule.glassbox.worksheets.substitution import with_values

Changed = Callable[[Quantity, float, dict[str, float]], float]


def unchanged(quantity: Quantity, value: float, own: dict[str, float]) -> float:
    return value


def worked_through(sheet: Sheet, change: Changed = unchanged) -> dict[str, float]:
    """Every answer by the name of its quantity; `change` gets the right one for the numbers so far."""
    own: dict[Quantity, float] = {}
    for question in sheet.questions:
        value = with_values(question.symbols, own).value
        value = change(question.quantity, value, {str(name): each for name, each in own.items()})
        own[question.quantity] = rounded(value, 10 if sheet.settings.is_exact else 3)
    return {str(name): value for name, value in own.items()}


def as_given(sheet: Sheet, answers: dict[str, float | str]) -> dict[int, GivenAnswer]:
    """Answers by name as `marked_sheet` takes them."""
    numbers = {str(each.quantity): each.number for each in sheet.questions}
    return {numbers[name]: GivenAnswer(str(value), numbers[name] + 1) for name, value in answers.items()}


def write_answers(path: Path, rows: list[tuple[object, object, object]], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([("student", "question", "answer"), *rows])
    return path


def all_rows(sheets: tuple[Sheet, ...], change: Changed = unchanged) -> list[tuple[object, object, object]]:
    """Rows of a table in which every student answers everything."""
    rows: list[tuple[object, object, object]] = []
    for sheet in sheets:
        answers = worked_through(sheet, change)
        rows += [(sheet.name, each.name, answers[str(each.quantity)]) for each in sheet.questions]
    return rows
