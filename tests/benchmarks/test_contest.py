"""How a contest is held: the pilot, the workers, what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import contest
from benchmarks.competitors import COMPILED_ENGINE, NUMPY_ENGINE
from benchmarks.contest import Contest, Crew, Trial, result_of, run_contest, tried_out
from benchmarks.worker import Done, MissingCompetitor, Worker
from benchmarks.workload import Setting, Workload

SMALL = Workload("small", (6, 5, 3), 32, 15)
OURS, PEER_1, PEER_2 = Setting(NUMPY_ENGINE, 0), Setting("scikit-learn", 1), Setting("scikit-learn", 2)


class Steady:
    """A worker of which every run takes the same time a unit, the first one more."""

    def __init__(self, microseconds: float, warm_up: float = 0.0) -> None:
        self.microseconds, self.next, self.runs = microseconds, warm_up, []

    def run(self, times: int) -> Done:
        self.runs.append(times)
        seconds, self.next = self.next + 10 * times * self.microseconds / 1e6, 0.0
        return Done(10 * times, seconds)


def test_the_pilot_finds_how_often_a_job_is_to_be_done() -> None:
    assert tried_out(Steady(1000.0, warm_up=5.0), float("inf")) == Trial(25, pytest.approx(1000.0))
    assert tried_out(Steady(100_000.0), float("inf")).times == 1


def test_a_setting_without_hope_is_run_once() -> None:
    slow = Steady(2e6)
    assert tried_out(slow, 1000.0).microseconds == float("inf")
    assert slow.runs == [1]


def test_only_the_best_setting_of_each_competitor_is_in_the_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    speeds = {OURS: 1000.0, PEER_1: 5000.0, PEER_2: 3000.0}
    workers = {setting: Steady(speed) for setting, speed in speeds.items()}
    crew: Any = type("Crew", (), {"prepared": lambda self, setting, *job: workers.get(setting)})()
    found = run_contest(crew, ("training", SMALL), [NUMPY_ENGINE, "scikit-learn", "JAX"], 3, {"other": lambda: 7.0})
    assert found.pilot.keys() == speeds.keys()
    assert found.figures == {OURS: pytest.approx([1000.0] * 3), PEER_2: pytest.approx([3000.0] * 3)}
    assert found.others == {"other": [7.0] * 3}
    assert result_of(found)["ratios"] == {
        NUMPY_ENGINE: {"scikit-learn": pytest.approx({"median": 3.0, "lowest": 3.0, "highest": 3.0})}
    }


def test_workers_measure_one_job_after_the_other() -> None:
    with Crew() as crew:
        found = run_contest(crew, ("training", SMALL), [NUMPY_ENGINE], 1)
        again = run_contest(crew, ("prediction", SMALL, 5), [NUMPY_ENGINE], 1)
        assert len(crew._workers) == 1
    for each in (found, again):
        assert each.figures[OURS][0] > 0
        assert each.pilot[OURS].times > 1


def test_a_missing_peer_is_left_out_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sklearn.py").write_text("raise ImportError('No module named sklearn')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Crew() as crew:
        assert crew.prepared(PEER_1, "training", SMALL) is None
        assert crew.prepared(PEER_2, "training", SMALL) is None
    assert capsys.readouterr().err == "scikit-learn is left out: No module named sklearn.\n"


def test_without_chainrule_there_is_nothing_to_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chainrule.py").write_text("raise ImportError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Crew() as crew, pytest.raises(MissingCompetitor, match="chainrule, NumPy is left out: broken"):
        crew.prepared(OURS, "training", SMALL)


def test_a_worker_that_dies_is_named() -> None:
    with Worker(OURS) as worker, pytest.raises(RuntimeError, match="chainrule, NumPy, its own threads ended"):
        worker.run(1)  # no job was prepared


def test_both_engines_have_their_ratios() -> None:
    figures = {OURS: [2.0], Setting(COMPILED_ENGINE, 0): [1.0], PEER_2: [6.0]}
    found = result_of(Contest({setting: Trial(1, 1.0) for setting in figures}, figures))
    assert found["ratios"][NUMPY_ENGINE]["scikit-learn"]["median"] == 3.0
    assert found["ratios"][COMPILED_ENGINE]["scikit-learn"]["median"] == 6.0
    assert found["ratios"][COMPILED_ENGINE][NUMPY_ENGINE]["median"] == 2.0
    assert contest.LONG_ENOUGH >= 0.2
