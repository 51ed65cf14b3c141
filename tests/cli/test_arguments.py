"""What a newcomer types: what ends a training, how options are written, and what is said of a slip."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.cli import known_names
from chainrule.cli.network_for_table import SCHEDULES_BY_NAME
from chainrule.data.table_files.reading import MISSING
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.losses import LOSSES
from chainrule.optimizers import OPTIMIZERS
from tests.cli.command_line import chainrule, refused


def test_sigterm_ends_a_training_as_ctrl_c_does_with_everything_saved():
    line = [sys.executable, "-m", "chainrule", "train", "digits", "--epochs", "5000", "--no-early-stopping"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not process.stderr.readline().startswith("epoch 1/"):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "accuracy" in out
    results = json.loads(Path("runs/digits-1/results.json").read_text())
    assert results["state"] == "stopped"
    assert results["stopped"].startswith("Stopped by SIGTERM in epoch ")
    assert {"model.safetensors", "checkpoint.safetensors", "predictions.csv"} <= {
        file.name for file in Path("runs/digits-1").iterdir()
    }


def test_missing_takes_a_lone_hyphen_and_adds_to_the_entries_that_always_are():
    rows = "".join(f"{i},{'yes' if i % 2 else 'no'}\n" for i in range(40))
    Path("gaps.csv").write_text(f"a,b\n-,yes\nNA,no\nnone,yes\n{rows}")
    chainrule("train", "gaps.csv", "--target", "b", "--missing", "-,none", "--epochs", 1, "--output", "one")
    settings = json.loads(Path("one/settings.json").read_text())["options"]["missing"]
    assert {"NA", "-", "none"} <= set(settings)
    assert len(set(settings)) == len(settings)
    chainrule("train", "gaps.csv", "--target", "b", "--missing", "-", "--missing", "none", "--epochs", 1)
    chainrule("train", "--config", "one/settings.json", "--output", "two")
    assert json.loads(Path("two/settings.json").read_text())["options"]["missing"] == settings


def test_missing_without_an_entry_takes_no_option_for_one():
    assert "--missing takes entries" in refused("train", "gaps.csv", "--missing", "--target", "b")


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("train iris --hidden 64 32", "write --hidden 64,32."),
        ("train --hidden 64 32 iris", "write --hidden 64,32."),
        ("train iris --drop a b c --epochs 3", "write --drop a,b,c."),
        ("train churn.csv churn", "give the target with --target churn."),
        ("predict run a.csv b.csv", "'b.csv' is one argument too many: `chainrule predict` takes"),
    ],
)
def test_arguments_without_a_place_are_told_how_to_be_written(line, advice):
    sentence = refused(*line.split())
    assert advice in sentence
    assert "Unused" not in sentence


@pytest.mark.parametrize("command", ["predict", "evaluate", "inspect", "plot", "resume"])
def test_a_table_in_the_place_of_a_run_is_told_apart(command):
    Path("churn.csv").write_text("a,b\n1,2\n")
    sentence = refused(command, "churn.csv")
    assert sentence == (
        "churn.csv is a table: give the run or the model first, as in `chainrule predict RUN churn.csv`."
    )


@pytest.mark.parametrize("command", ["predict", "evaluate", "inspect", "plot", "resume"])
def test_a_run_without_its_folder_is_looked_for_in_runs(command):
    Path("runs/churn-1").mkdir(parents=True)
    assert refused(command, "churn-1").endswith("; did you mean runs/churn-1?")


@pytest.mark.parametrize(
    ("option", "value", "near"),
    [
        ("--optimizer", "adamm", "did you mean 'adam'"),
        ("--activation", "rel", "did you mean 'relu'"),
        ("--loss", "crossentropy", "did you mean 'cross_entropy'"),
        ("--schedule", "cosin", "did you mean 'cosine'"),
        ("--optimizer", "clip", "choose from adagrad, adam"),
    ],
)
def test_a_wrong_name_is_refused_before_the_table_is_read(option, value, near):
    sentence = refused("train", "not-there.csv", option, value)
    assert sentence.startswith(f"{value!r} is not a name that {option} takes; ")
    assert near in sentence


def test_the_names_that_options_take_are_those_of_the_catalogues():
    assert ACTIVATIONS.names == known_names.ACTIVATION_NAMES
    assert LOSSES.names == known_names.LOSS_NAMES
    assert tuple(SCHEDULES_BY_NAME) == known_names.SCHEDULE_NAMES
    wrappers = {"clip", "moving_average"}  # which need an optimizer
    assert tuple(name for name in OPTIMIZERS.names if name not in wrappers) == known_names.OPTIMIZER_NAMES
    assert ("", *known_names.MISSING_ENTRIES) == MISSING
    text = " ".join(chainrule("train", "--help").out.replace("│", " ").split())
    for names in (known_names.OPTIMIZER_NAMES, known_names.LOSS_NAMES, known_names.SCHEDULE_NAMES):
        assert f"[choices: {', '.join(names)}]" in text


def test_the_help_of_a_training_imports_no_numbers():
    program = "import sys; sys.argv = ['chainrule', 'train', '--help']\nfrom chainrule.cli import main\n"
    check = "heavy = {'numpy', 'polars', 'sklearn'} & set(sys.modules); assert not heavy, heavy"
    line = [sys.executable, "-c", f"{program}try: main()\nexcept SystemExit: {check}"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_short_names_of_options():
    chainrule("train", "iris", "-t", "target", "--lr", "0.01", "--epochs", 1, "-o", "short")
    assert json.loads(Path("short/settings.json").read_text())["options"]["learning_rate"] == 0.01
    chainrule("predict", "short", "iris", "-o", "iris.csv")
    assert Path("iris.csv").exists()
    assert chainrule("evaluate", "short", "iris", "-t", "target", "--json").json["target"] == "target"
