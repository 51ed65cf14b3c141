"""How long the compiled engine takes to be ready."""

from __future__ import annotations

import pytest

from benchmarks import compile_time


def test_cold_and_warm_are_shown() -> None:
    result = compile_time.result_of(cold=12.0, warm=[0.4, 0.3, 0.6])
    assert [line.split()[-1] for line in compile_time.table(result).splitlines()] == ["s", "12.00", "0.60)"]
    assert result["warm"]["median"] == 0.4


def test_a_new_process_fits_with_the_compiled_engine(tmp_path, monkeypatch) -> None:
    pytest.importorskip("numba")
    folders: list[str] = []
    monkeypatch.setattr(compile_time, "_seconds", lambda folder: folders.append(folder) or 1.0)
    assert compile_time.measure(n_rounds=2)["warm"]["rounds"] == [1.0, 1.0]
    assert len(folders) == 3
    assert len(set(folders)) == 1
