"""Tables from what needs NumPy alone: arrays, structured arrays, rows, and sequences by name."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.data.tables.boolean_column import BooleanColumn
from chainrule.data.tables.cells import column_of_cells, seconds
from chainrule.data.tables.table import Column, Table
from chainrule.data.tables.text_column import TextColumn
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array

__all__ = ["table_of_array", "table_of_mapping", "table_of_records"]


def table_of_array(x: Any) -> Table:
    """From an array of rows and columns, whose names are their numbers, or a structured array, which has names.

    Raises
    ------
    InvalidType, InvalidArgument
        For another number of dimensions, and for what no column can be.
    """
    if x.dtype.names is not None:
        fields = x.reshape(-1) if x.ndim == 0 else x
        return Table({name: _column_of_array(name, fields[name]) for name in x.dtype.names})
    if x.ndim != 2:
        advice = (
            " Reshape your data: x.reshape(1, -1) is a table of a single row, x.reshape(-1, 1) one of a single column."
        )
        raise InvalidArgument(
            f"A table has 2 dimensions, rows and columns, but the shape of x is {x.shape}.{advice * (x.ndim < 2)}"
        )
    if isinstance(x, np.matrix):  # a column of which has two dimensions again
        x = np.asarray(x)
    return Table({str(j): _column_of_array(str(j), x[:, j]) for j in range(x.shape[1])}, named=False)


def table_of_mapping(x: Mapping[Any, Any]) -> Table:
    """From columns by name, each a sequence with a cell for each row; or a single row, with a cell for each name.

    Raises
    ------
    InvalidType, InvalidArgument
        For names that are no strings, for a mixture of cells and sequences, and for what no column can be.
    """
    single = [name for name, cells in x.items() if _is_cell(cells)]
    if single and len(single) < len(x):
        many = next(name for name in x if name not in single)
        raise InvalidArgument(
            f"{single[0]!r} has a single cell and {many!r} a sequence of them: give a sequence for every column, or a "
            "single cell for every column of one row."
        )
    if single:  # of an array without dimensions, what is in it
        x = {name: [cells.item() if isinstance(cells, np.ndarray) else cells] for name, cells in x.items()}
    return Table({name: _column(name, cells) for name, cells in x.items()})


def table_of_records(rows: Sequence[Mapping[Any, Any]]) -> Table:
    """From rows, each a mapping with the same names.

    Raises
    ------
    InvalidArgument
        If one has other names than the first.
    """
    names = list(rows[0])
    for number, row in enumerate(rows):
        if different := set(names) ^ set(row):
            raise InvalidArgument(
                f"Row {number} (counted from 0) and row 0 differ in the columns that they have: "
                f"{', '.join(sorted(map(repr, different)))}. Give None for a cell that is missing."
            )
    return table_of_mapping({name: [row[name] for row in rows] for name in names})


def _is_cell(cells: Any) -> bool:
    return isinstance(cells, str | bytes | bytearray) or not hasattr(cells, "__len__") or getattr(cells, "ndim", 1) == 0


def _column(name: str, cells: Any) -> Column:
    if isinstance(cells, list | tuple):
        return column_of_cells(name, cells)
    if hasattr(cells, "to_frame") or type(cells).__module__.partition(".")[0] in ("pandas", "pyarrow"):
        from chainrule.data.tables.frames import column_of_series

        return column_of_series(name, cells)  # as an array, it may have lost its time zone, or that it is of categories
    if isinstance(cells, TextColumn | BooleanColumn):
        return cells
    if isinstance(cells, np.ndarray):
        return _column_of_array(name, cells)  # which may be masked
    array = np.asarray(cells)
    if array.ndim == 0:
        raise InvalidType(
            f"The column {name!r} must be a sequence with a cell for each row, such as a list or an array, not "
            f"{type(cells).__name__}."
        )
    return _column_of_array(name, array)


def _column_of_array(name: str, array: Array) -> Column:
    """A one-dimensional array as a column, kept as it is where a table can hold it."""
    if "numpy.ma" in sys.modules and isinstance(array, np.ma.MaskedArray):
        return _unmasked(name, array)
    if array.ndim != 1:
        raise InvalidArgument(f"The column {name!r} must have one cell for each row, but its shape is {array.shape}.")
    kind = array.dtype.kind
    if kind in "fiub" or (kind == "M" and np.datetime_data(array.dtype)[0] != "generic"):
        return array
    if kind == "m":
        return seconds(name, array)
    if kind == "c":
        raise InvalidArgument(f"Complex data not supported: the column {name!r} is of {array.dtype}.")
    return column_of_cells(name, array.tolist())


def _unmasked(name: str, array: Any) -> Column:
    mask = np.ma.getmaskarray(array)
    if not mask.any():
        return _column_of_array(name, array.data)
    kind = array.dtype.kind
    if kind in "fiu":
        return np.where(mask, np.nan, array.data)
    if kind in "mM":  # not as a list: that of nanoseconds is one of whole numbers
        return _column_of_array(name, np.where(mask, np.array("NaT", array.dtype), array.data))
    return column_of_cells(name, [None if gap else cell for cell, gap in zip(array.data.tolist(), mask, strict=True)])
