"""CSV and TSV files: what is read, and what is said about files that are no tables."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chainrule.data.table_files import Reading, batches, open_table, read_table
from chainrule.errors import ChainruleError, FileFormatError, InvalidArgument


def written(content: bytes | str, name: str = "table.csv") -> Path:
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return Path(name)


READABLE = {
    "plain": ("age,job\n38,baker\n51,\n", "t.csv", Reading()),
    "quoted": ('age,job\n38,"baker"\n51,""\n', "t.csv", Reading()),
    "windows": ("age,job\r\n38,baker\r\n51,\r\n", "t.csv", Reading()),
    "mark of UTF-8": (b"\xef\xbb\xbfage,job\n38,baker\n51,\n", "t.csv", Reading()),
    "tabs": ("age\tjob\n38\tbaker\n51\t\n", "t.tsv", Reading()),
    "delimiter": ("age;job\n38;baker\n51;\n", "t.csv", Reading(delimiter=";")),
    "delimiter by name": ("age\tjob\n38\tbaker\n51\tNA\n", "t.txt", Reading(delimiter="tab")),
    "missing": ("age,job\n38,baker\n51,?\n", "t.csv", Reading()),
    "own missing": ("age,job\n38,baker\n51,nobody\n", "t.csv", Reading(missing=("nobody",))),
    "gzip": (gzip.compress(b"age,job\n38,baker\n51,\n"), "t.csv.gz", Reading()),
    "gzip of tabs": (gzip.compress(b"age\tjob\n38\tbaker\n51\t\n"), "t.tsv.gz", Reading()),
    "UTF-16": ("age,job\n38,baker\n51,\n".encode("utf-16"), "t.csv", Reading(encoding="utf-16")),
    "packed in another encoding": (
        gzip.compress("age,job\n38,baker\n51,\n".encode("utf-16")),
        "t.csv.gz",
        Reading(encoding="utf-16"),
    ),
}


@pytest.mark.parametrize(("content", "name", "reading"), READABLE.values(), ids=READABLE)
def test_the_same_table_in_many_forms(content, name, reading):
    path = written(content, name)
    expected = pl.DataFrame({"age": [38, 51], "job": ["baker", None]})
    assert read_table(path, reading).equals(expected)
    assert pl.concat(batches(path, 1, reading)).equals(expected)


def test_another_encoding_gives_its_characters():
    frame = read_table(written("a,b\n1,café\n".encode("latin-1")), Reading(encoding="latin-1"))
    assert frame["b"].to_list() == ["café"]


def test_numbers_booleans_and_dates_are_told_from_the_text():
    frame = read_table(written("n,x,b,d,t\n1,2.5,true,2024-01-02,z\n2,,false,,\n"))
    assert frame.dtypes == [pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.String]


@pytest.mark.parametrize("last", ["2.5", "x"])
def test_a_type_that_only_the_last_row_shows_holds_for_all_rows_and_all_batches(last):
    path = written("a,b\n" + "1,2\n" * 20_000 + f"1,{last}\n")
    frame = read_table(path)
    assert frame["b"].dtype == (pl.Float64 if last == "2.5" else pl.String)
    parts = list(batches(path, 5_000))
    assert {part.schema["b"] for part in parts} == {frame["b"].dtype}
    assert max(map(len, parts)) <= 5_000
    assert pl.concat(parts).equals(frame)


def test_batches_take_the_kinds_that_they_are_given():
    path = written("zip,age,yes\n01234,38,true\n99999,51,\n")
    (part,) = batches(path, 10, kinds={"zip": "text", "age": "number", "yes": "boolean", "absent": "text"})
    assert part.dtypes == [pl.String, pl.Float64, pl.Boolean]
    assert part["zip"].to_list() == ["01234", "99999"]


WRONG = {
    "empty": (b"", "is empty: a table begins with a line of names."),
    "empty lines": (b"\n\n", "is empty"),
    "header only": (b"a,b\n", "has a line of 2 names and no rows."),
    "same name twice": (b"a,b,a\n1,2,3\n", "has 2 columns called 'a', numbers 1 and 3"),
    "semicolons": (b"a;b;c\n1;2;3\n", "its first line has ';' 2 times: give --delimiter ';'."),
    "tabs": (b"a\tb\n1\t2\n", "its first line has tab 1 time: give --delimiter tab."),
    "too few entries": (b"a,b\n1,2\n3\n", "has 2 columns, but 1 entry in line 3: '3'."),
    "too many entries": (b"a,b\n1,2\n3,4,5\n", "has 2 columns, but 3 entries in line 3: '3,4,5'."),
    "latin-1": (b"a,b\n1,caf\xe9\n", "line 2 has the byte 0xe9. If '1,café' reads well, give --encoding cp1252."),
    "latin-1 name": (b"a,caf\xe9\n1,2\n", "line 1 has the byte 0xe9."),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "give --encoding utf-16."),
    "no text": (b"\x00\x01\x02", "is no text: its first line has a byte 0."),
    "open quote": (b'a,b\n1,"x\n', "has a quote that is not closed, in the row that begins in line 2: '1,x'."),
    "open quote far up": (
        b'a,utf8_count\n1,2\n3,"x\n5,6\n7,8\n',
        "not closed, in the row that begins in line 3: '3,x'.",
    ),
    "mark of UTF-8 alone": (b"\xef\xbb\xbf", "is empty"),
    "UTF-32": ("a,b\n1,2\n".encode("utf-32"), "give --encoding utf-32."),
    "carriage returns": (b"a,b\r1,2\r", "ends its lines with carriage returns alone"),
    "a number that is none": (b"a,b\n1,2\n" + b"5" * 5_000 + b",2\n", "could not parse `555"),
    "header and empty lines": (b"a,b\n\n\n", "has a line of 2 names and no rows."),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
def test_what_is_no_table_is_one_sentence_with_the_place(content, message):
    path = written(content)
    with pytest.raises(FileFormatError) as caught:
        read_table(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith("table.csv ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", ["too few entries", "too many entries", "latin-1", "semicolons", "same name twice"])
def test_batches_say_the_same(name):
    content, message = WRONG[name]
    with pytest.raises(FileFormatError, match="table.csv") as caught:
        list(batches(written(content), 1))
    assert message in str(caught.value)


def test_a_cut_gzip_file_is_one_sentence():
    path = written(gzip.compress(b"a,b\n" + b"1,2\n" * 1000)[:-20], "t.csv.gz")
    with pytest.raises(FileFormatError, match=r"t.csv.gz cannot be unpacked: "):
        read_table(path)


def test_a_missing_last_entry_is_no_ragged_row():
    assert read_table(written('a,b\n1,\n2,"x\ny"\n'))["b"].to_list() == [None, "x\ny"]


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "\r\n\r\n\r\n", "\n" * 5_000])
def test_empty_lines_at_the_end_are_no_rows(end):
    path = written(f"a,b\n1,2\n\n3,{end}")
    rows = [(1, 2), (None, None), (3, None)]
    assert read_table(path).rows() == rows
    assert [row for part in batches(path, 2) for row in part.rows()] == rows
    assert pl.concat(open_table(path).text_batches()).rows() == [("1", "2"), (None, None), ("3", None)]


def test_a_line_of_many_names_is_read_whole():
    names = ["a" * 200_000, *(f"a_column_with_a_long_name_{i}" for i in range(40_000))]
    path = written(",".join(names) + "\n" + ",".join(["x"] * len(names)) + "\n")
    (part,) = open_table(path).text_batches()
    assert part.columns == names
    written(path.read_bytes() + b"x,x\n")
    with pytest.raises(FileFormatError, match="has 40,?001 columns, but 2 entries in line 3"):
        list(open_table(path).text_batches())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"delimiter": "ab"}, "The delimiter is one ASCII character or tab, comma"),
        ({"delimiter": '"'}, "The delimiter is one ASCII character"),
        ({"encoding": "utf-9"}, "'utf-9' is no encoding that Python knows"),
        ({"encoding": "hex"}, "'hex' is no encoding that Python knows"),
        ({"encoding": "a\0"}, "is no encoding that Python knows"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(InvalidArgument) as caught:
        Reading(**settings)
    assert message in str(caught.value)


def test_a_file_in_another_encoding_than_said_is_one_sentence():
    with pytest.raises(FileFormatError, match="is not written in ascii"):
        read_table(written("a,b\n1,café\n"), Reading(encoding="ascii"))


@given(st.binary(max_size=200))
@example(b"\r0")
def test_any_bytes_are_a_table_or_a_sentence(content):
    path = written(content)
    try:
        frame = read_table(path)
    except ChainruleError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert len(frame) > 0


def test_the_limit_of_the_csv_module_is_as_before():
    before = csv.field_size_limit()
    with pytest.raises(FileFormatError):
        read_table(written("a,b\n1,2\n3\n"))
    assert csv.field_size_limit() == before
