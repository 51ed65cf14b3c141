"""scikit-learn's own tests of its multi-layer perceptrons pass with chainrule's in their place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_scikit_learns_own_tests_pass_but_four_that_touch_private_state(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", str(tmp_path / "pytest.ini"), "-p", "in_place_of_scikit_learns",
         "-p", "no:cacheprovider", "--pyargs", "sklearn.neural_network.tests.test_mlp"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "55 passed, 4 deselected" in done.stdout
