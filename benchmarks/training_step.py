"""How long does a training step take, beside the peers?

A competitor runs in several settings, and the fastest one counts, ours as theirs: see `SETTINGS`.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from benchmarks.record import machine, versions
from benchmarks.rounds import Ratio, alternate, fastest, ratio
from benchmarks.worker import MissingCompetitor, Worker
from benchmarks.workload import DIGITS, Setting, Workload

__all__ = ["SETTINGS", "measure", "result_of", "table"]

OURS = "chainrule"

VARIANTS = {
    OURS: ("",),
    "scikit-learn": ("", "unchecked"),
    "PyTorch": ("loop", "foreach", "fused"),
    "NumPy floor": ("",),
}

SETTINGS = [Setting(name, threads, way) for name, ways in VARIANTS.items() for threads in (1, 2) for way in ways]
"""Threads: what the linear algebra may use. For PyTorch, how its SGD goes over the parameters."""

ROUNDS = 15


def measure(
    workload: Workload = DIGITS, settings: Sequence[Setting] = SETTINGS, n_rounds: int = ROUNDS
) -> dict[str, Any]:
    """Train in every setting that can be had here, in rounds."""
    with ExitStack() as stack:
        workers = _workers(workload, settings, stack)
        figures = alternate({worker.setting: worker.microseconds_a_step for worker in workers}, n_rounds)
    return result_of(workload, figures)


def _workers(workload: Workload, settings: Sequence[Setting], stack: ExitStack) -> list[Worker]:
    workers: list[Worker] = []
    missing: set[str] = set()
    for setting in settings:
        if setting.competitor in missing:
            continue
        try:
            workers.append(stack.enter_context(Worker(setting, workload)))
        except MissingCompetitor as sentence:
            if setting.competitor == OURS:
                raise
            missing.add(setting.competitor)
            print(sentence, file=sys.stderr)
    return workers


def result_of(workload: Workload, figures: Mapping[Setting, Sequence[float]]) -> dict[str, Any]:
    """What is written down: the figures (microseconds a step by round), what they say, and where they come from."""
    best = {
        name: fastest(figures, (setting for setting in figures if setting.competitor == name))
        for name in dict.fromkeys(setting.competitor for setting in figures)
    }
    ours = figures[best[OURS]]
    return {
        "unit": "microseconds a step",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule", "scikit-learn", "torch"]),
        "workload": asdict(workload) | {"steps": workload.steps},
        "settings": [
            {**setting._asdict(), "median": statistics.median(rounds), "rounds": list(rounds)}
            for setting, rounds in figures.items()
        ],
        "fastest": {
            name: {
                **setting._asdict(),
                "median": statistics.median(figures[setting]),
                "ratio to chainrule": ratio(figures[setting], ours)._asdict(),
            }
            for name, setting in best.items()
        },
    }


def table(result: Mapping[str, Any]) -> str:
    """The fastest setting of each competitor, for a terminal."""
    lines = [f"{'A training step':32} {'us':>7}   times chainrule's (lowest to highest round)"]
    for row in result["fastest"].values():
        setting = Setting(row["competitor"], row["threads"], row["variant"])
        lines.append(f"{setting!s:32} {row['median']:7.1f}   {Ratio(**row['ratio to chainrule'])}")
    return "\n".join(lines)
