"""The run folder: found or refused, each file whole, and known to be at work or killed."""

import itertools
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from chainrule.errors import ChainruleError, FileFormatError, FileMissing, FileNotWritten, InvalidArgument
from chainrule.files.model_file import FORMAT_VERSION
from chainrule.files.run_folder import RESULTS_FILE, SETTINGS_FILE, SPLIT_FILE, RunFolder, numbered_folders


def made(path="run"):
    folder = RunFolder.made([Path(path)])
    folder.write(SETTINGS_FILE, {"format_version": FORMAT_VERSION, "a": 1})
    return folder


def test_a_folder_is_made_at_the_first_free_place_and_never_replaces_another():
    names = [RunFolder.made(itertools.islice(numbered_folders(Path("runs"), "x"), 5)).path.name for _ in range(3)]
    assert names == ["x-1", "x-2", "x-3"]
    with pytest.raises(FileNotWritten, match="exists already, and a run never replaces another"):
        RunFolder.made([Path("runs/x-1")])
    Path("file").write_text("")
    with pytest.raises(FileNotWritten, match="could not be made: "):
        RunFolder.made([Path("file/x")])


def test_what_is_written_is_read_and_no_half_file_stays(monkeypatch):
    folder = made()
    assert folder.settings == {"format_version": FORMAT_VERSION, "a": 1}
    before = (folder.path / SETTINGS_FILE).read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileNotWritten, match="No space left on device"):
        folder.write(SETTINGS_FILE, {"a": 2})
    assert (folder.path / SETTINGS_FILE).read_bytes() == before
    assert os.listdir(folder.path) == [SETTINGS_FILE]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is no run folder, or an incomplete one"),
        (b"", "damaged or incomplete"),
        (b'{"format_ver', "damaged or incomplete"),
        (b"[]", "damaged or incomplete"),
        (b"{}", "damaged or incomplete"),
        (b'{"format_version": "x"}', "damaged or incomplete"),
        (b'{"format_version": true}', "damaged or incomplete"),
        (b"[" * 100_000, "damaged or incomplete"),
        (b'{"format_version": 99}', f"format version 99, and this chainrule reads up to {FORMAT_VERSION}"),
    ],
)
def test_settings_that_are_missing_damaged_or_newer_are_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "settings.json").write_bytes(content)
    with pytest.raises(ChainruleError, match=message):
        _ = RunFolder.opened(tmp_path).settings
    with pytest.raises(FileMissing, match="There is no run folder"):
        RunFolder.opened(tmp_path / "nowhere")


@pytest.mark.parametrize("held_out", [[], [1.5], [-1], ["1"], [True], "12", {"1": 2}])
def test_held_out_rows_that_are_none_are_refused(held_out):
    folder = made()
    folder.write(SPLIT_FILE, {"held_out": held_out})
    with pytest.raises(FileFormatError, match="does not say which rows were held out"):
        folder.held_out_rows()


def test_the_state_is_what_was_written_or_killed_where_nobody_is_at_work():
    folder = made()
    assert folder.state() == "killed"
    with folder.held():
        assert folder.state() == "running"
        with pytest.raises(InvalidArgument, match="is being trained by another process"), folder.held():
            pass
    assert folder.state() == "killed"
    for state in ("finished", "stopped", "failed"):
        folder.write(RESULTS_FILE, {"state": state})
        assert folder.state() == state


def test_the_folder_of_a_process_that_was_killed_is_free():
    folder = made()
    program = f"""
        import sys, time
        from pathlib import Path
        from chainrule.files.run_folder import RunFolder
        with RunFolder(Path({str(folder.path)!r})).held():
            print("held", flush=True)
            time.sleep(60)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert folder.state() == "running"
        process.kill()
    assert folder.state() == "killed"
    with folder.held():
        pass
