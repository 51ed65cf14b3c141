"""A text file in pieces of whole rows, so that memory does not grow with the file.

Polars' own batches of a text file read ahead: their memory was measured to grow with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["line_chunks", "plain_delimiters"]

BYTES = 8 << 20
"""Bytes of a piece, about: enough for all threads of a parser."""

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
            if end := _end_of_rows(begun):
                rows, begun = begun[:end], begun[end:]
                if rows.strip():
                    yield names, rows
        if begun.strip():
            yield names, begun


def _end_of_rows(text: bytes) -> int:
    """One past the last line break that is not between quotes; 0 where there is none."""
    end, quotes = len(text), text.count(QUOTE)
    while (at := text.rfind(b"\n", 0, end)) >= 0:
        quotes -= text.count(QUOTE, at, end)
        if quotes % 2 == 0:
            return at + 1
        end = at
    return 0


def plain_delimiters(rows: bytes, delimiter: str) -> int:
    """How many delimiters are not between quotes."""
    sign = delimiter.encode()
    return QUOTED.sub(b"", rows).count(sign) if QUOTE in rows else rows.count(sign)
