"""How targets are held against results."""

from __future__ import annotations

from typing import Any

from benchmarks import targets
from benchmarks.competitors import COMPILED_ENGINE, NUMPY_ENGINE
from benchmarks.targets import (
    FASTEST,
    TARGETS,
    CompileTarget,
    MemoryTarget,
    PredictionTarget,
    SgemmTarget,
    SpeedTarget,
    TogetherTarget,
)
from benchmarks.workload import WORKLOADS


def ratio(median: float) -> dict[str, float]:
    return {"median": median, "lowest": median - 1, "highest": median + 1}


ROW: dict[str, Any] = {
    "competitors": {
        NUMPY_ENGINE: {"median": 2.0, "share of sgemm": ratio(0.5)},
        "PyTorch": {"median": 12.0},
        "JAX": {"median": 1.0},
    },
    "ratios": {NUMPY_ENGINE: {"PyTorch": ratio(6.0), "JAX": ratio(0.5)}},
}
RESULTS = {
    "training": {"workloads": {"iris": ROW}},
    "prediction": {"calls": [{"network": "digits", "rows": 1, **ROW}]},
    "memory": {"workloads": {"iris": {"bound": 100, "competitors": {NUMPY_ENGINE: {"rounds": [90, 50, 110]}}}}},
    "many_networks": {"together": [{"engine": "numpy", "networks": 16, "fits": ratio(3.0)}]},
    "compile_time": {"cold": 20.0, "warm": {"rounds": [0.3, 0.4, 0.6]}},
}


def row(target: Any) -> dict[str, Any]:
    return targets.row_of(target, target.found(RESULTS))


def test_a_peer_is_named_or_the_one_with_the_lowest_median() -> None:
    named = row(SpeedTarget("iris", NUMPY_ENGINE, "PyTorch", 5, "5 times faster than"))
    fastest = row(SpeedTarget("iris", NUMPY_ENGINE, FASTEST, 0.6, "near"))
    assert (named["found"]["median"], named["beside"], named["met"]) == (6.0, "PyTorch", True)
    assert (fastest["found"]["median"], fastest["beside"], fastest["met"]) == (0.5, "JAX", False)


def test_rates_predictions_and_memory_have_targets_too() -> None:
    assert row(SgemmTarget("iris", NUMPY_ENGINE, 0.25))["met"] is True
    assert row(PredictionTarget("digits", 1, FASTEST, 1, "not slower than"))["met"] is False
    memory = row(MemoryTarget("iris", NUMPY_ENGINE))
    assert (memory["found"]["median"], memory["met"]) == (0.9, True)


def test_compiling_and_many_networks_have_limits() -> None:
    assert row(CompileTarget("cold", 15))["met"] is False
    assert row(CompileTarget("warm", 0.5))["found"] == {"median": 0.4, "lowest": 0.3, "highest": 0.6}
    assert row(TogetherTarget(16, NUMPY_ENGINE, 4))["met"] is True
    assert row(TogetherTarget(16, COMPILED_ENGINE, 4))["met"] is None


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    for target in TARGETS:
        assert targets.row_of(target, target.found({}))["met"] is None
    assert "not measured" in targets.table(targets.result_of({})).splitlines()[1]


def test_every_target_is_of_a_workload_that_there_is() -> None:
    assert {getattr(target, "workload", "iris") for target in TARGETS} <= WORKLOADS.keys()


def test_the_table_says_what_is_wanted_found_and_met() -> None:
    line = targets.table({"targets": [row(SpeedTarget("iris", NUMPY_ENGINE, "JAX", 5, "5 times faster than"))]})
    words = " ".join(line.splitlines()[1].split())
    assert words == "chainrule, NumPy, iris: 5 times faster than JAX >= 5.00 0.50 (-0.50 to 1.50), JAX no"
