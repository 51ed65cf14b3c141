"""Pieces of a text file: whole rows, all of them, whatever is between quotes and wherever a piece ends."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainrule.data.table_files import open_table
from chainrule.data.table_files.line_chunks import line_chunks, plain_delimiters
from chainrule.errors import FileFormatError

CELLS = st.text('ab ,"\n', max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), st.integers(1, 40), st.booleans())
def test_the_pieces_are_whole_rows_and_together_the_file(rows, size, ended):
    written = io.StringIO()
    csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([("x", "y\nz"), *rows])
    text = written.getvalue() if ended else written.getvalue().rstrip("\n")
    Path("t.csv").write_text(text)
    names = b'"x","y\nz"\n'
    pieces = list(line_chunks(Path("t.csv"), size))
    assert {first for first, _ in pieces} == {names}
    assert (names + b"".join(piece for _, piece in pieces)).decode() == text
    read = [row for _, piece in pieces for row in csv.reader(io.StringIO(piece.decode(), newline=""))]
    assert read == [list(row) for row in rows]
    assert sum(plain_delimiters(piece, ",") for _, piece in pieces) == len(rows)


def test_a_file_without_rows_has_no_pieces():
    for text in ("", "a,b\n", "a,b", "\n\na,b\n\n"):
        Path("t.csv").write_text(text)
        assert list(line_chunks(Path("t.csv"))) == []


def test_the_text_of_every_cell_is_as_it_is_in_the_file():
    Path("t.csv").write_text('a,b\n007,"1,5"\nNA,\n 1.50 ,true\n')
    (part,) = open_table("t.csv").text_batches()
    assert part.to_dict(as_series=False) == {"a": ["007", "NA", " 1.50 "], "b": ["1,5", None, "true"]}
    assert set(part.dtypes) == {pl.String}


@pytest.mark.parametrize(("rows", "line"), [("1,2\n3\n", 3), ("1,2\n3,4,5\n", 3), ('"1,1",2\n\n"3,3"\n', 4)])
def test_a_row_that_is_too_short_or_too_long_is_found(rows, line):
    Path("t.csv").write_text("a,b\n" + rows)
    with pytest.raises(FileFormatError, match=f"in line {line}"):
        list(open_table("t.csv").text_batches())
