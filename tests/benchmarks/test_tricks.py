"""What is taken away from an engine is there, and what it saved is counted by round."""

from __future__ import annotations

import pytest

from benchmarks import variants
from benchmarks.tricks import TRICKS, Trick, measure, result_of, table
from benchmarks.variants import CHANGED_CODE, CHANGES, EPOCHS, ROWS, Variant
from benchmarks.workload import WORKLOADS


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_is_there(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    put = []

    def remembered(owner: object, attribute: str, value: object) -> None:
        put.append(attribute)
        monkeypatch.setattr(owner, attribute, value)  # fails where there is none, and is undone at the end

    monkeypatch.setattr(variants, "put", remembered)
    CHANGES[name]()
    assert put


def test_every_change_belongs_to_a_trick_and_every_workload_is_known() -> None:
    assert {trick.without.change for trick in TRICKS} - {""} == set(CHANGES)
    assert set(CHANGES) >= CHANGED_CODE
    assert {name for trick in TRICKS for name in trick.workloads} <= set(EPOCHS) <= set(WORKLOADS)
    assert set(ROWS) <= set(EPOCHS)
    assert all(trick.without != trick.as_it_is for trick in TRICKS)


@pytest.mark.parametrize("variant", [Variant("numpy"), Variant("numpy", calls="steps"), Variant("numpy", calls="fit")])
def test_a_variant_does_the_steps_it_is_timed_for(monkeypatch: pytest.MonkeyPatch, variant: Variant) -> None:
    monkeypatch.setitem(EPOCHS, "iris", 2)
    assert variants.steps_of("iris", variant)() > 0


def test_a_trick_is_measured_in_two_processes() -> None:
    trick = Trick("fast path", "general", ("iris",), Variant("numpy", change="general path"), Variant("numpy"))
    (row,) = measure(1, [trick])["tricks"]
    assert (row["engine"], row["trick"], row["workload"]) == ("numpy", "fast path", "iris")
    assert row["without"] > 0


def test_what_a_trick_saves_is_the_median_of_the_rounds() -> None:
    trick = Trick("tiles", "BLAS", ("digits",), Variant(change="products by BLAS"))
    figures = {("digits", trick.as_it_is): [10.0] * 3, ("digits", trick.without): [20.0, 30.0, 40.0]}
    result = result_of(figures, [trick])
    (row,) = result["tricks"]
    assert row["ratio"] == {"median": 3, "lowest": 2, "highest": 4}
    assert (row["as it is"], row["without"]) == (10, 30)
    assert table(result).splitlines()[1].split()[-5:] == ["30.0", "3.00", "(2.00", "to", "4.00)"]
