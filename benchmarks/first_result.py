"""How long until a new process has a first result: Python and library start, a network learns an epoch and predicts?

The network is that of the digits. Compiled programs are warm where a library keeps them on disk: chainrule's compiled
engine does so by itself, JAX where it is told to, as here.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.competitors import COMPETITORS, NUMPY_ENGINE, job_of
from benchmarks.contest import ratios
from benchmarks.record import PEERS, machine, versions
from benchmarks.rounds import Ratio, alternate
from benchmarks.worker import ROOT
from benchmarks.workload import WORKLOADS, Setting

__all__ = ["measure", "result_of", "table"]

COMPETING = [name for name in COMPETITORS if name != "ONNX Runtime"]

ROUNDS = 7

PROGRAM = "import sys; from benchmarks.first_result import fit_and_predict; fit_and_predict(sys.argv[1])"


def measure(competitors: Iterable[str] = tuple(COMPETING), n_rounds: int = ROUNDS) -> dict[str, Any]:
    """New processes in rounds; what cannot be imported is left out with a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "JAX_COMPILATION_CACHE_DIR": folder,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        there = [name for name in competitors if _can_be_had(name, environment)]
        return result_of(alternate({name: partial(_seconds, name, environment) for name in there}, n_rounds))


def _can_be_had(name: str, environment: Mapping[str, str]) -> bool:
    done = _process(name, environment)
    if done.returncode == 0:
        return True
    if name == NUMPY_ENGINE or ("ImportError" not in done.stderr and "ModuleNotFoundError" not in done.stderr):
        raise RuntimeError(f"The first result of {name} failed:\n{done.stderr}")
    print(f"{name} is left out: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr, flush=True)
    return False


def _seconds(name: str, environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    _process(name, environment).check_returncode()
    return time.perf_counter() - began


def _process(name: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, name], cwd=ROOT, env=dict(environment), capture_output=True, text=True
    )


def fit_and_predict(name: str) -> None:
    """What each process does."""
    digits, setting = WORKLOADS["digits"], Setting(name, 2)
    job_of("training", setting, digits)(1)
    job_of("prediction", setting, digits, 100)(1)


def result_of(figures: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """What is written down: the figures (seconds by round), what they say, and where they come from."""
    return {
        "unit": "seconds",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule", "numba", *PEERS]),
        "competitors": {
            name: {"median": statistics.median(rounds), "rounds": list(rounds)} for name, rounds in figures.items()
        },
        "ratios": ratios(figures),
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each competitor, for a terminal."""
    lines = [f"{'First result of a new process':32} {'s':>7}   times the NumPy engine's (lowest to highest round)"]
    for name, row in result["competitors"].items():
        ratio = result["ratios"][NUMPY_ENGINE].get(name)
        lines.append(f"{name:32} {row['median']:7.2f}   {Ratio(**ratio) if ratio else ''}".rstrip())
    return "\n".join(lines)
