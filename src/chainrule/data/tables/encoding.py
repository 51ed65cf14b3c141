"""The encoding of a table: what each of its columns becomes, fitted on the training rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.data.encoder import Encoder
from chainrule.data.rows import counted
from chainrule.data.tables.conversion import as_table
from chainrule.data.tables.encoders import ColumnEncoder, DroppedColumn
from chainrule.data.tables.encoders.column_encoder import checked_flag
from chainrule.data.tables.excerpt import excerpt
from chainrule.data.tables.fitting import Choices, fitted_columns
from chainrule.data.tables.output_names import told_apart
from chainrule.data.tables.table import Column, Table
from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array
from chainrule.validation import float_type

__all__ = ["TableEncoding"]

BLOCK = 2**18
"""Numbers that are written at a time, so that they stay in the processor's cache from column to column."""


@dataclass(frozen=True, repr=False)
class TableEncoding(Encoder):
    """Tables as rows of numbers, column by column; plain data once it is fitted, and NumPy alone from then on.

    Parameters
    ----------
    columns : sequence of ColumnEncoder
        One for each column of the table, in its order.
    named : bool
        Whether columns are found by their names; by their places if not, as in arrays.

    Raises
    ------
    InvalidType, InvalidArgument
        If they are none, two have the same name, or none becomes a number.

    Examples
    --------
    >>> encoding = TableEncoding.fitted({"age": [38, 51, None, 45], "job": ["baker", "nurse", "nurse", "baker"]})
    >>> print(encoding)
    column  kind      becomes
    age     numeric   (x - 45) / 6.5, clipped smoothly; missing or not
    job     category  -1 or 1: baker, nurse
    >>> encoding.transform({"job": ["nurse"], "age": [45]})
    array([[0., 0., 1.]])
    """

    name = "table"

    columns: tuple[ColumnEncoder, ...]
    named: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.columns, Iterable):
            raise InvalidType(f"An encoding is made of column encoders, not {str(self.columns)[:80]}.")
        object.__setattr__(self, "columns", tuple(self.columns))
        if not all(isinstance(column, ColumnEncoder) for column in self.columns):
            raise InvalidType(f"An encoding is made of column encoders, not {str(self.columns)[:80]}.")
        if not isinstance(self.named, bool):
            raise InvalidType(f"named must be True or False, not {self.named!r}.")
        names = [column.column for column in self.columns]
        if len(set(names)) != len(names):
            raise InvalidArgument(f"Two columns have the same name: {max(names, key=names.count)!r}.")
        if self.n_outputs == 0:
            reasons = "; ".join(f"{name!r}: {reason}" for name, reason in [*self.dropped.items()][:5])
            raise InvalidArgument(f"No column is left to learn from{f' ({reasons})' if reasons else ''}.")

    @classmethod
    def fitted(
        cls,
        x: Any,
        rows: Sequence[int] | Array | None = None,
        *,
        max_categories: int = 100,
        min_frequency: int = 2,
        kinds: Mapping[str, str] | None = None,
        smooth_clip: bool = True,
    ) -> TableEncoding:
        """From a table, or from some of its rows.

        Parameters
        ----------
        x : what `as_table` takes
            The table.
        rows : sequence of int, optional
            The numbers of the training rows; all by default. Of the other rows, only the types are looked at.
        max_categories : int
            How many labels of a column of text become numbers of their own; the others share one.
        min_frequency : int
            How many training rows a label must have for a number of its own.
        kinds : mapping of str to str, optional
            For columns that are not what they seem: ``"numeric"``, ``"category"``, ``"boolean"``, ``"date"`` or
            ``"drop"``, by name.
        smooth_clip : bool
            Whether numbers are kept within ±3 of their scale, smoothly.

        Raises
        ------
        InvalidArgument, InvalidType
            For infinite numbers, a column of numbers with text in a few rows, a kind that a column cannot be, and where
            no column is left that varies.
        """
        table = as_table(x)
        checked_flag("smooth_clip", smooth_clip)
        asked = {} if kinds is None else kinds
        columns = fitted_columns(table, rows, Choices(max_categories, min_frequency, asked, smooth_clip))
        return cls(columns, table.named)

    @property
    def n_columns(self) -> int:
        """Columns of the table that it was fitted on, with those that it drops."""
        return len(self.columns)

    @property
    def n_outputs(self) -> int:
        """Numbers that each row becomes."""
        return sum(column.n_outputs for column in self.columns)

    @property
    def output_names(self) -> tuple[str, ...]:
        """What each of these numbers is called, such as ``"age"``, ``"age missing"`` and ``"job=baker"``.

        Where two would be called the same, the second has a number: ``"age missing (2)"``.
        """
        return told_apart(name for column in self.columns for name in column.output_names)

    @property
    def kinds(self) -> dict[str, str]:
        """By column: numeric, category, boolean, date, presence (only whether it is missing tells) or dropped."""
        return {column.column: column.name for column in self.columns}

    @property
    def dropped(self) -> dict[str, str]:
        """The columns that become nothing, and why."""
        return {column.column: column.reason for column in self.columns if isinstance(column, DroppedColumn)}

    def __repr__(self) -> str:
        return f"<TableEncoding of {counted(self.n_columns, 'column')} as {counted(self.n_outputs, 'number')}>"

    def __str__(self) -> str:
        lines = [("column", "kind", "becomes"), *((excerpt(c.column), c.name, c.becomes) for c in self.columns)]
        widths = [max(len(line[place]) for line in lines) for place in range(2)]
        return "\n".join(f"{line[0]:{widths[0]}}  {line[1]:{widths[1]}}  {line[2]}".rstrip() for line in lines)

    def transform(self, x: Any, dtype: DTypeLike | None = None) -> Array:
        """A table as numbers.

        Parameters
        ----------
        x : what `as_table` takes
            With the columns that the encoding was fitted on, in any order; others are ignored, and so may be missing
            which it drops. Arrays without names have the same columns in the same places.
        dtype : dtype, optional
            float32 or float64, the default.

        Returns
        -------
        array of shape (n, n_outputs)
            Finite, in C order. Computed in float64 in any case.

        Raises
        ------
        InvalidArgument
            If a column is lacking, with the nearest name, or a number infinite, with its row.
        InvalidType
            If a column holds another kind of thing, with the row.
        """
        table = as_table(x)
        kept = self._kept(table)
        writers = [encoder.writer(cells) for encoder, cells in kept]
        ends = np.cumsum([encoder.n_outputs for encoder, _ in kept]).tolist()
        encoded = np.zeros((len(table), self.n_outputs), float_type(dtype or np.float64))
        step = max(256, BLOCK // self.n_outputs)
        for start in range(0, len(table), step):
            block = encoded[start : start + step]
            for write, first, last in zip(writers, [0, *ends], ends, strict=False):
                write(start, start + len(block), block[:, first:last])
        return encoded

    def _kept(self, table: Table) -> list[tuple[ColumnEncoder, Column]]:
        """The columns that become numbers, each with its cells."""
        if self.named and table.named:
            return [(encoder, self._cells(table, encoder)) for encoder in self.columns if encoder.n_outputs]
        if len(table.names) != self.n_columns:
            raise InvalidArgument(
                f"x has {counted(len(table.names), 'column')}, but the encoding takes {self.n_columns}, in the "
                "places that they had when it was fitted."
            )
        by_place = zip(self.columns, table.columns.values(), strict=True)
        return [(encoder, cells) for encoder, cells in by_place if encoder.n_outputs]

    def _cells(self, table: Table, encoder: ColumnEncoder) -> Column:
        if encoder.column not in table:
            lacking = [c.column for c in self.columns if c.n_outputs and c.column not in table]
            others = f" ({len(lacking)} columns are missing in all)" if len(lacking) > 1 else ""
            raise InvalidArgument(
                f"The table has no column {encoder.column!r}{others}; {nearest_names(encoder.column, table.names)}"
            )
        return table[encoder.column]
