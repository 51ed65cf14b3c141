"""The page on performance has the figures that were measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import first_result, memory, prediction, scaling, targets, tricks
from benchmarks.competitors import COMPILED_ENGINE, NUMPY_ENGINE
from benchmarks.contest import Contest, Trial
from benchmarks.page import BLOCK, PAGE, TABLES, filled
from benchmarks.scaling import Curve, Point
from benchmarks.tricks import Trick
from benchmarks.variants import Variant
from benchmarks.workload import WORKLOADS, Setting
from tests.benchmarks.test_training import result as training_result

TRICK = Trick("Many steps a call", "a call for each", ("iris",), Variant(calls="steps"))


def results() -> dict[str, Any]:
    figures = {Setting(NUMPY_ENGINE, 0): [2e5, 4e5], Setting("ONNX Runtime", 1): [1e5, 1e5]}
    contest = Contest({setting: Trial(1, 1.0) for setting in figures}, figures)
    curve = Curve("By rows", "rows", "seconds", tuple(Point(10**k, WORKLOADS["iris"]) for k in range(4)))
    return {
        "training": training_result(),
        "prediction": prediction.result_of({("digits", 1): contest}),
        "first_result": first_result.result_of({NUMPY_ENGINE: [0.5, 0.5], "JAX": [1.0, 2.0]}),
        "memory": memory.result_of({WORKLOADS["iris"]: {NUMPY_ENGINE: [3_000_000], "JAX": [1_000_000]}}),
        "scaling": scaling.result_of({curve: {NUMPY_ENGINE: [1.0, 2.0, 20.0, 200.0]}}),
        "targets": targets.result_of({"training": training_result()}),
        "tricks": tricks.result_of({("iris", Variant()): [2.0], ("iris", Variant(calls="steps")): [4.0]}, [TRICK]),
    }


def test_the_tables_of_the_page_are_those_of_the_last_measurement() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for _, name, _ in BLOCK.findall(page)] == list(TABLES)
    assert filled(page) == page, "python -m benchmarks.page writes the tables anew"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("training", "| small | 1.4 µs | 4.5 µs (3.21) | 11 µs (8.13) |"),
        ("training", "| small | 2.50 (2.00 to 3.00) |"),
        ("prediction", "| 1 row through digits (64-15-10) | 300 ms |  |  |  |  | 0.38 (0.25 to 0.50) |"),
        ("first_result", "| JAX | 1.50 s | 3.00 (2.00 to 4.00) |"),
        ("memory", "| iris | 20.0 MB | 3.0 MB | 1.0 MB |"),
        ("scaling", "| By rows | 1.00 |"),
        ("targets", f"| {COMPILED_ENGINE}, iris: 8 times faster than JAX | >= 8.00 |  | not measured |"),
        ("tricks", "| Many steps a call | a call for each | compiled | iris 2.00 (2.00 to 2.00) |"),
    ],
)
def test_each_question_has_its_table(tmp_path: Path, name: str, line: str) -> None:
    (tmp_path / f"{name}.json").write_text(json.dumps(results()[name]))
    page = filled(f"before\n<!-- results: {name} -->\nold\n<!-- end -->\nafter\n", tmp_path)
    lines = page.splitlines()
    assert line in lines
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "old" not in lines


def test_what_was_not_measured_is_said(tmp_path: Path) -> None:
    page = filled("<!-- results: memory -->\n<!-- end -->\n", tmp_path)
    assert page.splitlines()[1] == "Not measured yet; `python -m benchmarks memory` does."
