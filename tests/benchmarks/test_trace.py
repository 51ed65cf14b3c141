from __future__ import annotations

import pytest

from benchmarks import trace as question
from benchmarks.trace import SHAPES, measure, result_of, table


def test_every_shape_is_measured(monkeypatch):
    monkeypatch.setattr(question, "REPEATS", dict.fromkeys(SHAPES, 1))
    shapes = measure(1)["shapes"]
    assert set(shapes) == set(SHAPES)
    assert all(row[what] > 0 for row in shapes.values() for what in ("step", "trace", "arrays"))


def test_the_share_is_of_three_steps_and_100_microseconds_by_round():
    times = {"step": [100.0, 200.0, 300.0], "trace": [200.0, 350.0, 500.0], "arrays": [400.0] * 3}
    result = result_of({(shape, what): figures for shape in SHAPES for what, figures in times.items()})
    assert result["shapes"]["iris"]["share_of_bound"] == pytest.approx({"median": 0.5, "lowest": 0.5, "highest": 0.5})
    assert table(result).splitlines()[1].split()[:4] == ["iris", "200.0", "350.0", "400.0"]
