"""How long does the import take, beside NumPy's own?

Each import runs in a new process and is timed inside it, so that the start of Python does not count.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.record import machine, versions
from benchmarks.rounds import Ratio, alternate, ratio

__all__ = ["STATEMENTS", "measure", "result_of", "table"]

BASE = "import numpy"

STATEMENTS = ("import chainrule", "from chainrule import Network", BASE)

ROUNDS = 21


def measure(n_rounds: int = ROUNDS) -> dict[str, Any]:
    """Import everything in rounds; the first, not counted, leaves warm files and bytecode behind."""
    return result_of(alternate({statement: partial(_milliseconds, statement) for statement in STATEMENTS}, n_rounds))


def _milliseconds(statement: str) -> float:
    program = f"import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout) * 1e3


def result_of(figures: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """What is written down: the figures (milliseconds by round), what they say, and where they come from."""
    return {
        "unit": "milliseconds",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule"]),
        "statements": {
            statement: {
                "median": statistics.median(rounds),
                "ratio to numpy": ratio(rounds, figures[BASE])._asdict(),
                "rounds": list(rounds),
            }
            for statement, rounds in figures.items()
        },
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each statement, for a terminal."""
    lines = [f"{'Import':32} {'ms':>7}   times NumPy's (lowest to highest round)"]
    for statement, row in result["statements"].items():
        lines.append(f"{statement:32} {row['median']:7.1f}   {Ratio(**row['ratio to numpy'])}")
    return "\n".join(lines)
