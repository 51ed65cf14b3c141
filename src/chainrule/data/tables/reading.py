"""The cells of a column as what its encoder was fitted on: numbers, booleans, dates or text."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from chainrule.data.tables.boolean_column import BooleanColumn
from chainrule.data.tables.formatted_text import find_formatted_column
from chainrule.data.tables.iso_dates import dates_of_labels
from chainrule.data.tables.spelled_numbers import spells_number
from chainrule.data.tables.table import Column, holds, missing_in
from chainrule.data.tables.text_column import TextColumn, spelled_dates
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array

__all__ = ["as_booleans", "as_dates", "as_numbers", "as_text", "refuse_cell", "refuse_infinity"]

FIRST_MERGED = 2**53
"""As a float64, this whole number and the next are one."""


def as_numbers(name: str, cells: Column) -> Array:
    """Numbers or booleans of shape (n,), NaN where missing.

    Raises
    ------
    InvalidType
        For text and dates, with the first such row; of text, with the first that spells no number.
    """
    if isinstance(cells, BooleanColumn):
        return np.where(cells.codes < 0, np.nan, cells.codes)
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "fiub":
        if cells.dtype.kind == "f" and cells.dtype.itemsize > 8:
            with np.errstate(over="ignore"):  # what a float64 cannot hold is infinite, and refused as such
                return cells.astype(np.float64)
        return cells
    if isinstance(cells, TextColumn):
        _refuse_text(name, cells)
    return _without_values(name, cells, "numbers", np.nan)


def as_booleans(name: str, cells: Column) -> Array:
    """1, 0 or, where missing, -1, in int8 of shape (n,).

    Raises
    ------
    InvalidType
        For text and dates, and numbers other than 0 and 1, with the first such row.
    """
    if isinstance(cells, BooleanColumn):
        return cells.codes
    if not isinstance(cells, np.ndarray) or cells.dtype.kind == "M":
        return _without_values(name, cells, "booleans", -1).astype(np.int8)
    gaps = missing_in(cells)
    other = ~gaps & (cells != 0) & (cells != 1)
    if other.any():
        refuse_cell(name, cells, int(np.argmax(other)), "booleans (0 and 1 will do)")
    return np.where(gaps, -1, cells == 1).astype(np.int8)


def as_dates(name: str, cells: Column) -> Array:
    """datetime64 of shape (n,), NaT where missing; text may spell dates as ISO 8601 has them.

    Raises
    ------
    InvalidType
        For numbers and booleans, and text that spells no date, with the first such row.
    """
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "M":
        return cells
    if not isinstance(cells, TextColumn):
        return _without_values(name, cells, "dates", np.datetime64("NaT", "us"))
    dates = dates_of_labels(cells)
    strange = np.isnat(dates) & (cells.codes >= 0)
    if strange.any():
        refuse_cell(name, cells, int(np.argmax(strange)), "dates (such as 2024-02-29 or 2024-02-29 18:30)")
    return dates


def as_text(name: str, cells: Column) -> TextColumn:
    """Text; numbers, booleans and dates are spelled out.

    Raises
    ------
    InvalidArgument
        For floats so large that neighbouring whole numbers have become one, with the first such row.
    """
    if isinstance(cells, TextColumn):
        return cells
    if isinstance(cells, BooleanColumn):
        return TextColumn.of_categories(cells.codes, (False, True))
    gaps = missing_in(cells)
    _refuse_merged(name, cells)
    different, codes = np.unique(cells[~gaps], return_inverse=True)
    numbers = np.full(len(cells), -1, np.int32)
    numbers[~gaps] = codes
    if different.dtype.kind == "M":
        return TextColumn.of_categories(numbers, spelled_dates(different))
    # a float32 spells itself 0.1, but as one of Python's floats 0.10000000149011612
    labels = different.tolist() if different.dtype.kind != "f" or different.dtype.itemsize == 8 else [*different]
    return TextColumn.of_categories(numbers, labels)


def refuse_infinity(name: str, numbers: Array, first_row: int = 0) -> None:
    """Look for infinity in numbers of shape (n,).

    Parameters
    ----------
    name : str
        Of the column.
    numbers : array of shape (n,)
        Of any type of number.
    first_row : int
        What the first of them is called in the sentence.

    Raises
    ------
    InvalidArgument
        If there is one, with its row.
    """
    if numbers.dtype.kind == "f" and (infinite := np.isinf(numbers)).any():
        row = int(np.argmax(infinite))
        raise InvalidArgument(
            f"The column {name!r} is {numbers[row]} in row {first_row + row} (counted from 0): every number must be "
            "finite; make it missing where it stands for a gap."
        )


def _refuse_text(name: str, text: TextColumn) -> None:
    """Where there is any: the first that spells no number, or else the first."""
    no_number = np.array([not spells_number(label) for label in text.labels] + [False])[text.codes]
    if no_number.any():
        refuse_cell(name, text, int(np.argmax(no_number)), "numbers")
    if (text.codes >= 0).any():
        row = int(np.argmax(text.codes >= 0))
        raise InvalidType(
            f"The column {name!r} must hold numbers, but it holds text that spells them: "
            f"{text.labels[int(text.codes[row])][:40]!r} in row {row} (counted from 0). Give them as numbers."
        )


def _refuse_merged(name: str, cells: Array) -> None:
    if cells.dtype.kind != "f" or cells.dtype.itemsize < 8:
        return
    large = np.isfinite(cells) & (np.abs(cells) >= FIRST_MERGED)
    if large.any():
        row = int(np.argmax(large))
        raise InvalidArgument(
            f"The column {name!r} is {cells[row]:.0f} in row {row} (counted from 0): from {FIRST_MERGED} on, floats "
            "(as a column with gaps has) do not tell whole numbers apart, and cannot be names of categories. Give "
            "them as text."
        )


def _without_values(name: str, cells: Column, wanted: str, missing: Any) -> Array:
    """A column of another kind, of which every cell is missing."""
    there = ~missing_in(cells)
    if there.any():
        refuse_cell(name, cells, int(np.argmax(there)), wanted)
    return np.full(len(cells), missing)


def refuse_cell(name: str, cells: Column, row: int, wanted: str) -> NoReturn:
    """Say what a column must hold, and what it holds in that row.

    Raises
    ------
    InvalidType
        Always.
    """
    value = cells[row : row + 1]
    shown: Any = value.values()[0] if isinstance(value, TextColumn | BooleanColumn) else value.tolist()[0]
    found = find_formatted_column(cells) if isinstance(cells, TextColumn) else None
    advice = f"It is {found}: convert it to {found.plain} first." if found else "Correct it or make it missing."
    raise InvalidType(
        f"The column {name!r} must hold {wanted}, but it holds {holds(name, cells)}: {str(shown)[:40]!r} in row {row} "
        f"(counted from 0). {advice}"
    )
