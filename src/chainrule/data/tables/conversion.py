"""Whatever a person has, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.data.tables.plain_data import table_of_array, table_of_mapping, table_of_records
from chainrule.data.tables.table import Table
from chainrule.errors import InvalidArgument, InvalidType

__all__ = ["as_table"]

FRAME_ATTRIBUTES = ("columns", "column_names", "collect_schema", "__narwhals_dataframe__")
"""What one or another class of data frames has; of the class, since a lazy frame works to answer for itself."""


def as_table(x: Any) -> Table:
    """The table of a data frame, an array, rows, or columns by name.

    Parameters
    ----------
    x : data frame, array, mapping or sequence
        - A pandas or Polars frame, or a PyArrow table. Text comes as codes and labels; dates with a time zone as what
          the clocks there show; durations and times of day as seconds; decimals as floats.
        - A two-dimensional array or list of rows, also of objects of several kinds: the columns are named by their
          numbers, from ``"0"``.
        - A structured array.
        - A mapping of names to sequences, or to single cells for a single row; a list of such rows.
        - A `Table`, which is given back as it is.

    Returns
    -------
    Table
        Its columns share memory with `x` where they can.

    Raises
    ------
    InvalidType
        For anything else, and for columns that cannot be numbers, text, booleans or dates, by name.
    InvalidArgument
        For names that are there twice, columns of different lengths, and numbers that no float can hold.
    MissingExtra
        For a data frame, or a series by name, if narwhals is not installed.

    Examples
    --------
    >>> as_table({"age": [38, None], "job": ["baker", "nurse"]})
    <Table of 2 rows: age (numbers), job (text)>
    """
    if isinstance(x, Table):
        return x
    if isinstance(x, np.ndarray):
        return table_of_array(x)
    if hasattr(x, "toarray"):  # before mappings, one of which scipy.sparse.dok_array is
        raise InvalidType("x is a sparse matrix, which is no table of columns of different kinds: give x.toarray().")
    if isinstance(x, Mapping):
        return table_of_mapping(x)
    if isinstance(x, list | tuple):
        return _table_of_rows(x)
    if any(hasattr(type(x), name) for name in FRAME_ATTRIBUTES):
        from chainrule.data.tables.frames import table_of_frame

        return table_of_frame(x)
    if hasattr(x, "__array__") and not hasattr(x, "to_frame"):
        return table_of_array(np.asarray(x))
    advice = ""
    if hasattr(x, "to_frame"):
        advice = " A column becomes a table with to_frame(); a row of a pandas frame is one as frame.iloc[[number]]."
    raise InvalidType(
        f"{type(x).__name__} is not a table: give a pandas or Polars frame, a PyArrow table, an array of rows and "
        f"columns, or columns by name.{advice}"
    )


def _table_of_rows(rows: Any) -> Table:
    if not rows:
        raise InvalidArgument("x is an empty list: a table has rows.")
    if rows and all(isinstance(row, Mapping) for row in rows):
        return table_of_records(rows)
    lengths = {len(row) if hasattr(row, "__len__") and not isinstance(row, str | bytes) else None for row in rows}
    if len(lengths) > 1:
        raise InvalidArgument("x is a list of rows that differ in length; every row of a table has the same columns.")
    width = lengths.pop() if lengths else None
    if width is None:
        return table_of_array(np.asarray(rows))  # which says that one dimension is missing
    cells = np.empty((len(rows), width), object)  # so that text beside numbers does not make these text, too
    for number, row in enumerate(rows):
        cells[number] = row
    return table_of_array(cells)
