"""How the figures of a training step are taken, compared and written down."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__, training_step
from benchmarks.record import write
from benchmarks.worker import MissingCompetitor, Worker
from benchmarks.workload import Setting, Workload

SMALL = Workload(n_rows=32, batch_size=15, epochs=2)
OURS, OURS_2, PEER = Setting("chainrule", 1), Setting("chainrule", 2), Setting("scikit-learn", 1, "unchecked")
FIGURES = {OURS: [5.0, 4.0, 8.0], OURS_2: [9.0, 9.0, 1.0], PEER: [10.0, 16.0, 16.0]}


def leaves(data: Any) -> Iterator[Any]:
    if isinstance(data, dict | list):
        for member in data.values() if isinstance(data, dict) else data:
            yield from leaves(member)
    else:
        yield data


def test_the_fastest_setting_of_each_competitor_counts() -> None:
    result = training_step.result_of(SMALL, FIGURES)
    assert list(result["fastest"]) == ["chainrule", "scikit-learn"]
    assert result["fastest"]["chainrule"]["threads"] == 1
    peer = result["fastest"]["scikit-learn"]
    assert peer["variant"] == "unchecked"
    assert peer["median"] == 16.0
    assert peer["ratio to chainrule"] == {"median": 2.0, "lowest": 2.0, "highest": 4.0}


def test_the_table_has_a_line_for_each_competitor() -> None:
    lines = training_step.table(training_step.result_of(SMALL, FIGURES)).splitlines()
    assert len(lines) == 3
    assert " ".join(lines[1].split()) == "chainrule, 1 thread 5.0 1.00 (1.00 to 1.00)"
    assert " ".join(lines[2].split()) == "scikit-learn, 1 thread, unchecked 16.0 2.00 (2.00 to 4.00)"


def test_what_is_written_has_every_round_and_names_no_place(tmp_path: Path) -> None:
    written = json.loads(write("training_step", training_step.result_of(SMALL, FIGURES), tmp_path).read_text())
    assert [path.name for path in tmp_path.iterdir()] == ["training_step.json"]
    assert [row["rounds"] for row in written["settings"]] == list(FIGURES.values())
    assert [row["median"] for row in written["settings"]] == [5.0, 9.0, 16.0]
    assert written["workload"]["steps"] == 6
    assert written["versions"].keys() == {"python", "BLAS of numpy", "numpy", "chainrule", "scikit-learn", "torch"}
    assert written["machine"]["cores"] >= 1
    strings = [leaf for leaf in leaves(written) if isinstance(leaf, str)]
    assert not [text for text in strings if text == platform.node() or Path(text).is_absolute()]


def test_a_result_replaces_the_one_before(tmp_path: Path) -> None:
    write("training_step", {"rounds": list(range(1000))}, tmp_path)
    written = json.loads(write("training_step", {"rounds": [1]}, tmp_path).read_text())
    assert written.keys() == {"question", "date", "rounds"}
    assert written["rounds"] == [1]


def test_workers_measure_in_rounds() -> None:
    result = training_step.measure(SMALL, [OURS, PEER], n_rounds=2)
    assert all(len(row["rounds"]) == 2 and min(row["rounds"]) > 0 for row in result["settings"])
    assert result["fastest"].keys() == {"chainrule", "scikit-learn"}


def test_a_missing_peer_is_left_out_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sklearn.py").write_text("raise ImportError('No module named sklearn')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = training_step.measure(SMALL, [OURS, PEER, PEER._replace(threads=2)], n_rounds=1)
    assert list(result["fastest"]) == ["chainrule"]
    sentence = "scikit-learn is left out, because it cannot be imported: No module named sklearn.\n"
    assert capsys.readouterr().err == sentence


def test_without_chainrule_there_is_nothing_to_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chainrule.py").write_text("raise ImportError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(MissingCompetitor, match="chainrule is left out"):
        training_step.measure(SMALL, [OURS], n_rounds=1)


def test_a_worker_that_does_other_steps_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with Worker(OURS, SMALL) as worker:
        monkeypatch.setattr(worker, "workload", Workload(n_rows=32, epochs=5))
        with pytest.raises(RuntimeError, match="chainrule, 1 thread did 6 steps, not 15"):
            worker.microseconds_a_step()


def test_an_unknown_question_gets_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["speed"]) == 2
    assert (
        capsys.readouterr().err
        == f"speed: no such question. There are {', '.join(__main__.QUESTIONS | __main__.NAMED_QUESTIONS)}.\n"
    )
