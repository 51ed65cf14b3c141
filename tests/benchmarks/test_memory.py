"""How the memory of a fit is measured."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks import memory
from benchmarks.competitors import NUMPY_ENGINE
from benchmarks.worker import peak_growth
from benchmarks.workload import Workload

SMALL = Workload("small", (6, 5, 3), 1000, 10)

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from Linux")


def test_the_bound_is_an_order_parameters_a_batch_and_20_megabytes() -> None:
    assert memory.bound(SMALL) == 8 * 1000 + 8 * 4 * 53 + 4 * 10 * (6 + 5 + 3) + 20_000_000


@on_linux
def test_the_peak_is_of_the_job_alone() -> None:
    def job(times: int) -> int:
        np.ones(8_000_000).sum()
        return times

    np.ones(30_000_000).sum()  # a higher peak before
    assert 60e6 < peak_growth(job) < 70e6


@on_linux
def test_a_fit_is_measured_and_shown_beside_its_bound() -> None:
    result = memory.measure([SMALL], [NUMPY_ENGINE], n_rounds=2)
    assert len(result["workloads"]["small"]["competitors"][NUMPY_ENGINE]["rounds"]) == 2
    found = memory.table(memory.result_of({SMALL: {NUMPY_ENGINE: [3_000_000, 1_000_000, 2_000_000]}}))
    assert found.splitlines()[1].split() == ["small", "20.0", "2.0"]
