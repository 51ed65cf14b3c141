"""The marks of a class: graded from the folder, summed up, and written so that nothing else is overwritten."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from chainrule.errors import FileNotWritten, InvalidType
from chainrule.glassbox.worksheets import grade, worksheet
from tests.glassbox.worksheets.filled_in import all_rows, write_answers
from tests.glassbox.worksheets.test_marking import sign_turned

NAMES = ["Ada", "Bob", "Chloé", "=cmd|'/C calc'!A0"]


@pytest.fixture
def class_folder():
    """Ada right, Bob with a sign turned, Chloé with text and a blank, and one who handed nothing in."""
    sheets = worksheet(7, level="hard", names=NAMES)
    folder = sheets.write("class")
    ada, bob, chloe, _ = sheets.sheets
    rows = [*all_rows((ada,)), *all_rows((bob,), sign_turned(bob)), *all_rows((chloe,))]
    rows[2 * 28 + 4] = ("Chloé", "Q5", "<script>alert(1)</script>")
    rows[2 * 28 + 6] = ("Chloé", "Q7", "")
    write_answers(folder / "answers.csv", [*rows, ("Zed", "Q1", 1)])
    return folder


def test_points(class_folder):
    marks = grade(class_folder)
    assert [each.points for each in marks.students] == [28, 27, 26, 0]
    assert [each.handed_in for each in marks.students] == [True, True, True, False]
    assert marks.students[1].counts["follow-on"] > 5
    assert marks.mean == 27
    assert marks.notes == ("Line 86: there is no student 'Zed'; choose from =cmd|'/C calc'!A0, Ada, Bob, Chloé.",)


def test_an_empty_template_is_nobody(class_folder):
    sheets = worksheet(1, 2)
    marks = grade(sheets.write("other"))
    assert marks.handed_in == ()
    assert marks.summary == ("Nobody handed in an answer.",)
    assert "nothing handed in" in str(marks)
    assert all(Path(each).is_file() for each in marks.write("other"))


def test_the_sheets_may_be_given_themselves(class_folder):
    sheets = worksheet(7, level="hard", names=NAMES)
    assert grade(sheets, class_folder / "answers.csv").data() == grade(class_folder).data()
    with pytest.raises(InvalidType, match="Name the file of the answers"):
        grade(sheets)


def test_the_summary_tells_the_hardest_question_and_the_commonest_mistake(class_folder):
    marks = grade(class_folder)
    assert [(each.name, each.points, each.of) for each in marks.questions[:3]] == [
        ("Q5", 2, 3),
        ("Q7", 2, 3),
        ("Q8", 2, 3),
    ]
    assert [(each.name, each.students, each.answers) for each in marks.mistakes] == [("y - a for a - y", 1, 1)]
    text = str(marks)
    assert "3 of 4 handed in; on average 27.0 of 28 points." in text
    assert "Hardest: Q5 z[3][0,0] (2 of 3 right)" in text
    assert "Commonest mistakes: y - a for a - y (1 student, 1 answer)." in text
    assert re.search(r"^Bob +27/28", text, re.MULTILINE)


def test_the_table_is_safe_in_a_spreadsheet_and_can_be_read_again(class_folder):
    table, _ = grade(class_folder).write(class_folder)
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["points"] for row in rows] == ["28", "27", "26", "0"]
    assert rows[1]["comments"] == "Q8: y - a for a - y."
    assert rows[2]["comments"] == "Q5: not a number."
    assert rows[3]["student"].startswith("'=cmd")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_the_page_escapes_what_students_wrote(class_folder):
    _, page = grade(class_folder).write(class_folder)
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "Bob: 27 of 28 points" in html
    assert "y - a for a - y" in html


def test_marks_replace_marks_and_nothing_else(class_folder):
    marks = grade(class_folder)
    marks.write(class_folder)
    marks.write(class_folder)
    for name in ("marks.csv", "marks.html"):
        other = Path(f"other-{name}")
        other.mkdir()
        (other / name).write_text("my own notes")
        with pytest.raises(FileNotWritten, match="is there already and holds something else"):
            marks.write(other)
        assert [each.name for each in other.iterdir()] == [name]
        assert (other / name).read_text() == "my own notes"
    with pytest.raises(FileNotWritten, match="There is no folder"):
        marks.write("nowhere")


def test_the_data_is_plain(class_folder):
    data = grade(class_folder).data()
    assert json.loads(json.dumps(data)) == data
    (wrong,) = [each for each in data["students"][1]["not_right"] if each["verdict"] == "wrong"]
    assert wrong["question"] == "Q8"
    assert wrong["mistake"] == "y - a for a - y"
    assert wrong["given"] == str(-wrong["right"])
