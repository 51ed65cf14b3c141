"""What is wrong with a text file that should be a table, and where.

Readers made for speed say little of the place; it is looked for here, once something is wrong.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from chainrule.data.rows import counted
from chainrule.errors import FileFormatError

__all__ = ["check_row_lengths", "checked_names", "fault"]

LIKELY_DELIMITERS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}

MARKS = {
    32: (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    16: (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),  # with which one of the others begins
}
"""The marks that files in UTF-32 and UTF-16 begin with."""

LONGEST_ENTRY = 1 << 27
"""Characters of an entry, which the csv module wants to be told."""

MOST_CHARACTERS = 1 << 26
"""A line of names that is longer is none."""

MOST_WITH_BREAKS = 1 << 20
"""Names with line breaks in them that are longer are none; rather, a quote was not closed."""


def checked_names(name: str, file: Path, delimiter: str) -> list[str]:
    """The names of the columns, from the first line.

    Raises
    ------
    FileFormatError
        If there is none, it is not UTF-8, a name is there twice, or another delimiter is between the names.
    """
    line = _first_line(name, file)
    try:
        with _long_entries():
            names: list[str] = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        if "\r" in line:
            raise FileFormatError(
                f"{name} ends its lines with carriage returns alone, as old Macs did: save it with line feeds."
            ) from None
        raise FileFormatError(f"{name} cannot be read as a table: its line of names has a {error}.") from None
    if len(names) == 1:
        others = Counter({sign: line.count(sign) for sign in LIKELY_DELIMITERS if sign != delimiter})
        sign, times = others.most_common(1)[0]
        if times:
            raise FileFormatError(
                f"{name} has one column where {_shown(delimiter)} is taken for the delimiter, and its first line has "
                f"{LIKELY_DELIMITERS[sign]} {counted(times, 'time')}: give --delimiter {LIKELY_DELIMITERS[sign]}."
            )
    twice = [each for each, times in Counter(names).items() if times > 1]
    if twice:
        places = [i for i, each in enumerate(names, 1) if each == twice[0]]
        raise FileFormatError(
            f"{name} has {len(places)} columns called {twice[0]!r}, numbers {' and '.join(map(str, places))}: "
            "give each column its own name."
        )
    return names


def _first_line(name: str, file: Path) -> str:
    with file.open("rb") as opened:
        start = opened.read(4)
        for number, marks in MARKS.items():
            if start.startswith(marks):
                raise FileFormatError(
                    f"{name} is not written in UTF-8 but in UTF-{number}: give --encoding utf-{number}."
                )
        opened.seek(0)
        line = opened.readline(MOST_CHARACTERS)
        while line.strip() == b"" and line:  # empty lines before the names
            line = opened.readline(MOST_CHARACTERS)
        quotes = line.count(b'"')
        while quotes % 2 and len(line) < MOST_WITH_BREAKS:  # a name with a line break in it
            more = opened.readline(MOST_WITH_BREAKS)
            if not more:
                break
            line, quotes = line + more, quotes + more.count(b'"')
    if not line.removeprefix(codecs.BOM_UTF8).strip():
        raise FileFormatError(f"{name} is empty: a table begins with a line of names.")
    if b"\0" in line:
        raise FileFormatError(f"{name} is no text: its first line has a byte 0.")
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        found = not_utf_8(name, file)
        raise found or FileFormatError(f"{name} is not written in UTF-8: say with --encoding in what.") from None


def not_utf_8(name: str, file: Path) -> FileFormatError | None:
    """The sentence about the first byte that is no UTF-8; None where there is none."""
    with file.open("rb") as opened:
        for number, line in enumerate(opened, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                text = line[max(0, error.start - 12) : error.start + 8].decode("cp1252", "replace").strip()
                return FileFormatError(
                    f"{name} is not written in UTF-8: line {number} has the byte 0x{line[error.start]:02x}. "
                    f"If {text!r} reads well, give --encoding cp1252."
                )
    return None


def check_row_lengths(name: str, file: Path, n_columns: int, delimiter: str) -> None:
    """Refuse a row that has more or fewer entries than there are names.

    Raises
    ------
    FileFormatError
        With the first such row.
    """
    with _long_entries():
        for row in _rows(file, delimiter):
            if len(row.entries) != n_columns and (row.entries or n_columns == 1) and row.entries != [""]:
                if row.unclosed:
                    raise _unclosed(name, row, delimiter)
                raise FileFormatError(
                    f"{name} has {counted(n_columns, 'column')}, but {_entries(len(row.entries))} in line {row.line}: "
                    f"{_shortened(delimiter.join(row.entries))!r}. Mend that line, or give the right --delimiter."
                )


class _Row(NamedTuple):
    """A row, the line that it begins in, and whether a quote in it is not closed, which makes it the last."""

    line: int
    entries: list[str]
    unclosed: bool


def _rows(file: Path, delimiter: str) -> Iterator[_Row]:
    """The rows after the names."""
    ended = False

    def lines(opened: Iterable[str]) -> Iterator[str]:
        nonlocal ended
        yield from opened
        ended = True  # which a row finds out before it is there only if it waits for a quote

    with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
        reader = csv.reader(lines(opened), delimiter=delimiter)
        while not next(reader, ["end"]):
            pass  # empty lines before the names
        line = reader.line_num + 1
        for entries in reader:
            yield _Row(line, entries, ended)
            line = reader.line_num + 1


def _unclosed(name: str, row: _Row, delimiter: str) -> FileFormatError:
    begin = delimiter.join(row.entries).partition("\n")[0].rstrip("\r")
    return FileFormatError(
        f"{name} has a quote that is not closed, in the row that begins in line {row.line}: {_shortened(begin)!r}. "
        "Close it, or leave it out."
    )


@contextmanager
def _long_entries() -> Iterator[None]:
    """Let the csv module take entries of any length, which it refuses by default, for the time being."""
    before = csv.field_size_limit(LONGEST_ENTRY)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def fault(name: str, file: Path, n_columns: int, delimiter: str, error: Exception) -> FileFormatError:
    """The sentence about what made a reader stop."""
    found = not_utf_8(name, file)
    if found is not None:
        return found
    try:
        check_row_lengths(name, file, n_columns, delimiter)
        with _long_entries():
            unclosed = [row for row in _rows(file, delimiter) if row.unclosed]
    except FileFormatError as wrong:
        return wrong
    except csv.Error as wrong:
        return FileFormatError(f"{name} cannot be read as a table: {wrong}.")
    if unclosed:
        return _unclosed(name, unclosed[0], delimiter)
    text = str(error)
    reason = text.splitlines()[0].rstrip(".") if text else type(error).__name__
    return FileFormatError(f"{name} cannot be read as a table: {_shortened(reason, 200)}.")


def _entries(n: int) -> str:
    return f"{n} {'entry' if n == 1 else 'entries'}"


def _shown(delimiter: str) -> str:
    return LIKELY_DELIMITERS.get(delimiter, repr(delimiter))


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
