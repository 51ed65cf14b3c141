"""Which files hold tables? CSV, TSV, Parquet, NPZ, IDX and the example sets, whole or in batches."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chainrule.data.example_sets import EXAMPLE_SETS
from chainrule.data.table_files.delimited import DelimitedFile
from chainrule.data.table_files.example import ExampleTable
from chainrule.data.table_files.idx import IdxFiles, is_idx
from chainrule.data.table_files.npz import NpzFile
from chainrule.data.table_files.parquet import ParquetFile
from chainrule.data.table_files.reading import Kind, Reading
from chainrule.data.table_files.table_file import TableFile
from chainrule.errors import FileFormatError, FileMissing, nearest_names

__all__ = ["Kind", "Reading", "TableFile", "batches", "open_table", "read_table"]

ENDINGS = {".parquet": ParquetFile, ".pq": ParquetFile, ".npz": NpzFile}
OTHER_ENDINGS = {
    ".xlsx": "a spreadsheet: save it as CSV there",
    ".xls": "a spreadsheet: save it as CSV there",
    ".ods": "a spreadsheet: save it as CSV there",
    ".safetensors": "a model file, and no table",
    ".zip": "an archive: unpack it first",
    ".json": "JSON: write it as CSV or Parquet first",
    ".jsonl": "JSON: write it as CSV or Parquet first",
    ".pkl": "a pickle, which is a program: write it as CSV or Parquet first",
    ".npy": "a single array: write x and y into one file with numpy.savez",
    ".bz2": "packed: unpack it first, or pack it with gzip",
    ".xz": "packed: unpack it first, or pack it with gzip",
    ".zst": "packed: unpack it first, or pack it with gzip",
}


def open_table(place: str | os.PathLike[str], reading: Reading | None = None) -> TableFile:
    """The table at a place; nothing but the beginning of the file is read yet.

    Parameters
    ----------
    place : path-like
        A file whose name says what it is: .csv, .tsv, .txt and the like, .gz after that, .parquet, .npz, or MNIST's IDX
        format; or the name of an example set, such as digits.
    reading : Reading, optional
        What the name does not say.

    Raises
    ------
    FileMissing
        If there is no such file.
    FileFormatError
        If its name says that it is something that holds no table, or it is a pipe or a device.
    """
    name = os.fspath(place)
    if name in EXAMPLE_SETS:
        return ExampleTable(name)
    path, reading = Path(name), reading or Reading()
    _check_file(path)
    ending = path.suffix.lower()
    if is_idx(path):
        return IdxFiles(path, reading)
    if ending in OTHER_ENDINGS:
        raise FileFormatError(f"{path} is {OTHER_ENDINGS[ending]}.")
    if ending == ".gz" and Path(path.stem).suffix.lower() in ENDINGS:
        raise FileFormatError(f"{path} is packed with gzip, as only text and IDX files can be: unpack it first.")
    return ENDINGS.get(ending, DelimitedFile)(path, reading)


def read_table(place: str | os.PathLike[str], reading: Reading | None = None) -> Any:
    """The whole table: a Polars frame, or arrays by their names. As `open_table` and `TableFile.read`."""
    return open_table(place, reading).read()


def batches(
    place: str | os.PathLike[str],
    rows: int = 65_536,
    reading: Reading | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> Iterator[Any]:
    """The table in parts of at most so many rows. As `open_table` and `TableFile.batches`."""
    return open_table(place, reading).batches(rows, kinds)


def _check_file(path: Path) -> None:
    try:
        str(path).encode()  # as its readers want it
        there, folder = path.exists(), path.is_dir()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FileMissing(f"There can be no table {str(path)[:80]!r}: {reason}.") from None
    if folder:
        raise FileMissing(f"{path} is a folder: give the file with the table.")
    if there:
        if not path.is_file():
            raise FileFormatError(
                f"{path} is a pipe or a device, and a table is read more than once: write it to a file first."
            )
        return
    if path.suffix or len(path.parts) > 1:
        beside = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        near = nearest_names(path.name, beside)
        hint = f"; {near}" if near.startswith("did you mean") else "."
        raise FileMissing(f"There is no file {path}{hint}")
    raise FileMissing(f"{str(path)!r} is neither a file nor an example set; {nearest_names(str(path), EXAMPLE_SETS)}")
