"""Whether a column is learned as classes or as numbers."""

from __future__ import annotations

import numpy as np

from chainrule.cli.training_options import Task
from chainrule.data.rows import counted
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array

__all__ = ["decided_task"]

MOST_CLASSES = 20
"""So many different whole numbers may be classes; more are taken for numbers, unless the person says otherwise."""


def decided_task(name: str, column: Array) -> tuple[Task, str]:
    """The task, and the reason as a sentence.

    Text and booleans are classes. Numbers are classes where they are whole, at most 20 different, and at least five
    rows have each on average; else they are numbers.

    Parameters
    ----------
    name : str
        What the column is called.
    column : array of shape (n,)
        Its values, none of them missing.

    Raises
    ------
    InvalidArgument
        If it holds dates.
    """
    if column.dtype.kind in "mM":
        raise InvalidArgument(f"{name} holds dates or times, which cannot be learned: give another --target.")
    if column.dtype.kind not in "fiu":
        what = "true or false" if column.dtype.kind == "b" else "text"
        return "classification", f"{name} is {what}, so it is learned as classes (classification)"
    values = np.unique(column)
    shown = counted(len(values), "different whole number")
    if not (values == np.floor(values)).all():
        return "regression", f"{name} has numbers with fractions, so it is learned as a number (regression)"
    if len(values) > min(MOST_CLASSES, max(2, len(column) // 5)):
        return "regression", f"{name} has {shown}, so it is learned as a number (regression)"
    return "classification", f"{name} has {shown}, so it is learned as classes (classification)"
