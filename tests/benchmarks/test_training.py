"""How the figures of a training step are compared with each other and with their floor."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__, training
from benchmarks.competitors import NUMPY_ENGINE
from benchmarks.contest import Contest, Trial
from benchmarks.floors import COPY, SGEMM, MachineRates, floors, sgemm_shares
from benchmarks.record import write
from benchmarks.workload import WORKLOADS, Setting, Workload

SMALL = Workload("small", (6, 5, 3), 30, 10, optimizer="sgd")
RATES = {(SGEMM, 1): [1e9, 4e9], (SGEMM, 2): [2e9, 1e9], (COPY, 1): [1e9, 1e9]}
FIGURES = {Setting(NUMPY_ENGINE, 0): [5.0, 4.0], Setting("JAX", 2): [10.0, 12.0]}


def result() -> dict[str, Any]:
    return training.result_of({SMALL: Contest({s: Trial(3, 5.0) for s in FIGURES}, FIGURES, RATES)})


def leaves(data: Any) -> Iterator[Any]:
    if isinstance(data, dict | list):
        for member in data.values() if isinstance(data, dict) else data:
            yield from leaves(member)
    else:
        yield data


def test_operations_and_bytes_are_those_of_the_products_and_the_update() -> None:
    assert SMALL.parameters == 6 * 5 + 5 + 5 * 3 + 3
    assert SMALL.operations == 2 * 10 * (2 * 6 * 5 + 3 * 5 * 3)  # no dx of the first layer
    assert SMALL.update_bytes == 3 * 53 * 4
    digits = WORKLOADS["digits"]
    assert digits.operations * digits.steps_per_epoch == 2 * 1797 * (2 * 64 * 15 + 3 * 15 * 10)


def test_the_floor_is_at_the_faster_number_of_threads_of_each_round() -> None:
    assert floors(SMALL, RATES) == pytest.approx([2100 / 2e3 + 636 / 1e3, 2100 / 4e3 + 636 / 1e3])
    assert sgemm_shares(SMALL, RATES, [2.1, 2.1]) == pytest.approx([0.5, 0.25])


def test_the_rates_are_measured() -> None:
    rates = MachineRates(size=64, copied_floats=1 << 16)
    assert min(rates.operations_a_second(1), rates.operations_a_second(2), rates.bytes_a_second()) > 1e6


def test_figures_stand_beside_their_floor_and_the_peers() -> None:
    row = result()["workloads"]["small"]
    assert row["competitors"]["JAX"]["times the floor"]["lowest"] == pytest.approx(10 / (1.05 + 0.636))
    assert row["competitors"]["JAX"]["share of sgemm"]["highest"] == pytest.approx(2100 / 10 / 2e3)
    assert row["ratios"] == {NUMPY_ENGINE: {"JAX": {"median": 2.5, "lowest": 2.0, "highest": 3.0}}}


def test_the_table_has_a_line_for_each_competitor() -> None:
    lines = [" ".join(line.split()) for line in training.table(result()).splitlines()]
    assert lines[2] == "small: 6-5-3, 30 rows, batches of 10, SGD; floor 1.42 us"
    assert lines[3].startswith("chainrule, NumPy, its own threads 4.5")
    assert lines[4].startswith("JAX, 2 threads 11.0")
    assert lines[4].endswith("2.50 (2.00 to 3.00)")


def test_what_is_written_has_every_round_and_names_no_place(tmp_path: Path) -> None:
    written = json.loads(write("training", result(), tmp_path).read_text())
    assert [path.name for path in tmp_path.iterdir()] == ["training.json"]
    row = written["workloads"]["small"]
    assert [figures["rounds"] for figures in row["competitors"].values()] == list(FIGURES.values())
    assert row["rates"]["sgemm, 2 thread(s)"] == [2e9, 1e9]
    assert {"python", "BLAS of numpy", "numpy", "chainrule", "torch", "jax"} <= written["versions"].keys()
    assert written["machine"]["cores"] >= 1
    strings = [leaf for leaf in leaves(written) if isinstance(leaf, str)]
    assert not [text for text in strings if text == platform.node() or Path(text).is_absolute()]


def test_a_result_replaces_the_one_before(tmp_path: Path) -> None:
    write("training", {"rounds": list(range(1000))}, tmp_path)
    written = json.loads(write("training", {"rounds": [1]}, tmp_path).read_text())
    assert written.keys() == {"question", "date", "rounds"}
    assert written["rounds"] == [1]


def test_a_workload_is_measured() -> None:
    found = training.measure([SMALL], [NUMPY_ENGINE], n_rounds=2)["workloads"]["small"]
    assert len(found["competitors"][NUMPY_ENGINE]["rounds"]) == 2
    assert found["floor"]["median"] > 0


def test_every_question_has_a_module_with_a_measure_and_a_table() -> None:
    for name in __main__.QUESTIONS + __main__.NAMED_QUESTIONS:
        question = __main__.import_module(f"benchmarks.{name}")
        assert callable(question.measure)
        assert callable(question.table)


def test_an_unknown_question_gets_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["speed"]) == 2
    every = ", ".join(__main__.QUESTIONS + __main__.NAMED_QUESTIONS)
    assert capsys.readouterr().err == f"speed: no such question. There are {every}.\n"


def test_an_answer_is_printed_written_and_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(training, "measure", result)
    monkeypatch.setattr(__main__, "write", lambda name, found: write(name, found, tmp_path))
    monkeypatch.setattr("benchmarks.pictures.draw_speed", lambda found: tmp_path / "speed.svg")
    assert __main__.main(["training"]) == 0
    assert (tmp_path / "training.json").exists()
    printed = capsys.readouterr().out
    assert "small: 6-5-3" in printed
    assert "to benchmarks/results/training.json and docs/_static/speed.svg" in printed
