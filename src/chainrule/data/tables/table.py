"""A table: named columns of equal length, as NumPy holds them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from chainrule.data.rows import counted
from chainrule.data.tables.boolean_column import BooleanColumn
from chainrule.data.tables.text_column import TextColumn
from chainrule.errors import InvalidArgument, InvalidType, UnknownKey, nearest_names
from chainrule.functions.arrays import Array

__all__ = ["Column", "Table", "holds", "missing_in"]

Column: TypeAlias = "Array | TextColumn | BooleanColumn"
"""Numbers (NaN where missing), booleans or dates (NaT where missing) in an array, or one of the two other kinds."""

CONTENTS = {"f": "numbers", "i": "numbers", "u": "numbers", "b": "booleans", "M": "dates"}


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Named columns of equal length; `as_table` makes one of whatever a person has.

    Parameters
    ----------
    columns : mapping of str to Column
        Arrays of shape (n,) of floats, whole numbers, booleans or dates (datetime64), `TextColumn`, `BooleanColumn`.
        They are kept as they are, not copied.
    named : bool
        Whether the names are the person's, and not only numbers of columns.

    Raises
    ------
    InvalidType
        For a name that is no string, or a column that is none of these.
    InvalidArgument
        If the columns differ in length.

    Examples
    --------
    >>> import numpy as np
    >>> table = Table({"age": np.array([38, 51]), "job": TextColumn.of_values(["baker", None])})
    >>> table
    <Table of 2 rows: age (numbers), job (text)>
    >>> table["job"].values()
    array(['baker', None], dtype=object)
    """

    columns: Mapping[str, Column]
    named: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.columns, Mapping):
            raise InvalidType(
                f"A table is made of a mapping of names to columns, not {type(self.columns).__name__}; as_table makes "
                "one of other things."
            )
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))
        for name, column in self.columns.items():
            if not isinstance(name, str):
                raise InvalidType(f"The name of a column is a string, not {name!r}.")
            holds(name, column)
            if len(column) != len(self):
                first = next(iter(self.columns))
                raise InvalidArgument(
                    f"The columns of a table are of one length: {first!r} has {counted(len(self), 'row')} and {name!r} "
                    f"has {len(column)}."
                )

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> Column:
        """The column of that name.

        Raises
        ------
        UnknownKey
            If there is none, with the nearest names.
        """
        if not isinstance(name, str) or name not in self.columns:
            raise UnknownKey(f"The table has no column {name!r}; {nearest_names(name, self.columns)}")
        return self.columns[name]

    def __reduce__(self) -> tuple[object, ...]:
        return Table, (dict(self.columns), self.named)  # a read-only view of a dict cannot be pickled

    def __repr__(self) -> str:
        columns = ", ".join(f"{name} ({holds(name, column)})" for name, column in self.columns.items())
        return f"<Table of {counted(len(self), 'row')}: {columns}>"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.columns)

    def take(self, rows: Any) -> Table:
        """The table of some rows: a slice (nothing is copied), numbers of rows, or a boolean for each row.

        Raises
        ------
        InvalidArgument
            If there are no such rows.
        """
        if not isinstance(rows, slice):
            rows = _checked_rows(rows, len(self))
        return Table({name: column[rows] for name, column in self.columns.items()}, self.named)

    def drop(self, *names: str) -> Table:
        """The table without some columns.

        Raises
        ------
        UnknownKey
            If one of them is not there.
        """
        for name in names:
            self[name]  # is it there?
        left_out = set(names)
        return Table({name: column for name, column in self.columns.items() if name not in left_out}, self.named)


def _checked_rows(rows: Any, n: int) -> Array:
    try:
        numbers = np.asarray(rows)
        if numbers.size == 0:
            numbers = numbers.astype(np.intp)  # an empty list is one of floats
        np.empty(n, np.bool_)[numbers]  # are they there?
    except (IndexError, ValueError):
        numbers = np.empty(())
    if numbers.ndim != 1:
        raise InvalidArgument(
            f"The table has {counted(n, 'row')}: give a slice, numbers of rows counted from 0, or a boolean for each."
        )
    return numbers


def holds(name: str, column: Any) -> str:
    """What a column holds: numbers, booleans, dates or text.

    Raises
    ------
    InvalidType
        If it is no column of a table.
    """
    if isinstance(column, TextColumn | BooleanColumn):
        return column.dtype
    masked = "numpy.ma" in sys.modules and isinstance(column, np.ma.MaskedArray)
    if isinstance(column, np.ndarray) and column.ndim == 1 and column.dtype.kind in CONTENTS and not masked:
        return CONTENTS[column.dtype.kind]
    raise InvalidType(
        f"The column {name!r} of a table must be a one-dimensional array of numbers, booleans or dates, a TextColumn "
        f"or a BooleanColumn, not {type(column).__name__}; as_table makes such columns."
    )


def missing_in(column: Column) -> Array:
    """Which rows of a column are missing, as booleans of shape (n,)."""
    if isinstance(column, TextColumn | BooleanColumn):
        return np.asarray(column.codes < 0)
    if column.dtype.kind == "f":
        return np.asarray(np.isnan(column))
    if column.dtype.kind == "M":
        return np.asarray(np.isnat(column))
    return np.zeros(len(column), bool)
