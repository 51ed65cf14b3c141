from __future__ import annotations

import pytest

from benchmarks import engine_paths
from benchmarks.engine_paths import PATHS, SHAPES, measure, result_of, table


def test_both_paths_do_the_steps_they_are_timed_for(monkeypatch):
    monkeypatch.setattr(engine_paths, "STEPS", dict.fromkeys(SHAPES, 3))
    jobs = {path: engine_paths._job("digits", path) for path in PATHS}
    for job in jobs.values():
        assert job() > 0
        assert job.args[2].step == 3
    assert set(measure(1)["shapes"]) == set(SHAPES)


def test_the_gain_is_the_general_path_over_the_fast_one_by_round():
    figures = {
        (shape, path): [20.0, 30.0, 40.0] if path == "general" else [10.0] * 3 for shape in SHAPES for path in PATHS
    }
    result = result_of(figures)
    assert result["shapes"]["digits"]["gain"] == {"median": 3, "lowest": 2, "highest": 4}
    assert result["shapes"]["digits"]["general"] == pytest.approx(30)
    assert table(result).splitlines()[2].split() == ["digits", "30.0", "10.0", "3.00", "(2.00", "to", "4.00)"]
