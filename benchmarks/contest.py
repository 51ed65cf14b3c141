"""A contest: several competitors do the same job, each in its best setting, in alternating rounds.

A pilot, which is not counted, warms every setting (libraries are loaded, programs compiled), finds each competitor's
fastest one, and how often the job has to be repeated to be long enough to be timed. The rounds then have only those.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any

from benchmarks.competitors import NUMPY_ENGINE, OURS, settings_of
from benchmarks.rounds import alternate, ratio
from benchmarks.worker import MissingCompetitor, Worker
from benchmarks.workload import Setting, Workload

__all__ = ["Contest", "Crew", "Trial", "result_of", "run_contest"]

LONG_ENOUGH = 0.25
"""Seconds of a job from which on it is timed well."""

HOPELESS = 4.0
"""A setting whose first run takes so many times its competitor's best, and `PATIENCE` more, is not tried again.

Where two threads wait for each other on a machine with other work, a run can take minutes.
"""

PATIENCE = 8.0
"""Seconds that loading a library may take; compiling may take longer, and what is compiled is always tried."""


@dataclass(frozen=True)
class Trial:
    """What the pilot found of a setting: how often to repeat the job, and microseconds of a unit."""

    times: int
    microseconds: float


@dataclass
class Contest:
    """The pilot of every setting, and by round what the best ones took (microseconds) and what else was measured."""

    pilot: dict[Setting, Trial]
    figures: dict[Setting, list[float]]
    others: dict[Any, list[float]] = field(default_factory=dict)


class Crew:
    """The workers, one for each setting, started when they are first needed; they live until the end."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment
        self._workers: dict[Setting, Worker] = {}
        self._missing: set[str] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def prepared(self, setting: Setting, kind: str, workload: Workload, *more: int) -> Worker | None:
        """The worker of a setting with its job made; None, after a sentence, where its library is missing."""
        if setting.competitor in self._missing:
            return None
        if setting not in self._workers:
            self._workers[setting] = self._stack.enter_context(Worker(setting, self._environment))
        try:
            self._workers[setting].prepare(kind, workload, *more)
        except MissingCompetitor as sentence:
            if setting.competitor == NUMPY_ENGINE:
                raise
            self._missing.add(setting.competitor)
            print(sentence, file=sys.stderr, flush=True)
            return None
        return self._workers[setting]


def run_contest(
    crew: Crew,
    job: tuple[str, Workload, *tuple[int, ...]],
    competitors: Iterable[str],
    n_rounds: int,
    others: Mapping[Hashable, Callable[[], float]] | None = None,
) -> Contest:
    """Pilot and rounds of a job (its kind, workload and what else it needs), with `others` measured in each round."""
    pilot: dict[Setting, Trial] = {}
    entrants: dict[Setting, Worker] = {}
    for name in competitors:
        workers: dict[Setting, Worker] = {}
        for setting in settings_of(name, *job[:2]):
            if worker := crew.prepared(setting, *job):
                to_beat = min((pilot[other].microseconds for other in workers), default=math.inf)
                workers[setting] = worker
                pilot[setting] = tried_out(worker, math.inf if setting.variant == "compiled" else to_beat)
        if workers:
            best = min(workers, key=lambda setting: pilot[setting].microseconds)
            entrants[best] = workers[best]
    measurements: dict[Any, Callable[[], float]] = {
        setting: partial(_microseconds, worker, pilot[setting].times) for setting, worker in entrants.items()
    }
    figures = alternate(measurements | dict(others or {}), n_rounds, warm=True)
    return Contest(pilot, {s: figures[s] for s in entrants}, {name: figures[name] for name in others or {}})


def tried_out(worker: Worker, best: float) -> Trial:
    """Warm a worker, and find how often it has to repeat its job; `best` is what it has to beat."""
    warm = worker.run(1)
    if warm.seconds > HOPELESS * best * warm.units / 1e6 + PATIENCE:
        return Trial(1, math.inf)
    times, done = 1, worker.run(1)
    while done.seconds < LONG_ENOUGH / 10:
        times *= 4
        done = worker.run(times)
    times = math.ceil(times * LONG_ENOUGH / done.seconds)
    again = worker.run(times) if done.seconds < 1 else done
    return Trial(times, min(done.microseconds, again.microseconds))


def _microseconds(worker: Worker, times: int) -> float:
    return worker.run(times).microseconds


def result_of(contest: Contest) -> dict[str, Any]:
    """What is written down of a contest: every competitor's figures, and how the peers stand to each of our engines."""
    figures = {setting.competitor: rounds for setting, rounds in contest.figures.items()}
    return {
        "pilot": [
            {**setting._asdict(), "microseconds": trial.microseconds if math.isfinite(trial.microseconds) else None}
            for setting, trial in contest.pilot.items()
        ],
        "competitors": {
            setting.competitor: {
                "threads": setting.threads,
                "variant": setting.variant,
                "times": contest.pilot[setting].times,
                "median": statistics.median(rounds),
                "rounds": list(rounds),
            }
            for setting, rounds in contest.figures.items()
        },
        "ratios": ratios(figures),
    }


def ratios(figures: Mapping[str, Sequence[float]]) -> dict[str, dict[str, Any]]:
    """For each of our engines, how many times as long each other competitor takes."""
    return {
        ours: {name: ratio(figures[name], figures[ours])._asdict() for name in figures if name != ours}
        for ours in OURS
        if ours in figures
    }
