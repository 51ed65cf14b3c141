"""Columns of text that are no target as they are: amounts and dates that are text, and names of rows."""

from __future__ import annotations

import numpy as np

from chainrule.cli.task import MOST_CLASSES
from chainrule.cli.training_options import Task
from chainrule.data.tables.formatted_text import find_formatted_column
from chainrule.data.tables.text_column import TextColumn
from chainrule.errors import InvalidArgument

__all__ = ["refuse_text_target"]

FEW_ROWS = 20
"""Of so few rows, each may have a class of its own by chance."""


def refuse_text_target(name: str, text: TextColumn, task: Task | None) -> None:
    """Look whether text can be learned as classes.

    Parameters
    ----------
    name : str
        What the target is called.
    text : TextColumn
        Its values by row, of which at least one is not missing.
    task : {"classification", "regression"}, optional
        As what the person wants it to be learned.

    Raises
    ------
    InvalidArgument
        If it is amounts or dates, unless they are few or the person wants classes; if more than half of the rows would
        be a class of their own.
    """
    rows_of_label = np.bincount(text.codes[text.codes >= 0], minlength=len(text.labels))
    n_labels = int(np.count_nonzero(rows_of_label))
    n = int(rows_of_label.sum())
    near_unique = n_labels > n / 2 and n > FEW_ROWS
    found = find_formatted_column(text)
    if found and (task == "regression" or near_unique or (task is None and n_labels > min(MOST_CLASSES, n // 5))):
        advice = "write plain numbers to learn it as one"
        if found.looks_like == "dates":
            advice = "dates cannot be learned; give another --target"
        raise InvalidArgument(f"{name} is {found}: {advice}.")
    if near_unique:
        raise InvalidArgument(
            f"{name} is text with {n_labels} different labels in {n} rows, and a class is learned from several rows: "
            "give another --target; or, if it stands for numbers, write plain numbers to learn it as one."
        )
