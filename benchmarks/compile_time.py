"""How long until the compiled engine is ready: once on a machine, cold, and in every new process after that, warm?

Timed inside a new process, from the call of a first small fit to its end, so that importing NumPy does not count and
loading numba does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.record import machine, versions
from benchmarks.worker import ROOT

__all__ = ["measure", "result_of", "table"]

ROUNDS = 7

PROGRAM = """
import time
import numpy as np
from chainrule import Network, Relu, Softmax
nn, x, y = Network((4, 8, 3), (Relu, Softmax)), np.ones((30, 4), np.float32), np.arange(30) % 3
began = time.perf_counter()
history = nn.fit(x, y, epochs=1, batch_size=8, optimizer="adam", verbose=False, engine="compiled")
print(history.engine, time.perf_counter() - began)
"""


def measure(n_rounds: int = ROUNDS) -> dict[str, Any]:
    """Once with an empty cache, then with what that has left."""
    with tempfile.TemporaryDirectory() as folder:
        return result_of(cold=_seconds(folder), warm=[_seconds(folder) for _ in range(n_rounds)])


def _seconds(folder: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["CHAINRULE_CACHE_DIR"] = folder
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    engine, seconds = done.stdout.splitlines()[-1].split()
    if engine != "compiled":
        raise RuntimeError(f"The {engine} engine has done the steps.")
    return float(seconds)


def result_of(cold: float, warm: Sequence[float]) -> dict[str, Any]:
    """What is written down."""
    return {
        "unit": "seconds",
        "machine": machine(),
        "versions": versions(["numpy", "numba", "llvmlite", "chainrule"]),
        "cold": cold,
        "warm": {"median": statistics.median(warm), "rounds": list(warm)},
    }


def table(result: Mapping[str, Any]) -> str:
    """Two lines, for a terminal."""
    warm = result["warm"]
    return (
        f"{'The compiled engine is ready':32} {'s':>7}\n"
        f"{'once on a machine':32} {result['cold']:7.2f}\n"
        f"{'in a new process':32} {warm['median']:7.2f}   ({min(warm['rounds']):.2f} to {max(warm['rounds']):.2f})"
    )
