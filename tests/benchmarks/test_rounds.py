"""The order of the rounds, and the ratios."""

from __future__ import annotations

import pytest

from benchmarks.rounds import alternate, fastest, ratio


def test_ratios_are_taken_within_rounds() -> None:
    found = ratio([10.0, 90.0, 30.0, 44.0], [5.0, 30.0, 15.0, 20.0])
    assert found == pytest.approx((2.1, 2.0, 3.0))  # the ratio of the medians would be 37 / 17.5
    assert str(found) == "2.10 (2.00 to 3.00)"


def test_a_ratio_needs_as_many_rounds_on_both_sides() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])


def test_rounds_alternate_and_the_first_is_not_counted() -> None:
    calls: list[str] = []

    def called(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    figures = alternate({"a": lambda: called("a"), "b": lambda: called("b")}, 3)
    assert calls == ["a", "b", "a", "b", "b", "a", "a", "b"]
    assert figures == {"a": [3.0, 6.0, 7.0], "b": [4.0, 5.0, 8.0]}


def test_the_fastest_has_the_lowest_median() -> None:
    figures = {"one lucky round": [1.0, 9.0, 9.0], "steady": [5.0, 5.0, 5.0], "another's": [0.0, 0.0, 0.0]}
    assert fastest(figures, ["one lucky round", "steady"]) == "steady"
