"""A fit takes no second copy of the rows, and no more than its bound."""

from __future__ import annotations

import sys

import pytest

from benchmarks.competitors import COMPILED_ENGINE, NUMPY_ENGINE
from benchmarks.memory import bound
from benchmarks.worker import RETURNING_MEMORY, MissingCompetitor, Worker
from benchmarks.workload import Setting, Workload

LONG = Workload("long", (50, 16, 2), 600_000, 2000)  # x is 120 MB
LONG_VALUES = Workload("long, values", (4, 16, 4), 1_000_000, 10_000, activation="tanh", target="values")
WIDE = Workload("wide", (784, 2048, 2048, 10), 1536, 512)
TALL = Workload("tall", (4, 32, 16, 4), 100_000, 100_000, activation="tanh", target="values")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of a process is read from Linux")
@pytest.mark.parametrize("engine", [NUMPY_ENGINE, COMPILED_ENGINE])
@pytest.mark.parametrize("workload", [LONG, LONG_VALUES, WIDE, TALL], ids=lambda workload: workload.name)
def test_the_peak_of_a_fit_is_within_its_bound(workload: Workload, engine: str) -> None:
    with Worker(Setting(engine, 0), RETURNING_MEMORY) as worker:
        try:
            worker.prepare("training", workload)
        except MissingCompetitor as sentence:
            pytest.skip(str(sentence))
        worker.run(1)
        assert worker.peak_growth() <= bound(workload)
