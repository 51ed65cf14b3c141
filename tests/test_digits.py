"""The main job on real digits: what `chainrule train digits` promises, over ten seeds."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np


def test_the_defaults_reach_97_percent_held_out_and_99_5_percent_in_training_on_average():
    results = []
    for seed in range(1, 11):
        line = [sys.executable, "-m", "chainrule", "train", "digits", "--seed", str(seed), "--json"]
        done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=120)
        results.append(json.loads(done.stdout))
    assert np.mean([result["held_out_accuracy"] for result in results]) >= 0.97
    assert np.mean([result["training_accuracy"] for result in results]) >= 0.995
