"""Text that spells dates as ISO 8601 has them, such as 2024-02-29 or 2024-02-29 18:30."""

from __future__ import annotations

import re

import numpy as np

from chainrule.data.tables.text_column import TextColumn
from chainrule.functions.arrays import Array

__all__ = ["dates_of_labels", "looks_like_dates"]

DATE = re.compile(r"\s*\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?Z?\s*")


def looks_like_dates(text: TextColumn) -> bool:
    """Whether there are labels, and all of them spell dates."""
    return bool(text.labels) and all(_date(label) is not None for label in text.labels)


def dates_of_labels(text: TextColumn) -> Array:
    """datetime64 by row, NaT where the text is missing or spells no date."""
    dates = [_date(label) for label in text.labels]
    return np.array([*dates, None], "datetime64[us]")[text.codes]  # the last is for -1


def _date(label: str) -> np.datetime64 | None:
    if not DATE.fullmatch(label):
        return None
    try:
        return np.datetime64(label.strip().removesuffix("Z"), "us")
    except ValueError:  # such as a thirteenth month
        return None
