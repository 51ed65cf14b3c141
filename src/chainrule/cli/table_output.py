"""Tables written part by part: as CSV, as Parquet, or as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeAlias

from chainrule.cli.unreadable_columns import has_no_entries
from chainrule.errors import ChainruleError, InvalidArgument, require
from chainrule.files.json_data import json_data

__all__ = ["OutputPart", "write_csv", "write_json", "writer_for"]

ROW_GROUP = 65_536
"""Rows that a Parquet file keeps together, which are in memory until all of them are there."""

OutputPart: TypeAlias = Any
"""Some rows: a Polars frame, or arrays by the names of their columns."""


def writer_for(path: Path) -> Callable[[Iterator[OutputPart], BinaryIO], None]:
    """What writes a table to a file of this name.

    Raises
    ------
    InvalidArgument
        If its ending is of no format that can be written.
    """
    ending = path.suffix.lower()
    if ending in (".parquet", ".pq"):
        return write_parquet
    if ending in (".csv", ".tsv", ".tab"):
        return lambda parts, file: _write_csv_bytes(parts, file, "," if ending == ".csv" else "\t")
    raise InvalidArgument(
        f"The predictions are written as .csv, .tsv or .parquet, and {path.name!r} ends in none of them."
    )


def write_csv(parts: Iterator[OutputPart], write: Callable[[str], Any], delimiter: str = ",") -> None:
    """Write CSV with a line of names; each number has as many digits as give it back bit for bit."""
    with_names = True
    for part in parts:
        if isinstance(part, Mapping):
            write(_csv_of_arrays(part, with_names, delimiter))
        else:
            _check_entries(part)
            write(part.write_csv(include_header=with_names, separator=delimiter))
        with_names = False


def _check_entries(part: Any) -> None:
    for name, dtype in zip(part.columns, part.dtypes, strict=True):
        if has_no_entries(dtype):
            raise InvalidArgument(
                f"The column {name!r} is of {dtype}, and CSV has no entry for that: name other columns with --keep, or "
                "write .parquet."
            )


def _write_csv_bytes(parts: Iterator[OutputPart], file: BinaryIO, delimiter: str) -> None:
    write_csv(parts, lambda text: file.write(text.encode()), delimiter)


def _csv_of_arrays(part: Mapping[str, Any], with_names: bool, delimiter: str) -> str:
    text = io.StringIO()
    table = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    if with_names:
        table.writerow(part)
    table.writerows(zip(*(map(str, column) for column in part.values()), strict=True))
    return text.getvalue()


def write_parquet(parts: Iterator[OutputPart], file: BinaryIO) -> None:
    """Write Parquet, whose columns have the types of the first part; memory does not grow with the number of parts."""
    polars = require("polars", "tables")
    frames = (polars.DataFrame(dict(part)) if isinstance(part, Mapping) else part for part in parts)
    first = next(frames)
    failed: list[BaseException] = []

    def rows(*_: Any) -> Iterator[Any]:
        try:
            yield first
            for frame in frames:
                yield frame.cast(first.schema)
        except BaseException as error:  # Polars would hand on its text alone
            failed.append(error)
            raise

    from polars.io.plugins import register_io_source

    try:
        noting: Any = _Noting(file, failed)
        register_io_source(rows, schema=first.schema).sink_parquet(noting, row_group_size=ROW_GROUP)
    except BaseException as error:
        if failed:
            raise failed[0] from None
        if isinstance(error, ChainruleError | KeyboardInterrupt):
            raise
        raise OSError(str(error)) from error


class _Noting(io.BufferedIOBase):
    """A file that notes the error of its own with which writing to it ends."""

    def __init__(self, file: BinaryIO, failed: list[BaseException]) -> None:
        self._file, self._failed = file, failed

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self._failed.append(error)
            raise


def write_json(parts: Iterator[OutputPart], stream: TextIO) -> None:
    """Write one JSON object, ``{"predictions": [...]}``, with an object for each row."""
    separator = '{"predictions": ['  # not before the first part is there, which may be refused
    for part in parts:
        columns = {name: column.tolist() for name, column in part.items()} if isinstance(part, Mapping) else None
        rows = part.iter_rows(named=True) if columns is None else _rows(columns)
        for row in rows:
            stream.write(separator + json.dumps(json_data(row), allow_nan=False, default=str))
            separator = ", "
    stream.write("]}\n")


def _rows(columns: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
