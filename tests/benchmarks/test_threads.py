from __future__ import annotations

import itertools
import json

import pytest

from benchmarks import threads
from benchmarks.record import RESULTS
from benchmarks.threads import SHAPES, measure, result_of, table
from chainrule.engines.threads import WORTHWHILE_OPERATIONS


def test_every_shape_is_timed_with_one_thread_and_with_all(monkeypatch):
    small = {"digits": SHAPES["digits"], "mnist": ((784, 128, 10), 64, 2)}
    monkeypatch.setattr(threads, "SHAPES", small)
    result = measure(1)
    assert set(result["shapes"]) == set(small)
    assert result["shapes"]["mnist"]["largest_product"] == 2 * 64 * 784 * 128
    assert min(result["load"]) >= 0


def test_a_shape_is_worth_threads_that_gains_enough():
    figures = {(shape, "one"): [30.0, 32.0, 34.0] for shape in SHAPES}
    figures |= {(shape, "all"): [30.0 if shape == "digits" else 20.0] * 3 for shape in SHAPES}
    result = result_of(figures)
    assert not result["shapes"]["digits"]["worth_threads"]
    assert result["shapes"]["wide"]["worth_threads"]
    assert result["shapes"]["wide"]["gain"] == {"median": 1.6, "lowest": 1.5, "highest": 1.7}
    assert table(result).splitlines()[-1].split()[:3] == ["wide", "8.6e+09", "32.0"]


def test_the_rule_is_what_the_record_says():
    rows = json.loads((RESULTS / "threads.json").read_text(encoding="utf-8"))["shapes"].values()
    for row in rows:
        assert row["worth_threads"] == (row["largest_product"] >= WORTHWHILE_OPERATIONS)
    assert max(r["largest_product"] for r in rows) > WORTHWHILE_OPERATIONS > min(r["largest_product"] for r in rows)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_round_is_short(shape):
    dimensions, batch_size, steps = SHAPES[shape]
    operations = 6 * batch_size * steps * sum(a * b for a, b in itertools.pairwise(dimensions))
    assert operations < 5e10
