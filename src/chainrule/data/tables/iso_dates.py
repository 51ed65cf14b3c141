"""Text that spells dates as ISO 8601 has them, such as 2024-02-29 or 2024-02-29 18:30."""

from __future__ import annotations

import re

import numpy as np

from chainrule.data.tables.text_column import TextColumn
from chainrule.functions.arrays import Array

__all__ = ["date_of_label", "dates_of_labels", "looks_like_dates", "spells_date"]

DATE = re.compile(r"\s*\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?Z?\s*")


def looks_like_dates(text: TextColumn) -> bool:
    """Whether there are labels, and all of them spell dates."""
    return bool(text.labels) and all(map(spells_date, text.labels))


def spells_date(label: str) -> bool:
    """Whether a text is a date that the calendar has."""
    return date_of_label(label) is not None


def dates_of_labels(text: TextColumn) -> Array:
    """datetime64 by row, NaT where the text is missing or spells no date."""
    dates = [date_of_label(label) for label in text.labels]
    return np.array([*dates, None], "datetime64[us]")[text.codes]  # the last is for -1


def date_of_label(label: str) -> np.datetime64 | None:
    """The date that a text spells, if it does."""
    if not DATE.fullmatch(label):
        return None
    try:
        return np.datetime64(label.strip().removesuffix("Z"), "us")
    except ValueError:  # such as a thirteenth month
        return None
