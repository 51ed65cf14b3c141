"""What the command line does where something fails that is not the table: outputs, signals, odd values, odd names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command_line import chainrule, refused

LINE = [sys.executable, "-m", "chainrule"]


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A line of Bash, in which ``$C`` is the command."""
    settings = {**os.environ, "C": " ".join(LINE), **environment}
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=120, env=settings)


def flats(n: int = 60, name: str = "flats.csv") -> str:
    rows = [f"{i % 17},{'ab'[i % 2]},{'low' if i % 3 else 'high'}\n" for i in range(n)]
    Path(name).write_text("area,district,demand\n" + "".join(rows))
    return name


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("line", ["runs . > /dev/full", "--help > /dev/full", "train nothing 2> /dev/full"])
def test_an_output_that_cannot_be_written_is_exit_status_2(digits_run, line):
    done = shell(f"$C {line}")
    assert done.returncode == 2
    assert done.stderr == ("chainrule: No space left on device.\n" if "2>" not in line else "")


def test_help_whose_reader_goes_away_is_exit_status_2():
    done = shell("set -o pipefail; $C train --help | true")
    assert done.returncode in (0, 2)  # 0 where all of it was written before
    assert done.stderr == ""


def test_what_an_encoding_lacks_is_an_escape_for_people_and_a_sentence_for_data():
    Path("t.csv").write_text("größe,art\n" + "1,süß\n2,日\n" * 30, encoding="utf-8")
    chainrule("train", "t.csv", "--target", "art", "--epochs", 1, "--output", "run")
    done = shell("$C evaluate run t.csv", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "s\\xfc\\xdf" in done.stdout
    done = shell("$C predict run t.csv", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert done.stderr == (
        "chainrule: Standard output is in ascii, which has no '\\xf6': set PYTHONIOENCODING=utf-8, or write to a file "
        "with --output.\n"
    )
    done = shell("$C predict run t.csv --json", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)["predictions"][0]["größe"] == "1"


def test_names_from_a_file_cannot_steer_a_terminal():
    Path("t.csv").write_text("a\x1b]0;title\x07,b\n" + "1,x\x1b[2J\n2,y\n" * 30)
    done = chainrule("train", "t.csv", "--target", "b", "--epochs", 1, "--output", "run")
    assert "x\\x1b[2J" in done.out
    assert "\x1b" not in done.out + done.err
    assert "\x1b" not in chainrule("inspect", "run").out
    assert refused("train", "no\x1b[2J\nfile.csv") == "There is no file no\\x1b[2J file.csv."


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "iris", "--epochs", "1.5"],
        ["train", "iris", "--members", "2.5"],
        ["resume", "run", "--patience", "20.01"],
        ["plot", "run", "--member", "1.9"],
    ],
)
def test_a_fraction_where_a_whole_number_belongs_is_not_rounded(arguments):
    assert refused(*arguments) == f"{arguments[-2]} takes a whole number, not {arguments[-1]}."


def test_a_panic_of_a_library_is_one_sentence(monkeypatch):
    class PanicException(BaseException):
        pass

    def panic(*_):
        raise PanicException("index out of bounds\nat line 3")

    monkeypatch.setattr("chainrule.cli.training_run.prepared_training", panic)
    assert refused("train", "iris").startswith("PanicException: index out of bounds at line 3. This should not be")


CONFIGS = {
    "both spellings": ("c.toml", "batch-size = 4\nbatch_size = 5", "c.toml sets 'batch_size' twice: leave one"),
    "in a section again": ("c.toml", "epochs = 4\n[train]\nepochs = 5", "c.toml sets 'epochs' twice: leave one"),
    "a fraction": ("c.toml", "epochs = 1.5", "--epochs takes a whole number, not 1.5."),
    "a section for a text": ("c.json", '{"target": {"a": 1}}', "c.json sets target to {'a': 1}: give a text"),
}


@pytest.mark.parametrize(("name", "text", "message"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_file_that_says_too_much_is_one_sentence(name, text, message):
    Path(name).write_text(text)
    assert message in refused("train", "iris", "--config", name)


def test_a_config_file_may_begin_with_the_mark_of_utf_8():
    Path("c.toml").write_text("epochs = 1", encoding="utf-8-sig")
    assert chainrule("train", "iris", "--config", "c.toml", "--json").json["epochs"] == 1


def test_sigterm_while_writing_leaves_no_file():
    chainrule("train", flats(), "--target", "demand", "--epochs", 1, "--output", "run")
    flats(400_000, "large.csv")
    before = sorted(os.listdir())
    with subprocess.Popen([*LINE, "predict", "run", "large.csv", "--output", "new.csv"]) as process:
        while sorted(os.listdir()) == before:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143
    assert sorted(os.listdir()) == before
