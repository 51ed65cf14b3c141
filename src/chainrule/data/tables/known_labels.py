"""Which known labels do numbers, booleans and dates stand for, where one table has them and another has text?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.data.tables.iso_dates import date_of_label
from chainrule.data.tables.reading import as_text, refuse_cell
from chainrule.data.tables.spelled_numbers import spells_number
from chainrule.data.tables.table import Column, holds
from chainrule.data.tables.text_column import TextColumn

__all__ = ["as_known_labels"]

TRUTH = {"true": 1, "false": 0}


def as_known_labels(name: str, cells: Column, known: Sequence[str]) -> TextColumn:
    """Text as it is; numbers, booleans and dates as the known labels that say the same, and else spelled out.

    The number 1011 is the label ``01011``, true is ``True``, ``true`` or ``1``, and a date any ISO 8601 spelling of it.

    Raises
    ------
    InvalidType
        For a number, boolean or date where none of the known labels is one, with the row.
    """
    text = as_text(name, cells)
    if isinstance(cells, TextColumn):
        return text
    value_of: Callable[[str], Any] = date_of_label if holds(name, cells) == "dates" else _number
    label_of: dict[Any, str] = {}
    for label in known:
        if (value := value_of(label)) is not None:
            label_of.setdefault(value, label)
    exact, there = set(known), text.codes >= 0
    if not label_of and there.any() and exact.isdisjoint(text.labels):
        refuse_cell(name, cells, int(np.argmax(there)), f"text such as {known[0][:40]!r}")
    labels = [label if label in exact else label_of.get(value_of(label), label) for label in text.labels]
    return TextColumn.of_categories(text.codes, labels, categorical=False)


def _number(label: str) -> int | float | None:
    if label.lower() in TRUTH:
        return TRUTH[label.lower()]
    if not spells_number(label):
        return None
    return int(label) if label.isdecimal() and len(label) < 4000 else float(label)
