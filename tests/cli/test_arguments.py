"""What a newcomer types: what ends a training, how options are written, and what is said of a slip."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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
