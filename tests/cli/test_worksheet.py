"""chainrule worksheet: sheets are written, answers are marked, and what does not fit is a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chainrule.glassbox.worksheets import read_worksheets
from tests.cli.command_line import chainrule, refused
from tests.glassbox.worksheets.filled_in import all_rows, write_answers
from tests.glassbox.worksheets.test_marking import sign_turned


def test_sheets_are_written_and_it_says_where():
    done = chainrule("worksheet", "--seed", 7, "--students", 2, "--level", "hard")
    assert "2, each 2-2-1 with 28 blanks (hard: a whole step, to the new weights)" in done.out
    assert "worksheets-7/student-*.html" in done.out
    assert "chainrule worksheet --grade worksheets-7" in done.out
    assert read_worksheets("worksheets-7").settings.level == "hard"


def test_every_option_reaches_the_sheets():
    Path("names.txt").write_text("Ada Lovelace\n\n  Zoë  \n", encoding="utf-8-sig")
    options = ["--level", 1, "--dimensions", "3, 2,2", "--activation", "tanh", "--loss", "cross_entropy", "--rows", 2]
    found = chainrule("worksheet", *options, "--names", "names.txt", "-o", "sheets", "--json").json
    assert found["folder"] == "sheets"
    settings = found["settings"]
    assert settings["names"] == ["Ada Lovelace", "Zoë"]
    assert (settings["dimensions"], settings["activations"]) == ([3, 2, 2], ["tanh", "softmax"])
    assert (settings["loss"], settings["rows"], settings["level"], found["students"]) == ("cross_entropy", 2, "easy", 2)
    assert read_worksheets("sheets").settings.data() | {"names": 0} == {
        name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
    } | {"names": 0}


@pytest.fixture
def answered():
    """A folder whose first student turned a sign."""
    chainrule("worksheet", "--seed", 7, "--students", 2, "--level", "hard")
    first, second = read_worksheets("worksheets-7").sheets
    rows = [*all_rows((first,), sign_turned(first)), *all_rows((second,)), (9, "Q1", 1)]
    write_answers(Path("worksheets-7/answers.csv"), rows)
    return Path("worksheets-7")


def test_answers_are_marked(answered):
    done = chainrule("worksheet", "--grade", answered)
    assert "Student 1   27/28" in done.out
    assert "Student 2   28/28" in done.out
    assert "Commonest mistakes: y - a for a - y (1 student, 1 answer)." in done.out
    assert done.err == "Line 58: there is no student '9'; they go from 1 to 2.\n"
    assert (answered / "marks.csv").read_text().startswith("student,points,out_of")
    assert "27 of 28 points" in (answered / "marks.html").read_text()
    assert chainrule("worksheet", "--grade", answered).out == done.out  # and marked again


def test_the_table_may_lie_anywhere_if_the_options_say_which_sheets_these_are(answered):
    Path("elsewhere").mkdir()
    Path("elsewhere/in.csv").write_bytes((answered / "answers.csv").read_bytes())
    options = ["--seed", 7, "--students", 2, "--level", "hard"]
    found = chainrule("worksheet", "--grade", "elsewhere/in.csv", *options, "--json").json
    assert [each["points"] for each in found["students"]] == [27, 28]
    assert found["table"] == "elsewhere/marks.csv"
    assert found == json.loads(chainrule("worksheet", "--grade", "elsewhere/in.csv", *options, "--json").out)
    Path("mine").mkdir()
    chainrule("worksheet", "--grade", answered / "answers.csv", "--output", "mine")
    assert {each.name for each in Path("mine").iterdir()} == {"marks.csv", "marks.html"}


def test_options_that_agree_with_the_folder_may_be_repeated(answered):
    chainrule("worksheet", "--grade", answered, "--seed", 7, "--level", 3, "--students", 2)
    assert "made with another --seed" in refused("worksheet", "--grade", answered, "--seed", 8)
    assert "made with another --level" in refused("worksheet", "--grade", answered, "--level", "easy")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--level", "hrd"], "'hrd' is no level; did you mean 'hard'?"),
        (["--dimensions", "2;2"], "--dimensions is whole numbers with commas between, such as 2,3,1, not '2;2'."),
        (["--students", "0"], "students must be at least 1"),
        (["--names", "nowhere.txt"], "nowhere.txt cannot be read: No such file or directory."),
        (["--names", "binary"], "binary is no text in UTF-8"),
        (["--grade", "nowhere.csv"], "does not lie in a folder of worksheets: give --seed"),
        (["--grade", "nowhere.csv", "--seed", "1"], "There is no file nowhere.csv."),
        (["--output", "binary"], "binary is there already, and is left as it is"),
    ],
)
def test_what_does_not_fit_is_a_sentence(arguments, sentence):
    Path("binary").write_bytes(b"\xff\xfe\x81")
    assert sentence in refused("worksheet", *arguments)
    assert [each.name for each in Path().iterdir()] == ["binary"]
