"""Tables of answers are read as spreadsheets write them, and what cannot be used is said with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule.errors import FileFormatError, FileMissing
from chainrule.glassbox.worksheets import worksheet
from chainrule.glassbox.worksheets.answers import read_answers
from chainrule.glassbox.worksheets.table_file import csv_bytes, without_apostrophe

SHEETS = worksheet(7, names=["Ada", "Jo Ann", "=Eve", "Zoë"])
NUMBERED = worksheet(7, 12)


def read(text, sheets=SHEETS, encoding="utf-8"):
    Path("answers.csv").write_bytes(text.encode(encoding))
    found = read_answers("answers.csv", sheets)
    return {(s, q): each.text for s, own in found.by_student.items() for q, each in own.items()}, found.notes


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("student,question,answer\nAda,Q2,0.35\nZoë,Q1,3", "utf-8"),
        ("student,question,answer\r\nAda,Q2,0.35\r\nZoë,Q1,3\r\n", "utf-8-sig"),
        ("student;question;answer\nAda;Q2;0.35\nZoë;Q1;3", "cp1252"),
        ("student\tquestion\tanswer\nAda\tQ2\t0.35\nZoë\tQ1\t3", "utf-16"),
        ("Answer,Student,Note,Question\n0.35,ada,x,q2\n\n3,ZOË,,1\n", "utf-8"),
        ('"student","question","answer"\n" Ada ","Q 2"," 0.35 "\n"4","Q01","3"', "utf-8"),
        ('student,question,answer\nAda,"z[2][0,1]",0.35\nZoë,"z[2] [0, 0]",3', "utf-8"),
    ],
)
def test_the_ways_in_which_tables_are_written(text, encoding):
    assert read(text, encoding=encoding) == ({(1, 2): "0.35", (4, 1): "3"}, [])


def test_a_decimal_comma_is_no_column():
    wanted = ({(1, 1): "0,35", (1, 2): "-1,5"}, [])
    assert read('student,question,answer\nAda,Q1,"0,35"\nAda,Q2,-1,5') == wanted
    assert read("student;question;answer\nAda;Q1;0,35\nAda;Q2;-1,5") == wanted


def test_students_go_by_number_or_name():
    assert read("student,question,answer\n7,Q1,1\n07,Q2,2\n12,Q1,3", NUMBERED)[0] == {
        (7, 1): "1",
        (7, 2): "2",
        (12, 1): "3",
    }
    assert read("student,question,answer\n'=Eve,Q1,1\n=Eve,Q2,2\njo  ann,Q1,3")[0] == {
        (3, 1): "1",
        (3, 2): "2",
        (2, 1): "3",
    }


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("Eda,Q1,1", "Line 2: there is no student 'Eda'; did you mean 'Ada'?"),
        ("5,Q1,1", "Line 2: there is no student '5'"),
        ("Ada,Q14,1", "Line 2: there is no question 'Q14' on this sheet; they are Q1 to Q13."),
        ("Ada,Q²,1", "there is no question"),
        ("Ada,z[9],1", "there is no question"),
        ("Ada", "there is no question ''"),
        (",,7", "there is no student ''"),
        ("Ada,Q1,1\nAda,Q1,2", "Line 3: Ada answers Q1 again (line 2); the later answer counts."),
    ],
)
def test_what_cannot_be_used_is_said_with_its_line(line, note):
    _, notes = read(f"student,question,answer\n{line}")
    assert len(notes) == 1
    assert note in notes[0]


def test_the_later_of_two_answers_counts_and_an_empty_one_does_not():
    assert read("student,question,answer\nAda,Q1,1\nAda,Q1,2\nAda,Q1,")[0] == {(1, 1): "2"}


def test_a_flood_of_lines_makes_few_notes():
    _, notes = read("student,question,answer\n" + "Nobody,Q1,1\n" * 10_000)
    assert len(notes) == 21
    assert notes[-1] == "More lines could not be used; these were the first."


def test_a_long_answer_is_cut():
    assert len(read(f"student,question,answer\nAda,Q1,{'9' * 100_000}")[0][1, 1]) == 200


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty: its first line is student,question,answer"),
        (b"name,question,answer\n", "has no column student"),
        (b"\x00\x01", "has no column"),
        (b'student,question,answer\nAda,Q1,"' + b"9" * 200_000, "line 2: it is no line of a CSV table"),
        (b"student,question,answer\n" + b"x" * 16_000_001, "more than 16 MB"),
        (b"\x81\x8d\x8f", "is no text: save the table as CSV"),
        (b"\xff\xfea", "is no text"),
    ],
)
def test_what_is_no_table_is_a_sentence(content, sentence):
    Path("answers.csv").write_bytes(content)
    with pytest.raises(FileFormatError, match=sentence):
        read_answers("answers.csv", SHEETS)


@pytest.mark.parametrize("place", ["nowhere.csv", "a/b.csv"])
def test_a_missing_table_is_named(place):
    with pytest.raises(FileMissing, match=place):
        read_answers(place, SHEETS)
    with pytest.raises(FileFormatError, match="cannot be read"):
        read_answers(".", SHEETS)


def test_lines_may_end_as_in_old_spreadsheets(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(b"student,question,answer\r1,Q1,0.5\r1,Q2,3/8\r")
    given = read_answers(path, SHEETS).by_student[1]
    assert (given[1].text, given[2].text, given[2].line) == ("0.5", "3/8", 3)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "plain", "", "'quoted", 'a,"b"\nc'])
def test_no_text_is_a_formula_to_a_spreadsheet(cell):
    import csv
    import io

    (written,) = next(csv.reader(io.StringIO(csv_bytes([[cell]]).decode(), newline=""))) or [""]
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert without_apostrophe(written) == cell


def test_numbers_stay_numbers():
    assert csv_bytes([["a", -1, 0.5]]) == b"a,-1,0.5\n"
