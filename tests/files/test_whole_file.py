"""Files that are written part by part are there whole or as they were before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chainrule.errors import FileFormatError, FileMissing, FileNotWritten
from chainrule.files.whole_file import whole_file


def write_half(error):
    with whole_file("a.csv") as file:
        file.write(b"new")
        raise error


def write_to_a_full_disk():
    with whole_file("a.csv"), Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"new")


def test_the_parts_are_there_together_when_all_are_written():
    with whole_file("a.csv") as file:
        file.write(b"one,")
        file.flush()
        assert not Path("a.csv").exists()
        file.write(b"two")
    assert Path("a.csv").read_bytes() == b"one,two"
    assert os.listdir() == ["a.csv"]


@pytest.mark.parametrize("error", [FileFormatError("row 3 is wrong"), FileMissing("no table"), KeyboardInterrupt()])
def test_an_error_between_two_parts_leaves_what_was_there_and_is_handed_on(error):
    Path("a.csv").write_bytes(b"old")
    with pytest.raises(type(error)) as caught:
        write_half(error)
    assert caught.value is error
    assert Path("a.csv").read_bytes() == b"old"
    assert os.listdir() == ["a.csv"]


def test_a_disk_that_is_full_is_a_sentence():
    Path("a.csv").write_bytes(b"old")
    with pytest.raises(FileNotWritten, match="a.csv could not be written: No space left on device. What was there"):
        write_to_a_full_disk()
    assert Path("a.csv").read_bytes() == b"old"
