"""The README's figures are those that were measured."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def result(question: str) -> dict:
    return json.loads((ROOT / "benchmarks" / "results" / f"{question}.json").read_text(encoding="utf-8"))


def test_the_table_of_speed_is_that_of_the_last_measurement():
    measured = result("training_step")
    for name, row in measured["competitors"].items():
        ratio = row["ratio to chainrule"]
        figures = f"{row['median']:.0f} us | {ratio['median']:.1f} ({ratio['lowest']:.1f} to {ratio['highest']:.1f})"
        assert f"| {name} | {figures} |" in README, (name, figures)
    assert f"on {measured['machine']['cores']} cores" in README
    imports = result("import_time")["statements"]
    assert f"`import chainrule` takes {imports['import chainrule']['ratio to numpy']['median']:.2f}" in README
    assert f"`Network` {imports['from chainrule import Network']['ratio to numpy']['median']:.1f}" in README
