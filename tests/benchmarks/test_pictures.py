"""The pictures show every competitor, every workload and the floor."""

from __future__ import annotations

import json

import pytest

from benchmarks.competitors import NUMPY_ENGINE
from benchmarks.pictures import draw_scaling, draw_speed, time_said
from benchmarks.scaling import Curve, Point
from benchmarks.scaling import result_of as scaling_result
from benchmarks.workload import WORKLOADS
from tests.benchmarks.test_training import result as training_result


@pytest.fixture(autouse=True)
def _text_in_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.plots import style

    monkeypatch.setitem(style.SETTINGS, "svg.fonttype", "none")


def test_the_picture_of_the_speed_names_workloads_and_competitors(tmp_path) -> None:
    drawn = draw_speed(json.loads(json.dumps(training_result())), tmp_path / "speed.svg").read_text()
    for text in ("small", "6-5-3, batch 10", "floor 1.4 µs", NUMPY_ENGINE, "JAX", "4.5 µs", "11 µs"):
        assert f">{text}<" in drawn, text


def test_the_picture_of_the_scaling_has_a_panel_for_each_curve(tmp_path) -> None:
    points = tuple(Point(10**k, WORKLOADS["iris"]) for k in range(4))
    curves = [Curve(f"By {what}", what, "seconds", points) for what in ("rows", "epochs", "width", "depth")]
    result = scaling_result({curve: {NUMPY_ENGINE: [1.0, 2.0, 20.0, 200.0]} for curve in curves})
    drawn = draw_scaling(result, tmp_path / "scaling.svg").read_text()
    for text in ("By rows", "By depth", "proportional", "exponent over the larger half: NumPy 1.00"):
        assert f">{text}<" in drawn, text


@pytest.mark.parametrize(
    ("microseconds", "said"),
    [(0.264, "0.26 µs"), (31.7, "32 µs"), (838.2, "838 µs"), (1676, "1.7 ms"), (3e5, "300 ms")],
)
def test_times_have_two_or_three_digits_and_a_unit(microseconds: float, said: str) -> None:
    assert time_said(microseconds) == said
