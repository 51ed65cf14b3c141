"""A table read part by part for a network: each part as it is in the file, and as the network takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.cli.unreadable_columns import without_unreadable
from chainrule.data.encoder import Encoder
from chainrule.data.rows import counted
from chainrule.data.table_files import Reading, open_table
from chainrule.data.table_files.delimited import DelimitedFile
from chainrule.data.table_files.table_file import TableFile
from chainrule.data.tables import TableEncoding, as_table
from chainrule.data.tables.encoders import CategoryEncoder, ColumnEncoder, NumericEncoder
from chainrule.data.tables.spelled_numbers import spells_number
from chainrule.data.tables.table import Table
from chainrule.errors import ChainruleError, FileFormatError, InvalidArgument, nearest_names
from chainrule.functions.arrays import Array
from chainrule.model import Network

__all__ = ["TablePart", "columns_of", "in_part", "network_inputs", "table_parts"]

CELLS = 4_000_000
"""Cells of a part, about, or inputs or outputs of the network for it."""

FEWEST_ROWS, MOST_ROWS = 256, 65_536


@dataclass(frozen=True)
class TablePart:
    """Some rows of a table.

    Attributes
    ----------
    given : Polars frame, or dict of str to array
        The rows as they are in the file; what a text file holds stays the text that it is.
    typed : Polars frame, or dict of str to array
        The same, with those columns as numbers, booleans or dates that were so in learning.
    inputs : Table, or array of shape (n, d)
        What `Network.predict` takes.
    first_row : int
        The number of the first of them in the file, counted from 0.
    """

    given: Any
    typed: Any
    inputs: Any
    first_row: int

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self.given) if isinstance(self.given, Mapping) else list(self.given.columns)

    def __len__(self) -> int:
        return len(next(iter(self.given.values()), ())) if isinstance(self.given, Mapping) else len(self.given)


def table_parts(place: str, network: Network, reading: Reading) -> Iterator[TablePart]:
    """The table at a place in parts, so that memory does not grow with the file.

    Parameters
    ----------
    place : str
        A file with a table, or the name of an example set.
    network : Network
        What the rows are for.
    reading : Reading
        How the file is to be read.

    Raises
    ------
    InvalidArgument, InvalidType
        If a part is not for this network, with the column and the row.
    FileMissing, FileFormatError, MissingExtra
        If the file cannot be read.
    """
    file = open_table(place, reading)
    text = isinstance(file, DelimitedFile)
    first_row = 0
    for batch in file.text_batches() if isinstance(file, DelimitedFile) else file.batches():
        for given in _slices(batch, max(network.architecture.n_in, network.architecture.n_out)):
            typed = _typed(given, network.encoder, reading.missing, first_row) if text else given
            table = as_table(without_unreadable(typed, columns_of(network))[0])
            yield TablePart(given, typed, network_inputs(table, network, file), first_row)
            first_row += len(table)
    if first_row == 0:
        raise FileFormatError(f"{file.name} has no rows.")


def columns_of(network: Network) -> Callable[[str], bool]:
    """Whether a network needs the column of a name; of one that knows no names, all."""
    if isinstance(network.encoder, TableEncoding):
        names = {column.column for column in network.encoder.columns if column.n_outputs}
    elif isinstance(known := network.notes.get("table", {}).get("columns"), list):
        names = set(known)
    else:
        return lambda name: True
    return names.__contains__


def _slices(batch: Any, n_numbers: int) -> Iterator[Any]:
    """Parts with few enough rows for what they become, however many inputs and outputs a network has."""
    columns = len(batch) if isinstance(batch, Mapping) else batch.width
    rows = max(FEWEST_ROWS, min(MOST_ROWS, CELLS // max(columns, n_numbers, 1)))
    n = len(next(iter(batch.values()), ())) if isinstance(batch, Mapping) else len(batch)
    for start in range(0, n, rows):
        if isinstance(batch, Mapping):
            yield {name: column[start : start + rows] for name, column in batch.items()}
        else:
            yield batch[start : start + rows]


def network_inputs(table: Table, network: Network, file: TableFile) -> Any:
    """What `Network.predict` takes for the rows of a table.

    With an encoding of a table that is the table itself; arrays whose columns have but numbers go by their order. Other
    networks take all columns by their order, but for the target, where it is known what that is called.

    Raises
    ------
    InvalidArgument
        If there are more or fewer columns, or one does not hold numbers.
    """
    if isinstance(network.encoder, TableEncoding):
        named = any(column.column in table for column in network.encoder.columns)
        numbered = [column for column in table.names if column.isdecimal()]
        if named or len(numbered) != network.encoder.n_columns or set(table.names) - {*numbered, file.default_target}:
            return table
        return Table({column: table[column] for column in numbered}, named=False)
    name = file.name
    known = network.notes.get("table", {})
    wanted = known.get("columns")
    if isinstance(wanted, list):
        for column in wanted:
            if column not in table:
                raise InvalidArgument(f"{name} has no column {column!r}; {nearest_names(column, table.names)}")
        chosen = wanted
    else:
        chosen = [column for column in table.names if column != known.get("target")]
    n = network.architecture.n_in if network.encoder is None else network.encoder.n_columns
    if len(chosen) != n:
        raise InvalidArgument(
            f"{name} has {counted(len(chosen), 'column')} to predict from, and the network takes {n}: it was not made "
            "for columns with names, and takes all of them in their order."
        )
    return np.column_stack([_numbers(column, table) for column in chosen])


def _numbers(column: str, table: Table) -> Array:
    cells = table[column]
    if not isinstance(cells, np.ndarray) or cells.dtype.kind not in "fiub":
        raise InvalidArgument(f"The column {column!r} does not hold numbers, and the network takes nothing else.")
    return cells.astype(np.float64)


def _typed(part: Any, encoder: Encoder | None, missing: Sequence[str], first_row: int) -> Any:
    """A part whose columns are all text, with those columns as numbers, booleans or dates that were so in learning."""
    import polars

    part = part.with_columns(polars.all().replace(list(missing), None))
    if not isinstance(encoder, TableEncoding):
        found = {name: _as_number(part[name]) for name in part.columns}
        return part.with_columns([new for name, new in found.items() if new.null_count() == part[name].null_count()])
    columns = []
    for each in encoder.columns:
        if each.column in part.columns and each.n_outputs:
            columns.append(_as_learned(each, part[each.column], first_row))
    return part.with_columns(columns)


def _as_learned(encoder: ColumnEncoder, text: Any, first_row: int) -> Any:
    if isinstance(encoder, NumericEncoder):
        numbers = _as_number(text)
        if numbers.null_count() > text.null_count():
            row = int((numbers.is_null() & text.is_not_null()).arg_max() or 0)
            raise InvalidArgument(
                f"The column {text.name!r} has {str(text[row])[:40]!r} in row {first_row + row} (counted from 0), and "
                "the network learned numbers there: mend that entry, or say with --missing that it stands for nothing."
            )
        return numbers
    if encoder.name == "boolean":
        found = _as_boolean(text)
    elif encoder.name == "date":
        found = _as_date(text)
    elif isinstance(encoder, CategoryEncoder) and all(map(spells_number, encoder.labels)):
        found = _as_number(text)  # so that 7 and 7.0 are one category, as they are where they are numbers
    else:
        return text
    return found if found.null_count() == text.null_count() else text  # which the encoder itself refuses, or takes


def _as_number(text: Any) -> Any:
    import polars

    return text.cast(polars.Float64, strict=False)


def _as_boolean(text: Any) -> Any:
    import polars

    by_text = {"true": True, "false": False, "1": True, "0": False}
    return text.str.to_lowercase().replace_strict(by_text, default=None, return_dtype=polars.Boolean)


def _as_date(text: Any) -> Any:
    import polars

    if text.null_count() == len(text):
        return text.cast(polars.Datetime("us"))
    try:
        return text.str.to_datetime(strict=False, time_unit="us")
    except polars.exceptions.PolarsError:  # it finds no format; the encoder says what is wrong
        return text.clear(len(text))


def in_part(error: ChainruleError, part: TablePart) -> ChainruleError:
    """An error about the rows of a part, which counts them from 0, so that the place in the file can be told."""
    if part.first_row == 0:
        return error
    return type(error)(f"In the rows from {part.first_row:,} on, which are counted from 0 again: {error}")
