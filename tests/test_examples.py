"""The examples run, and say what they should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))
EXPECTED = {
    "digits": ["dropout_1", "held-out accuracy 0.9"],
    "multi_label": ["binary accuracy 0.9", "all seven right 0.9", "upper left"],
    "quantile": ["of the held-out rows lie between the quantiles 0.1 and 0.9", "% lie below the median"],
    "regression": ["always the mean    mean absolute error  6", "this network       mean absolute error  4"],
    "resume": [
        "killed in epoch 3 (exit status -9); the checkpoint stands at epoch 2",
        "the same parameters, bit for bit: True",
        "the same history: True",
    ],
    "three_deltas": ["MSE                 99.8%", "DerivativeAtZ       69.0%", "CrossEntropyDelta  100.0%"],
    "xor": ["classes [0 1 1 0]", "dw[1] = a[1].T @ delta[2]:"],
}


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_as_it_stands(script):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stderr == ""
    for text in EXPECTED[script.stem]:
        assert text in done.stdout
