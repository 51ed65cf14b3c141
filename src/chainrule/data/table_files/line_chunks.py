"""A text file in pieces of whole rows, so that memory does not grow with the file.

Polars' own batches of a text file read ahead: their memory was measured to grow with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["empty_lines_at_end", "line_chunks", "plain_delimiters"]

BYTES = 8 << 20
"""Bytes of a piece, about: enough for all threads of a parser."""

LINE_BREAKS = b"\r\n"
LINE_ENDS = (b"\n", b"\r")

QUOTE = b'"'
QUOTED = re.compile(rb'"[^"]*"')


def line_chunks(file: Path, size: int = BYTES) -> Iterator[tuple[bytes, bytes]]:
    """The line of names, and some rows; again and again, until no rows are left.

    A line break between quotes does not end a row.

    Parameters
    ----------
    file : Path
        Text in UTF-8 with a line of names.
    size : int
        Bytes to read at once; a piece has more only where a single row is longer.
    """
    with file.open("rb") as opened:
        names = opened.readline()
        while names and not names.strip():
            names = opened.readline()  # empty lines before the names
        while names.count(QUOTE) % 2 and (more := opened.readline()):
            names += more
        if not names.endswith(b"\n"):
            names += b"\n"
        begun = b""
        while read := opened.read(size):
            begun += read
            # empty lines wait for a row after them, since at the end of the file they are none
            if end := _without_empty_lines(begun[: _end_of_rows(begun)]):
                rows, begun = begun[:end], begun[end:]
                yield names, rows
        if end := _without_empty_lines(begun):
            yield names, begun[:end]


def _end_of_rows(text: bytes) -> int:
    """One past the last line break that is not between quotes; 0 where there is none."""
    end, quotes = len(text), text.count(QUOTE)
    while (at := text.rfind(b"\n", 0, end)) >= 0:
        quotes -= text.count(QUOTE, at, end)
        if quotes % 2 == 0:
            return at + 1
        end = at
    return 0


def empty_lines_at_end(file: Path) -> int:
    """How many empty lines a text file ends with; they are no rows."""
    with file.open("rb") as opened:
        size, read = opened.seek(0, 2), 1 << 10
        while True:
            opened.seek(-min(size, read), 2)
            end = opened.read()
            if end.strip(LINE_BREAKS) or read >= size:
                break
            read *= 4
    return end[_without_empty_lines(end) :].count(b"\n")


def _without_empty_lines(text: bytes) -> int:
    """One past the line break of the last line that is not empty; 0 where there is none."""
    end = len(text.rstrip(LINE_BREAKS))
    if end == 0:
        return 0
    return end + (2 if text.startswith(b"\r\n", end) else 1 if text.startswith(LINE_ENDS, end) else 0)


def plain_delimiters(rows: bytes, delimiter: str) -> int:
    """How many delimiters are not between quotes."""
    sign = delimiter.encode()
    return QUOTED.sub(b"", rows).count(sign) if QUOTE in rows else rows.count(sign)
