"""Python objects, one for each row, as a column: what are they?"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from numbers import Number, Real
from typing import Any

import numpy as np

from chainrule.data.tables.boolean_column import BooleanColumn
from chainrule.data.tables.missing import MISSING_TYPES, is_missing
from chainrule.data.tables.table import Column
from chainrule.data.tables.text_column import TextColumn, spelled
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array

__all__ = ["column_of_cells", "seconds"]

KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("booleans", (bool, np.bool_)),
    ("text", (str,)),
    ("durations", (datetime.timedelta, np.timedelta64)),  # a timedelta64 also counts as a number
    ("numbers", (Number,)),
    ("dates", (datetime.date, np.datetime64)),
    ("times", (datetime.time,)),
)
"""What cells can be, and the types that are; the first that fits."""

PLAIN = {str, bool, int, type(None)}
"""Types of which None alone is missing."""


def column_of_cells(name: str, cells: Sequence[Any]) -> Column:
    """The column that these cells make.

    Cells that are None, NaN, NaT or pandas.NA are missing. Durations and times of day become seconds; where text stands
    among other things, everything is taken as text.

    Parameters
    ----------
    name : str
        Of the column, for sentences.
    cells : sequence
        Numbers, booleans, strings, dates, durations or times of day, one for each row.

    Raises
    ------
    InvalidType
        For anything else, and for a mixture of dates and numbers and the like, with the row.
    InvalidArgument
        For a number that no float can hold.
    """
    kinds = _kinds(name, cells)
    if not {type(cell) for cell in cells} <= PLAIN:
        cells = [None if is_missing(cell) else cell for cell in cells]
        kinds = _kinds(name, cells)  # NaN was no number but a gap
    if not kinds:
        return np.full(len(cells), np.nan)
    if kinds == {"text"}:
        return TextColumn.of_values(cells)
    if "text" in kinds:
        return TextColumn.of_values(None if cell is None else spelled(cell) for cell in cells)
    if kinds == {"booleans"}:
        return _booleans(cells)
    if kinds <= {"numbers", "booleans"}:
        return _numbers(name, cells)
    if len(kinds) > 1:
        raise InvalidType(f"The column {name!r} has {' and '.join(sorted(kinds))}: make them one kind of thing.")
    if kinds == {"dates"}:
        return _dates(name, cells)
    return _durations(name, cells) if kinds == {"durations"} else _times(cells)


def seconds(name: str, durations: Array) -> Array:
    """timedelta64 of shape (n,) as seconds in float64; NaN for NaT.

    Raises
    ------
    InvalidType
        For months and years, which differ in length, with the name of the column.
    """
    if np.datetime_data(durations.dtype)[0] in ("Y", "M", "generic"):
        raise InvalidType(
            f"The durations of the column {name!r} must be in weeks, days or shorter units, not {durations.dtype}."
        )
    return np.where(np.isnat(durations), np.nan, durations / np.timedelta64(1, "s"))


def _kinds(name: str, cells: Sequence[Any]) -> set[str]:
    kind_of = {each: _kind(each) for each in set(map(type, cells))}
    if None in kind_of.values():
        row = next(row for row, cell in enumerate(cells) if kind_of[type(cell)] is None)
        _refuse(name, row, cells[row])
    return {kind for kind in kind_of.values() if kind is not None} - {"missing"}


def _kind(of: type) -> str | None:
    if of.__name__ in MISSING_TYPES:
        return "missing"
    if issubclass(of, complex | np.complexfloating):
        return None
    return next((kind for kind, types in KINDS if issubclass(of, types)), None)


def _refuse(name: str, row: int, cell: Any) -> None:
    if isinstance(cell, complex | np.complexfloating):
        raise InvalidArgument(f"Complex data not supported: the column {name!r} has {cell!r} in row {row}.")
    advice = "; decode it first" if isinstance(cell, bytes | bytearray) else ""
    raise InvalidType(
        f"The column {name!r} has {str(cell)[:40]!r} ({type(cell).__name__}) in row {row} (counted from 0){advice}: a "
        "cell given as argument must be a string, a boolean, a date or a number."
    )


def _booleans(cells: Sequence[Any]) -> Column:
    codes = np.array([-1 if cell is None else bool(cell) for cell in cells], np.int8)
    return BooleanColumn(codes) if (codes < 0).any() else codes.astype(bool)


def _numbers(name: str, cells: Sequence[Any]) -> Column:
    if all(issubclass(of, int | np.integer) for of in set(map(type, cells))):
        try:
            return np.array(cells, np.int64)
        except OverflowError:
            pass  # more than 64 bits: a float holds it, if not to the last digit
    try:
        return np.array([np.nan if cell is None else cell for cell in cells], np.float64)
    except (OverflowError, ValueError, TypeError):
        row = next(row for row, cell in enumerate(cells) if not _is_float(cell))
        raise InvalidArgument(
            f"The column {name!r} has {_shown(cells[row])} in row {row} (counted from 0), which no float can hold."
        ) from None


def _shown(cell: Any) -> str:
    try:
        return str(cell)[:40]
    except ValueError:  # Python spells out no whole number of more than some thousand digits
        return "a whole number of thousands of digits"


def _is_float(cell: Any) -> bool:
    try:
        return cell is None or isinstance(float(cell), Real)
    except (OverflowError, ValueError, TypeError):
        return False


def _dates(name: str, cells: Sequence[Any]) -> Array:
    days_only = {datetime.date} >= {type(cell) for cell in cells if cell is not None}
    local = [cell.replace(tzinfo=None) if getattr(cell, "tzinfo", None) else cell for cell in cells]
    try:
        return np.array(local, "datetime64[D]" if days_only else "datetime64[us]")
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidArgument(f"The dates of the column {name!r} cannot be read: {error}.") from None


def _durations(name: str, cells: Sequence[Any]) -> Array:
    return np.array([np.nan if cell is None else _seconds(name, cell) for cell in cells])


def _seconds(name: str, cell: Any) -> float:
    # one by one: the longest of Python's durations is more microseconds than a timedelta64 can count
    if isinstance(cell, datetime.timedelta):
        return cell.total_seconds()
    return float(seconds(name, np.asarray([cell]))[0])


def _times(cells: Sequence[Any]) -> Array:
    return np.array(
        [
            np.nan if cell is None else cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6
            for cell in cells
        ]
    )
