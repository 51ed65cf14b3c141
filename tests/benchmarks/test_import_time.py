"""How the imports are timed and compared."""

from __future__ import annotations

import pytest

from benchmarks import import_time


def test_each_import_is_compared_with_numpys_own() -> None:
    figures = {"import chainrule": [2.0, 1.0, 3.0], "import numpy": [10.0, 20.0, 10.0]}
    result = import_time.result_of(figures)
    row = result["statements"]["import chainrule"]
    assert row["median"] == 2.0
    assert row["ratio to numpy"] == pytest.approx({"median": 0.2, "lowest": 0.05, "highest": 0.3})
    assert row["rounds"] == [2.0, 1.0, 3.0]
    line = import_time.table(result).splitlines()[1]
    assert " ".join(line.split()) == "import chainrule 2.0 0.20 (0.05 to 0.30)"


def test_imports_are_measured_in_new_processes() -> None:
    result = import_time.measure(n_rounds=1)
    assert list(result["statements"]) == list(import_time.STATEMENTS)
    assert all(row["median"] > 0 for row in result["statements"].values())
