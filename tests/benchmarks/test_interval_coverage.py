"""How the coverage of intervals is measured."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import interval_coverage
from benchmarks.interval_coverage import CALIBRATED, LEARNED
from benchmarks.real_tables import TABLES, RealTable


def test_the_share_held_and_the_width_are_counted_on_every_fold(tmp_path) -> None:
    real = TABLES["diabetes"](tmp_path)
    few = RealTable(real.x[:60], real.y[:60], real.task)
    figures = interval_coverage.measure_table(few)
    for kind in (CALIBRATED, LEARNED):
        for coverage in ("0.8", "0.9"):
            of = figures[kind][coverage]
            assert len(of["held"]) == len(of["width"]) == 20
            assert all(0 <= share <= 1 for share in of["held"])
            assert all(width > 0 for width in of["width"])
    assert np.mean(figures[CALIBRATED]["0.9"]["width"]) >= np.mean(figures[CALIBRATED]["0.8"]["width"])


def test_the_means_over_the_folds_are_shown() -> None:
    of = {"0.9": {"held": [0.8, 1.0], "width": [1.0, 2.0]}}
    result = interval_coverage.result_of({"some": {CALIBRATED: of, LEARNED: of}})
    row = result["tables"]["some"][CALIBRATED]["0.9"]
    assert (row["mean held"], row["mean width"]) == pytest.approx((0.9, 1.5))
    line = interval_coverage.table(result).splitlines()[1]
    assert " ".join(line.split()) == "some 0.90 0.900 1.50 0.900 1.50"
