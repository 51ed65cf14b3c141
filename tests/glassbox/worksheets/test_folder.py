"""The folder is written whole or not at all, and from it the same sheets are known again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chainrule.errors import FileFormatError, FileMissing, FileNotWritten
from chainrule.glassbox.worksheets import folder as folder_module
from chainrule.glassbox.worksheets import read_worksheets, worksheet


def test_what_is_in_it():
    written = worksheet(7, 3, "hard").write()
    assert written == Path("worksheets-7")
    names = ["answers.csv", "solutions.html", *(f"student-0{i}.html" for i in (1, 2, 3)), "worksheets.json"]
    assert sorted(each.name for each in written.iterdir()) == names
    lines = (written / "answers.csv").read_text().splitlines()
    assert lines[:2] == ["student,question,answer", "1,Q1,"]
    assert lines[-1] == "3,Q28,"
    assert len(lines) == 1 + 3 * 28


def test_the_same_seed_gives_the_same_bytes():
    for place in ("one", "two"):
        worksheet(7, 2, "deep", names=["Ada", "Zoë"]).write(place)
    for file in Path("one").iterdir():
        assert file.read_bytes() == (Path("two") / file.name).read_bytes()


def test_numbers_in_file_names_have_one_width(monkeypatch):
    monkeypatch.setattr(folder_module, "student_page", lambda sheet: "a page")
    monkeypatch.setattr(folder_module, "solutions_page", lambda sheets: "another")
    written = worksheet(1, 100, "easy").write("many")
    assert (written / "student-001.html").is_file()
    assert (written / "student-100.html").is_file()


@pytest.mark.parametrize(
    "given",
    [
        {"seed": 7, "students": 4},
        {"seed": 1, "level": "hard", "activation": "sigmoid"},
        {"level": "hard", "loss": "cross_entropy", "names": ["Ada", "=1+1"]},
        {"rows": 3, "dimensions": (3, 2, 1), "activation": "relu,sigmoid", "loss": "mse"},
    ],
)
def test_the_sheets_are_known_again(given):
    sheets = worksheet(**given)
    assert read_worksheets(sheets.write("sheets")) == sheets


def test_what_is_there_is_left_as_it_is():
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years of work")
    Path("file").write_text("x")
    Path("dangling").symlink_to("nowhere")
    for place in ("mine", "file", "dangling"):
        with pytest.raises(FileNotWritten, match=f"{place} is there already, and is left as it is"):
            worksheet().write(place)
    assert [each.name for each in Path("mine").iterdir()] == ["thesis.txt"]
    assert not list(Path().glob(".*.part"))


def test_a_folder_that_cannot_be_written_is_no_half_folder(monkeypatch):
    def full(path, content):
        if path.name == "solutions.html":
            raise FileNotWritten("the disk is full")
        path.write_bytes(content)

    monkeypatch.setattr(folder_module, "write_whole", full)
    with pytest.raises(FileNotWritten, match="the disk is full"):
        worksheet().write("sheets")
    assert not list(Path().iterdir())


def test_a_place_that_is_none_is_told():
    Path("file").write_text("x")
    for place in ("file/below", "nul\0"):
        with pytest.raises(FileNotWritten):
            worksheet().write(place)


def test_folders_above_are_made():
    assert (worksheet().write("school/class-9/monday") / "student-01.html").is_file()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda found: [], "does not describe worksheets"),
        (lambda found: found | {"format": "something else"}, "it is of another kind"),
        (lambda found: found | {"version": 2}, "it is of a newer version"),
        (lambda found: found | {"settings": found["settings"] | {"level": "hrd"}}, "'hrd' is no level"),
        (lambda found: found | {"settings": found["settings"] | {"students": 10**9}}, "at most 1000"),
        (lambda found: found | {"settings": found["settings"] | {"extra": 1}}, "does not describe worksheets"),
        (lambda found: found | {"settings": found["settings"] | {"seed": "7"}}, "does not describe worksheets"),
        (lambda found: found | {"settings": found["settings"] | {"names": [1, 2]}}, "does not describe worksheets"),
        (
            lambda found: {name: each for name, each in found.items() if name != "settings"},
            "does not describe worksheets",
        ),
        (lambda found: found | {"numbers": "0" * 64, "chainrule": "0.0.1"}, "grade them with that version"),
    ],
)
def test_a_damaged_description_is_a_sentence(change, sentence):
    place = worksheet(7, 2).write() / "worksheets.json"
    place.write_text(json.dumps(change(json.loads(place.read_text()))))
    with pytest.raises(FileFormatError, match=sentence):
        read_worksheets(place.parent)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"null", b'{"a": 1' + b" " * 2_000_000 + b"}"]
)
def test_what_is_no_description_at_all_too(content):
    place = worksheet(7, 2).write() / "worksheets.json"
    place.write_bytes(content)
    with pytest.raises(FileFormatError, match="does not describe worksheets"):
        read_worksheets(place.parent)


def test_a_missing_description_is_named():
    with pytest.raises(FileMissing, match=r"worksheets\.json"):
        read_worksheets("nowhere")
