"""The examples run, and say what they should."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))
EXPECTED = {
    "digits": ["dropout_1", "held-out accuracy 0.9"],
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
