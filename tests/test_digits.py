"""The main job on real digits: what `chainrule train digits` promises, over ten seeds."""

from __future__ import annotations

import numpy as np

from tests.cli.command_line import chainrule


def test_the_defaults_reach_97_5_percent_held_out_and_99_5_percent_in_training_on_average():
    results = [chainrule("train", "digits", "--seed", seed, "--json").json for seed in range(1, 11)]
    assert np.mean([result["held_out"]["accuracy"] for result in results]) >= 0.975
    assert np.mean([result["training"]["accuracy"] for result in results]) >= 0.995
