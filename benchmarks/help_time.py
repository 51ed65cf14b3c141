"""How long does `chainrule --help` take, and the help of each command?

Each runs in a new process, from its start to its end, beside a Python that does nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.record import machine, versions
from benchmarks.rounds import alternate

__all__ = ["LINES", "measure", "result_of", "table"]

NOTHING = "python -c pass"

COMMANDS = ("train", "resume", "runs", "evaluate", "predict", "inspect", "plot")

LINES = {
    NOTHING: ("-c", "pass"),
    "chainrule --help": ("-m", "chainrule", "--help"),
    **{f"chainrule {command} --help": ("-m", "chainrule", command, "--help") for command in COMMANDS},
}

ROUNDS = 11


def measure(n_rounds: int = ROUNDS) -> dict[str, Any]:
    """Run everything in rounds; the first, not counted, leaves warm files and bytecode behind."""
    return result_of(alternate({name: partial(_milliseconds, line) for name, line in LINES.items()}, n_rounds))


def _milliseconds(line: Sequence[str]) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run([sys.executable, *line], env=environment, check=True, capture_output=True)
    return (time.perf_counter() - began) * 1e3


def result_of(figures: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """What is written down: the figures (milliseconds by round) and where they come from."""
    return {
        "unit": "milliseconds",
        "machine": machine(),
        "versions": versions(["cyclopts", "rich", "numpy", "chainrule"]),
        "lines": {
            name: {"median": statistics.median(rounds), "slowest": max(rounds), "rounds": list(rounds)}
            for name, rounds in figures.items()
        },
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each command line, for a terminal."""
    lines = [f"{'Command':32} {'ms':>7} {'slowest':>8}"]
    for name, row in result["lines"].items():
        lines.append(f"{name:32} {row['median']:7.0f} {row['slowest']:8.0f}")
    return "\n".join(lines)
