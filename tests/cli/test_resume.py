"""`chainrule resume`: what was interrupted, however it was, goes on to the same bits as what was not."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chainrule import load
from chainrule.errors import InvalidArgument
from chainrule.files.run_folder import RunFolder
from tests.cli.command_line import chainrule, refused

LINE = ("train", "digits", "--patience", "15", "--hidden", "40", "--seed", "4")


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("uninterrupted") / "run"
    chainrule(*LINE, "--epochs", 60, "--output", folder)
    return folder


def same(one: Path, other: Path) -> None:
    """The two runs are alike but for their times."""
    for name in ("model.safetensors", "predictions.csv", "split.json"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    histories = [json.loads((run / "history.json").read_text()) for run in (one, other)]
    assert {**histories[0], "seconds": 0} == {**histories[1], "seconds": 0}
    results = [json.loads((run / "results.json").read_text()) for run in (one, other)]
    assert {**results[0], "run": 0, "seconds": 0, "started": 0} == {**results[1], "run": 0, "seconds": 0, "started": 0}


def begun(*arguments: str, epochs: int = 60) -> subprocess.Popen[str]:
    """A training in a process of its own, after its first epochs."""
    line = [sys.executable, "-m", "chainrule", *LINE, "--epochs", str(epochs), "--output", "run", *arguments]
    line += ["--checkpoint-every", "0.001"]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while not process.stderr.readline().startswith(f"epoch {12 if epochs == 60 else 1}/"):
        assert process.poll() is None
    return process


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_an_interrupted_training_goes_on_to_the_same_bits(uninterrupted, how):
    with begun() as process:
        process.send_signal(how)
        process.communicate(timeout=60)
    assert process.returncode == (-how if how == signal.SIGKILL else 128 + how)
    folder = RunFolder.opened(Path("run"))
    assert folder.state() == ("killed" if how == signal.SIGKILL else "stopped")
    at = load("run/checkpoint.safetensors").training
    assert 0 < at.epoch + at.position < 60 + at.position
    done = chainrule("resume", "run")
    assert "going on after epoch" in done.err
    assert folder.state() == "finished"
    settings = json.loads(Path("run/settings.json").read_text())
    assert settings["options"]["epochs"] == 60
    same(Path("run"), uninterrupted)


def test_a_training_that_is_killed_at_any_moment_leaves_files_that_can_be_read():
    with begun() as process:
        for _ in range(5):
            time.sleep(0.02)
            for name in ("settings.json", "split.json", "results.json", "history.json"):
                json.loads(Path("run", name).read_text())
            load("run/checkpoint.safetensors")
        process.kill()
    assert not [path.name for path in Path("run").iterdir() if path.name.startswith("model")]


def test_more_epochs_go_further():
    chainrule("train", "iris", "--epochs", 5, "--output", "run", "--no-early-stopping", "--dropout", 0)
    chainrule("train", "iris", "--epochs", 12, "--output", "whole", "--no-early-stopping", "--dropout", 0)
    result = chainrule("resume", "run", "--epochs", 12, "--json").json
    assert result["epochs"] == 12
    assert Path("run/model.safetensors").read_bytes() == Path("whole/model.safetensors").read_bytes()
    assert json.loads(Path("run/settings.json").read_text())["options"]["epochs"] == 12


def test_more_patience_goes_further_than_early_stopping():
    first = chainrule("train", "iris", "--epochs", 400, "--patience", 1, "--output", "run", "--seed", 2, "--json").json
    assert first["epochs"] < 400
    result = chainrule("resume", "run", "--patience", 20, "--json").json
    assert result["epochs"] > first["epochs"]


def test_a_time_limit_stops_and_resume_goes_on():
    line = ("--no-early-stopping", "--epochs", 300, "--output", "run", "--json")
    first = chainrule("train", "iris", "--time-limit", 0.05, *line).json
    assert first["state"] == "stopped"
    assert "by the time limit of 0.05 s" in first["stopped"]
    again = chainrule("resume", "run", "--time-limit", 0.05, "--json").json
    assert again["state"] == "stopped"
    assert again["epochs"] > first["epochs"]
    assert chainrule("resume", "run", "--json").json["epochs"] == 300


def test_a_finished_run_says_what_to_give():
    chainrule("train", "iris", "--epochs", 2, "--output", "run")
    assert "run is finished: to go further, give more --epochs than 2 or --patience." in refused("resume", "run")


def test_a_table_that_has_changed_is_refused_and_the_run_stays():
    frame = pl.DataFrame({"a": np.arange(200.0), "b": ["x", "y"] * 100})
    frame.write_csv("t.csv")
    chainrule("train", "t.csv", "--target", "b", "--epochs", 2, "--output", "run")
    model = Path("run/model.safetensors").read_bytes()
    frame[:150].write_csv("t.csv")
    assert "is not the table that run was begun with" in refused("resume", "run", "--epochs", 3)
    frame.with_columns(a=pl.col("a") ** 2).write_csv("t.csv")
    assert "is not what it was" in refused("resume", "run", "--epochs", 3)
    Path("t.csv").unlink()
    assert "There is no file" in refused("resume", "run", "--epochs", 3)
    assert Path("run/model.safetensors").read_bytes() == model
    assert RunFolder(Path("run")).state() == "finished"


def test_a_run_that_another_process_trains_is_left_alone():
    with begun("--no-early-stopping", epochs=100_000) as process:
        assert RunFolder(Path("run")).state() == "running"
        assert refused("resume", "run") == "run is being trained by another process: wait for it, or stop it."
        process.kill()
    assert RunFolder(Path("run")).state() == "killed"


def test_a_folder_is_held_by_one_at_a_time():
    folder = RunFolder.made([Path("run")])
    with folder.held():
        with pytest.raises(InvalidArgument, match="by another process"), folder.held():
            pass
        assert folder.state() == "running"
    with folder.held():
        pass


DAMAGES = {
    "nothing": (lambda run: shutil.rmtree(run), "There is no run folder or model file run."),
    "no settings": (lambda run: (run / "settings.json").unlink(), "is no run folder, or an incomplete one"),
    "settings cut": (lambda run: cut(run / "settings.json"), "settings.json is damaged or incomplete"),
    "other options": (lambda run: change(run, options=[]), "does not say its options by their names"),
    "no table": (lambda run: change(run, table="none"), "is neither a file nor an example set"),
    "newer": (lambda run: change(run, format_version=99), "format version 99, and this chainrule reads up to"),
    "checkpoint cut": (lambda run: cut(run / "checkpoint.safetensors"), "or is damaged or incomplete"),
    "no checkpoint": (lambda run: (run / "checkpoint.safetensors").unlink(), "run has no checkpoint.safetensors"),
    "no split": (lambda run: (run / "split.json").unlink(), "run has no split.json"),
}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def change(run: Path, **values) -> None:
    settings = json.loads((run / "settings.json").read_text())
    (run / "settings.json").write_text(json.dumps(settings | values))


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_run_is_one_sentence(damage, message):
    chainrule("train", "iris", "--epochs", 2, "--output", "run")
    damage(Path("run"))
    assert message in refused("resume", "run", "--epochs", 4)


def test_a_stopped_run_says_how_to_go_on_and_its_seconds_are_those_of_all_sessions():
    arguments = ("train", "digits", "--epochs", 200, "--no-early-stopping", "--time-limit", 0.4, "--output", "my run")
    stopped = chainrule(*arguments, "--json")
    assert stopped.json["state"] == "stopped"
    assert stopped.err.endswith("go on with: chainrule resume 'my run'\n")
    more = chainrule("resume", "my run", "--epochs", stopped.json["epochs"] + 1, "--json")
    assert more.json["state"] == "finished"
    assert "go on with" not in more.err
    assert more.json["seconds"] > stopped.json["seconds"] >= 0.4
