"""Which encoder for which column? What is looked at, and which rows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.data.tables.encoders import (
    BooleanEncoder,
    CategoryEncoder,
    ColumnEncoder,
    DateEncoder,
    DroppedColumn,
    NumericEncoder,
)
from chainrule.data.tables.iso_dates import looks_like_dates
from chainrule.data.tables.reading import as_booleans, as_dates, as_numbers, as_text, refuse_infinity
from chainrule.data.tables.stray_text import find_stray_text
from chainrule.data.tables.table import Column, Table, holds
from chainrule.data.tables.text_column import TextColumn
from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array
from chainrule.validation import whole_number

__all__ = ["KINDS", "Choices", "fitted_columns"]

KINDS = ("numeric", "category", "boolean", "date", "drop")
"""What a person can say that a column is."""

KIND_OF_CONTENT = {"numbers": "numeric", "booleans": "boolean", "dates": "date", "text": "category"}


class Choices(NamedTuple):
    """What a person can choose of an encoding; see `TableEncoding.fitted`."""

    max_categories: int
    min_frequency: int
    kinds: Mapping[str, str]
    smooth_clip: bool


def fitted_columns(table: Table, rows: Sequence[int] | Array | None, choices: Choices) -> tuple[ColumnEncoder, ...]:
    """An encoder for each column of the table, fitted on some of its rows.

    Raises
    ------
    InvalidArgument, InvalidType
        As `TableEncoding.fitted`.
    """
    whole_number("max_categories", choices.max_categories, minimum=1)
    whole_number("min_frequency", choices.min_frequency, minimum=1)
    training = _training_rows(rows, len(table))
    kinds = _kinds(table, choices.kinds)
    return tuple(_fitted(name, column, kinds[name], training, choices) for name, column in table.columns.items())


def _training_rows(rows: Sequence[int] | Array | None, n: int) -> Any:
    """What takes the training rows out of a column."""
    if rows is None:
        if n == 0:
            raise InvalidArgument("The table has no rows; there must be at least one to fit on.")
        return slice(None)
    wanted = "rows must be the numbers of the training rows, whole numbers in one dimension"
    try:
        numbers = np.asarray(rows)
    except ValueError:  # lists of different lengths
        raise InvalidType(f"{wanted}.") from None
    if numbers.ndim == 1 and len(numbers) == 0:
        raise InvalidArgument("There are no training rows; there must be at least one to fit on.")
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        advice = "; of a mask, give np.flatnonzero(mask)" if numbers.dtype.kind == "b" else ""
        raise InvalidType(f"{wanted}{advice}.")
    if int(numbers.min()) < 0 or int(numbers.max()) >= n:
        wrong = numbers.min() if numbers.min() < 0 else numbers.max()
        raise InvalidArgument(f"There is no row {wrong}: the table has {n}, counted from 0.")
    return numbers


def _kinds(table: Table, asked: Mapping[str, str]) -> dict[str, str]:
    """The kind of each column: what was asked for, or what it looks like."""
    if not isinstance(asked, Mapping):
        raise InvalidType(f"kinds must be a mapping of names to kinds, such as {{'zip': 'category'}}, not {asked!r}.")
    kinds: dict[str, str] = {}
    for name, kind in asked.items():
        column = str(name)  # a column of an array may be asked for by its number
        if column not in table:
            raise InvalidArgument(f"kinds names the column {column!r}; {nearest_names(column, table.names)}")
        if kind not in KINDS:
            raise InvalidArgument(
                f"The column {column!r} cannot be of kind {kind!r}; {nearest_names(str(kind), KINDS)}"
            )
        if kinds.setdefault(column, kind) != kind:
            raise InvalidArgument(f"kinds names the column {column!r} twice, as {kinds[column]!r} and as {kind!r}.")
    open_columns = table.drop(*kinds)
    if stray := find_stray_text(open_columns):
        raise InvalidArgument(
            f"{stray} Correct it or make it missing; if these are names of categories, say so: "
            f"kinds={{{stray.column!r}: 'category'}}."
        )
    return kinds | {name: _looks_like(name, column) for name, column in open_columns.columns.items()}


def _looks_like(name: str, column: Column) -> str:
    if isinstance(column, TextColumn) and not column.categorical and looks_like_dates(column):
        return "date"
    return KIND_OF_CONTENT[holds(name, column)]


def _fitted(name: str, column: Column, kind: str, training: Any, choices: Choices) -> ColumnEncoder:
    if kind == "numeric":
        numbers = as_numbers(name, column)
        refuse_infinity(name, numbers)
        return NumericEncoder.fitted(name, numbers[training], smooth_clip=choices.smooth_clip)
    if kind == "boolean":
        return BooleanEncoder.fitted(name, as_booleans(name, column)[training])
    if kind == "date":
        return DateEncoder.fitted(name, as_dates(name, column)[training], smooth_clip=choices.smooth_clip)
    if kind == "category":
        return CategoryEncoder.fitted(
            name,
            as_text(name, column)[training],
            max_categories=choices.max_categories,
            min_frequency=choices.min_frequency,
        )
    return DroppedColumn(name, "as asked")
