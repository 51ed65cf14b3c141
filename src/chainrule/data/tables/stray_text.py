"""Columns that are text only because of a few cells among numbers or dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from chainrule.data.tables.excerpt import beginning
from chainrule.data.tables.iso_dates import spells_date
from chainrule.data.tables.spelled_numbers import spells_number
from chainrule.data.tables.table import Table
from chainrule.data.tables.text_column import TextColumn

__all__ = ["StrayText", "find_stray_text"]

FEW = 0.05
"""The share of the cells that may be text for it to be stray; a single one always is."""

MANY = 5
"""How many different numbers or dates there must be; with fewer, they are likely to be names of categories."""

MANY_FOR_EACH = 20
"""With so many different numbers for each different text, the text is stray in whatever share of the cells it is."""

SPELLED: dict[str, Callable[[str], bool]] = {"numbers": spells_number, "dates": spells_date}
"""What text may spell, and how it is known."""


class StrayText(NamedTuple):
    """A column of numbers or dates with text in some of its rows.

    Attributes
    ----------
    column : str
        Its name.
    row : int
        The first such row, counted from 0.
    value : str
        The text there.
    n_rows : int
        How many such rows there are.
    among : str
        What the others hold: ``"numbers"`` or ``"dates"``.
    """

    column: str
    row: int
    value: str
    n_rows: int
    among: str = "numbers"

    def __str__(self) -> str:
        where = f"row {self.row} (counted from 0){f' and in {self.n_rows - 1} more' if self.n_rows > 1 else ''}"
        return f"The column {self.column!r} has {self.among}, but text in {where}: {beginning(self.value)!r}."


def find_stray_text(table: Table) -> StrayText | None:
    """The first column of text that is numbers or dates but for some cells; None if there is none.

    A column that was declared to be of categories is not looked into.
    """
    for name, column in table.columns.items():
        if isinstance(column, TextColumn) and not column.categorical:
            for among, spells_one in SPELLED.items():
                if found := _stray(name, column, among, spells_one):
                    return found
    return None


def _stray(name: str, text: TextColumn, among: str, spells_one: Callable[[str], bool]) -> StrayText | None:
    if sum(map(spells_one, text.labels[:200])) < min(len(text.labels), 200) / 2:
        return None  # of many labels, a look at some will do
    is_text = np.array([not spells_one(label) for label in text.labels] + [False])
    n_of_label = np.bincount(text.codes + 1, minlength=len(is_text))[1:]
    seen = n_of_label > 0
    n_texts, n_numbers = int((seen & is_text[:-1]).sum()), int((seen & ~is_text[:-1]).sum())
    n_text_rows = int(n_of_label[is_text[:-1]].sum())
    few = n_text_rows <= max(1, FEW * n_of_label.sum()) or n_numbers >= MANY_FOR_EACH * n_texts
    if n_texts == 0 or n_numbers < MANY or not few:
        return None
    row = int(np.argmax(is_text[text.codes]))  # a code of -1 takes the last, which is no text
    return StrayText(name, row, text.labels[int(text.codes[row])], n_text_rows, among)
