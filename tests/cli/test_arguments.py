"""What a newcomer types: what ends a training, how options are written, and what is said of a slip."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path


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
