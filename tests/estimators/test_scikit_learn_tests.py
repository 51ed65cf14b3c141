"""scikit-learn's own tests of its multi-layer perceptrons pass with chainrule's in their place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOUCH_PRIVATE_STATE = {"test_fit", "test_gradient", "test_learning_rate_warmstart", "test_adaptive_learning_rate"}
"""They set or read attributes with an underscore in front, which only scikit-learn's own classes have."""


def test_scikit_learns_own_tests_pass_but_four_that_touch_private_state(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", str(tmp_path / "pytest.ini"), "-p", "in_place_of_scikit_learns",
         "-p", "no:cacheprovider", "--pyargs", "sklearn.neural_network.tests.test_mlp"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "LEFT_OUT": " ".join(TOUCH_PRIVATE_STATE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Left out: ")]
    assert set(line.removeprefix("Left out: ").split()) == TOUCH_PRIVATE_STATE  # each is there, and nothing else is out
