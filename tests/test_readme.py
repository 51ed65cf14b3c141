"""The README's figures are those that were measured."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def result(question: str) -> dict:
    return json.loads((ROOT / "benchmarks" / "results" / f"{question}.json").read_text(encoding="utf-8"))


def ratio(row: dict) -> str:
    return f"{row['median']:.1f} ({row['lowest']:.1f} to {row['highest']:.1f})"


def test_the_table_of_speed_is_that_of_the_last_measurement():
    measured = result("training_step")
    assert f"on {measured['machine']['cores']} cores" in README
    for name, row in measured["fastest"].items():
        if name != "chainrule":
            assert f"| {name} | {row['median']:.0f} us | {ratio(row['ratio to chainrule'])} |" in README, name
    imports = result("import_time")["statements"]
    for statement in ("import chainrule", "from chainrule import Network"):
        assert f"`{statement}` {imports[statement]['ratio to numpy']['median']:.2f} times" in README
