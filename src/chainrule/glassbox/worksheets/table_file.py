"""Tables as CSV files: written so that no spreadsheet computes a text, and read as spreadsheets write them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from chainrule.errors import FileFormatError, FileMissing

__all__ = ["csv_bytes", "read_csv", "without_apostrophe"]

MOST_BYTES = 16_000_000
"""The answers of a thousand students take a tenth of it."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet computes instead of showing it."""

DELIMITERS = (",", ";", "\t")


def csv_bytes(rows: Iterable[Sequence[str | int | float]]) -> bytes:
    """A table; texts that a spreadsheet would compute get an apostrophe in front, which tells it not to."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([_shown(cell) for cell in row])
    return text.getvalue().encode("utf-8")


def _shown(cell: str | int | float) -> str | int | float:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def without_apostrophe(text: str) -> str:
    """A text as it was before `csv_bytes` put an apostrophe in front."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def read_csv(path: str | os.PathLike[str]) -> list[tuple[int, list[str]]]:
    """The rows of a table that are not empty, each with the number of its line.

    Commas, semicolons or tabs divide the cells, whichever the first line has; the text is UTF-8, UTF-16 or, as older
    spreadsheets write it, Windows' own.

    Raises
    ------
    FileMissing
        If there is no such file.
    FileFormatError
        If it is no such table, or too large to be one.
    """
    text = _text(Path(path)).replace("\r\n", "\n").replace("\r", "\n")  # as old spreadsheets end their lines
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise FileFormatError(f"{path}, line {reader.line_num}: it is no line of a CSV table ({error}).") from None
    return rows


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise FileMissing(f"There is no file {path}.") from None
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path} cannot be read: {error}.") from None
    if len(content) > MOST_BYTES:
        raise FileFormatError(f"{path} has more than {MOST_BYTES // 1_000_000} MB, too much for a table of answers.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(path, content, "utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(path, content, "cp1252")


def _decoded(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise FileFormatError(f"{path} is no text: save the table as CSV, in UTF-8.") from None
