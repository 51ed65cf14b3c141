"""What does it cost to keep every number of a step?

A trace, beside the step that it shows: the same rows forward, loss, backward and update by the plain NumPy mathematics,
in one process with one thread, in turn. A trace is to take at most 3 times the step and 100 microseconds more.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmarks.record import machine, versions
from benchmarks.rounds import alternate
from chainrule import Network, trace
from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines.numpy_engine import LayerSteps
from chainrule.engines.problem import Problem, Variables
from chainrule.engines.threads import limited_threads
from chainrule.functions.losses import CrossEntropy
from chainrule.network.objective import Objective
from chainrule.optimizers import SGD

__all__ = ["BOUND", "SHAPES", "measure", "result_of", "table"]

SHAPES = {
    "iris": ((4, 8, 3), 8),
    "digits": ((64, 15, 10), 15),
    "mnist": ((784, 128, 10), 64),
    "tabular": ((50, 256, 256, 2), 256),
}
"""Dimensions and rows, by name."""

REPEATS = {"iris": 200, "digits": 200, "mnist": 30, "tabular": 20}

ROUNDS = 9

BOUND = "3 steps + 100 us"


def measure(n_rounds: int = ROUNDS) -> dict[str, Any]:
    """Time the step, the trace, and a trace all of whose arrays are asked for, in rounds."""
    jobs = {(shape, what): job for shape in SHAPES for what, job in _jobs(shape).items()}
    with limited_threads(1):
        return result_of(alternate(jobs, n_rounds))


def _jobs(shape: str) -> dict[str, Callable[[], float]]:
    dimensions, n = SHAPES[shape]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, dimensions[0])).astype(np.float32)
    labels = rng.integers(0, dimensions[-1], n)
    network = Network(dimensions, (*["relu"] * (len(dimensions) - 2), "softmax"), seed=1)
    rows = LabelledRows(x, np.eye(dimensions[-1], dtype=np.float32)[labels])
    problem = Problem(Objective(network.architecture, CrossEntropy()), SGD(), rows, n)
    variables = Variables(network.theta.copy(), network.state.copy(), {}, rng)
    steps = LayerSteps(problem, variables)
    schedule = {"learning_rate": np.full(1, 1e-3), "dropout_factor": np.ones(1)}
    order = np.arange(n)
    return {
        "step": partial(_microseconds, shape, lambda: steps.run(order, 0, 1, schedule)),
        "trace": partial(_microseconds, shape, lambda: trace(network, x, labels)),
        "arrays": partial(_microseconds, shape, lambda: list(trace(network, x, labels).items())),
    }


def _microseconds(shape: str, call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    for _ in range(REPEATS[shape]):
        call()
    return (time.perf_counter() - began) / REPEATS[shape] * 1e6


def result_of(figures: Mapping[tuple[str, str], Sequence[float]]) -> dict[str, Any]:
    """What is written down: the figures (microseconds by round), and the share of the bound that a trace takes."""
    return {
        "unit": "microseconds",
        "bound": BOUND,
        "machine": machine(),
        "versions": versions(["numpy", "chainrule"]),
        "shapes": {shape: _row(shape, figures) for shape in SHAPES},
    }


def _row(shape: str, figures: Mapping[tuple[str, str], Sequence[float]]) -> dict[str, Any]:
    step, traced = figures[shape, "step"], figures[shape, "trace"]
    shares = [one / (3 * other + 100) for one, other in zip(traced, step, strict=True)]
    return {
        "dimensions": SHAPES[shape][0],
        "rows": SHAPES[shape][1],
        **{what: statistics.median(figures[shape, what]) for what in ("step", "trace", "arrays")},
        "share_of_bound": {"median": statistics.median(shares), "lowest": min(shares), "highest": max(shares)},
        "rounds": {what: list(figures[shape, what]) for what in ("step", "trace", "arrays")},
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each shape, for a terminal."""
    lines = [f"{'':10} {'step, us':>10} {'trace, us':>10} {'all arrays':>11}   of {result['bound']}"]
    for shape, row in result["shapes"].items():
        share = row["share_of_bound"]
        lines.append(
            f"{shape:10} {row['step']:10.1f} {row['trace']:10.1f} {row['arrays']:11.1f}   {share['median']:.2f} "
            f"({share['lowest']:.2f} to {share['highest']:.2f})"
        )
    return "\n".join(lines)
