"""How the times of predict are compared."""

from __future__ import annotations

from benchmarks import prediction
from benchmarks.competitors import NUMPY_ENGINE
from benchmarks.contest import Contest, Trial
from benchmarks.workload import Setting


def test_each_call_has_a_block_with_ratios_to_chainrule() -> None:
    figures = {Setting(NUMPY_ENGINE, 0): [2.0, 4.0], Setting("ONNX Runtime", 1): [1.0, 1.0]}
    pilot = {setting: Trial(1, 1.0) for setting in figures}
    result = prediction.result_of({("digits", 1): Contest(pilot, figures), ("digits", 9): Contest(pilot, figures)})
    assert [call["rows"] for call in result["calls"]] == [1, 9]
    lines = [" ".join(line.split()) for line in prediction.table(result).splitlines()]
    assert lines[2:5] == [
        "1 row through digits (64-15-10)",
        "chainrule, NumPy, its own threads 3.0",
        "ONNX Runtime, 1 thread 1.0 0.38 (0.25 to 0.50)",
    ]


def test_chainrules_predict_is_measured() -> None:
    result = prediction.measure([NUMPY_ENGINE], rows=(1,), n_rounds=1)
    assert [call["network"] for call in result["calls"]] == ["digits", "tabular"]
    assert all(call["competitors"][NUMPY_ENGINE]["median"] > 0 for call in result["calls"])
