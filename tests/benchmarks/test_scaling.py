"""How the growth of costs is measured."""

from __future__ import annotations

import pytest

from benchmarks import scaling
from benchmarks.competitors import NUMPY_ENGINE
from benchmarks.scaling import CURVES, Curve, Point, exponent
from benchmarks.workload import Workload


def test_the_exponent_is_the_slope_over_the_larger_half() -> None:
    sizes = [1, 10, 100, 1000]
    assert exponent(sizes, [9.0, 9.0, 1e2, 1e3]) == pytest.approx(1)
    assert exponent(sizes, [9.0, 9.0, 1e4, 1e6]) == pytest.approx(2)


def test_the_curves_have_the_sizes_that_are_claimed() -> None:
    rows, epochs, width, depth = (make() for make in CURVES)
    assert [point.workload.n_rows for point in rows.points] == [10**k for k in range(3, 8)]
    assert [point.epochs for point in epochs.points] == [point.size for point in epochs.points]
    assert [point.workload.dimensions[1] for point in width.points][:: len(width.points) - 1] == [8, 4096]
    assert [len(point.workload.dimensions) - 2 for point in depth.points][:: len(depth.points) - 1] == [1, 20]
    assert all(point.workload.parameters == point.size for point in width.points + depth.points)
    assert all(point.workload.steps_per_epoch == scaling.STEPS for point in width.points + depth.points)


def test_costs_are_of_a_fit_or_of_a_step() -> None:
    small = Workload("small", (4, 3, 2), 64, 8)
    a_fit = Curve("fit", "epochs", "seconds", tuple(Point(k, small, k) for k in (1, 40, 80)))
    a_step = Curve("step", "rows", "seconds", tuple(Point(k, small) for k in (1, 2, 3)))
    result = scaling.measure([lambda: a_fit, lambda: a_step], [NUMPY_ENGINE], n_rounds=1)
    fit, step = (curve["engines"][NUMPY_ENGINE]["costs"] for curve in result["curves"])
    assert fit[1] > 3 * fit[0] > 0
    assert 0 < step[0] < fit[0]
    assert len(scaling.table(result).splitlines()) == 3
