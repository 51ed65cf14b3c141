"""What the command line does where something fails that is not the table: outputs, signals, odd values, odd names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
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


def nested(n: int = 60) -> str:
    table = {
        "area": [i % 17 for i in range(n)],
        "rooms": [[i, i + 1] for i in range(n)],
        "place": [{"x": i} for i in range(n)],
        "photo": [b"\xff"] * n,
        "demand": ["low" if i % 3 else "high" for i in range(n)],
    }
    pl.DataFrame(table).write_parquet("flats.parquet")
    return "flats.parquet"


@pytest.mark.parametrize("options", [["--drop", "rooms,place,photo"], ["--columns", "area"]])
def test_columns_that_nobody_needs_may_hold_anything(options):
    line = [nested(), "--target", "demand", "--epochs", 1]
    assert "'rooms' is of List(Int64), from which no numbers can be made: leave it out." in refused("train", *line)
    chainrule("train", *line, *options, "--output", "run", "--test", "flats.parquet")
    assert chainrule("evaluate", "run", "flats.parquet", "--json").json["rows"] == 60
    first = chainrule("predict", "run", "flats.parquet", "--json").json["predictions"][0]
    assert first["rooms"] == [0, 1]
    assert chainrule("predict", "run", "flats.parquet", "--keep", "area").out.startswith("area,prediction,")
    assert "The column 'rooms' is of List(Int64), and CSV has no entry for that" in refused(
        "predict", "run", "flats.parquet"
    )
    chainrule("predict", "run", "flats.parquet", "--output", "new.parquet")
    assert pl.read_parquet("new.parquet").columns[:5] == ["area", "rooms", "place", "photo", "demand"]


def test_a_column_to_keep_is_given_once():
    chainrule("train", flats(), "--target", "demand", "--epochs", 1, "--output", "run")
    done = chainrule("predict", "run", "flats.csv", "--keep", "area,area", "--no-proba")
    assert done.out.splitlines()[0] == "area,prediction"


TARGETS = {
    "infinite": ([1.0, np.inf, 2.0] * 20, [], "y is infinite in row 1 (counted from 0): mend or drop that row."),
    "infinite class": ([1.0, np.inf, 2.0] * 20, ["--task", "classification"], "y is infinite in row 1 (counted "),
    "infinite number": ([1.0, np.inf, 2.0] * 20, ["--task", "regression"], "y is infinite in row 1 (counted "),
    "dates": (
        np.arange(60).astype("datetime64[D]"),
        ["--task", "classification"],
        "y holds dates or times, which are no classes: give another --target.",
    ),
    "larger than squares": (np.arange(60) * 1e300 + 0.5, ["--task", "regression"], "y has numbers up to 5.9e+301, "),
}


@pytest.mark.parametrize(("y", "options", "message"), TARGETS.values(), ids=TARGETS)
def test_a_target_that_cannot_be_learned_is_one_sentence(y, options, message):
    np.savez("t.npz", x=np.arange(120.0).reshape(60, 2), y=y)
    assert message in refused("train", "t.npz", *options)
    assert os.listdir() == ["t.npz"]


def test_other_targets_than_the_classes_of_a_network_are_one_sentence():
    chainrule("train", "digits", "--epochs", 1, "--output", "run")
    x = np.zeros((2, 64))
    for y, message in (([1.0, np.inf], "target is infinite in row 1"), (["2020-01-01"] * 2, "holds dates or times")):
        kind = "datetime64[D]" if isinstance(y[0], str) else float
        np.savez("t.npz", x=x, y=np.array(y, kind))
        assert message.replace("target", "y") in refused("evaluate", "run", "t.npz", "--target", "y")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--hidden", "The number of outputs of a dense layer must be at most "),
        ("--members", "n_members must be at most "),
    ],
)
def test_more_than_any_memory_holds_is_refused_at_once(option, message):
    assert message in refused("train", "iris", option, str(10**23))


def test_members_that_do_not_fit_into_memory_are_refused_before_they_are_made():
    assert refused("train", "iris", "--members", 10**9).startswith("Unable to allocate ")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_one_sentence():
    name = os.fsdecode(b"flats\xff.csv")
    Path(flats()).rename(name)
    assert refused("train", name, "--target", "demand").startswith("There can be no table 'flats\\udcff.csv': ")


def test_very_many_classes_make_no_files_of_gigabytes():
    k, n = 1_000, 3_000
    np.savez("t.npz", x=np.arange(2.0 * n).reshape(n, 2), y=np.array([f"c{i % k}" for i in range(n)]))
    chainrule("train", "t.npz", "--epochs", 1, "--output", "run")
    assert sum(file.stat().st_size for file in Path("run").glob("*.[cj]s*")) < 1_000_000
    assert chainrule("predict", "run").out == Path("run/predictions.csv").read_text()
    assert Path("run/predictions.csv").read_text().startswith("row,label,prediction\n")
    measured = chainrule("evaluate", "run", "--json").json
    assert "confusion" not in measured
    assert {"true", "predicted", "rows"} == set(measured["mistakes"][0])
    assert chainrule("evaluate", "run").out.startswith("the commonest mistakes:\n")
    header = chainrule("predict", "run", "t.npz", "--keep", "y", "--proba").out.split("\n", 1)[0]
    assert header.count(",probability_") == k
