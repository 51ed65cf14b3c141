"""What do 16 networks cost that are fitted together, in fits of one of them by the NumPy engine?

Digits: 64-15-10, batches of 15 rows, SGD, in one process, one after the other in rounds. Each network has its own seed
and order of the rows. Both sides are whole calls of fit, with what each does before and after the steps.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmarks.record import machine, versions
from benchmarks.rounds import Ratio, alternate, ratio
from chainrule import Network, Relu, Softmax, fit_together
from chainrule.engines import ENGINE_NAMES
from chainrule.functions.arrays import Array

__all__ = ["COUNTS", "measure", "result_of", "table"]

DIMENSIONS, BATCH_SIZE, ROWS, EPOCHS = (64, 15, 10), 15, 1797, 10

COUNTS = (4, 16, 64)
"""Numbers of networks."""

ENGINES = tuple(name for name in ENGINE_NAMES if name != "auto")

ROUNDS = 11


def measure(n_rounds: int = ROUNDS) -> dict[str, Any]:
    """Time one fit and every number of networks with every engine, in rounds."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(ROWS, DIMENSIONS[0])).astype(np.float32)
    y = rng.integers(0, DIMENSIONS[-1], ROWS)
    jobs: dict[tuple[str, int], Callable[[], float]] = {("fit", 1): partial(_seconds_of_a_fit, x, y)}
    jobs |= {(engine, k): partial(_seconds_together, engine, k, x, y) for engine in ENGINES for k in COUNTS}
    return result_of(alternate(jobs, n_rounds))


def _seconds_of_a_fit(x: Array, y: Array) -> float:
    network = Network(DIMENSIONS, (Relu, Softmax), seed=1)
    began = time.perf_counter()
    network.fit(x, y, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=False, engine="numpy")
    return time.perf_counter() - began


def _seconds_together(engine: str, k: int, x: Array, y: Array) -> float:
    networks = [Network(DIMENSIONS, (Relu, Softmax), seed=seed) for seed in range(k)]
    began = time.perf_counter()
    fit_together(networks, x, y, epochs=EPOCHS, batch_size=BATCH_SIZE, verbose=False, engine=engine)
    return time.perf_counter() - began


def result_of(figures: Mapping[tuple[str, int], Sequence[float]]) -> dict[str, Any]:
    """What is written down: seconds by round, and how many fits of one network as many together take."""
    one = figures["fit", 1]
    return {
        "unit": "seconds",
        "machine": machine(),
        "versions": versions(["numpy", "numba", "chainrule"]),
        "shape": {"dimensions": DIMENSIONS, "batch_size": BATCH_SIZE, "rows": ROWS, "epochs": EPOCHS},
        "one fit by the NumPy engine": {"seconds": statistics.median(one), "rounds": list(one)},
        "together": [
            {
                "engine": engine,
                "networks": k,
                "seconds": statistics.median(seconds),
                "fits": ratio(seconds, one)._asdict(),
                "rounds": list(seconds),
            }
            for (engine, k), seconds in figures.items()
            if engine != "fit"
        ],
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each number of networks and engine, for a terminal."""
    lines = [f"{'Together':24} {'ms':>8}   in fits of one (lowest to highest round)"]
    lines.append(f"{'one fit, numpy':24} {1e3 * result['one fit by the NumPy engine']['seconds']:8.1f}")
    for row in result["together"]:
        name = f"{row['networks']} networks, {row['engine']}"
        lines.append(f"{name:24} {1e3 * row['seconds']:8.1f}   {Ratio(**row['fits'])}")
    return "\n".join(lines)
