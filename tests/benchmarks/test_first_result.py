"""How the first result of a new process is timed."""

from __future__ import annotations

import pytest

from benchmarks import first_result
from benchmarks.competitors import NUMPY_ENGINE


def test_new_processes_fit_and_predict() -> None:
    result = first_result.measure([NUMPY_ENGINE], n_rounds=1)
    assert result["competitors"][NUMPY_ENGINE]["median"] > 0


def test_what_cannot_be_imported_is_left_out_and_what_breaks_is_shown(monkeypatch, tmp_path, capsys) -> None:
    (tmp_path / "sklearn.py").write_text("raise ImportError('no scikit-learn here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "scikit-learn" not in first_result.measure([NUMPY_ENGINE, "scikit-learn"], n_rounds=1)["competitors"]
    assert capsys.readouterr().err == "scikit-learn is left out: ImportError: no scikit-learn here\n"
    (tmp_path / "sklearn.py").write_text("1 / 0")
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        first_result.measure(["scikit-learn"], n_rounds=1)


def test_ratios_are_to_the_numpy_engine() -> None:
    result = first_result.result_of({NUMPY_ENGINE: [0.5, 0.5], "JAX": [1.0, 2.0]})
    line = first_result.table(result).splitlines()[2]
    assert " ".join(line.split()) == "JAX 1.50 3.00 (2.00 to 4.00)"
