"""Is the NumPy engine's fast path for plain stacks of dense layers worth its second copy of a step?

Both paths do the same steps, in one process with one thread, in turn. Two copies are kept only where the gain is 1.3.
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
from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines.dense_stack import DenseStack
from chainrule.engines.numpy_engine import LayerSteps
from chainrule.engines.problem import Problem, Variables
from chainrule.engines.threads import limited_threads
from chainrule.functions.losses import CrossEntropy
from chainrule.network.architecture import Architecture
from chainrule.network.objective import Objective
from chainrule.optimizers import SGD

__all__ = ["SHAPES", "measure", "result_of", "table"]

SHAPES = {
    "iris": ((4, 8, 3), 8),
    "digits": ((64, 15, 10), 15),
    "medium": ((64, 128, 10), 64),
    "mnist": ((784, 128, 10), 64),
    "tabular": ((50, 256, 256, 2), 256),
    "tall": ((4, 32, 16, 4), 10_000),
}
"""Dimensions and batch size, by name."""

PATHS = {"general": LayerSteps, "fast": DenseStack}

STEPS = {"iris": 1000, "digits": 1000, "medium": 200, "mnist": 60, "tabular": 30, "tall": 10}

ROUNDS = 15


def measure(n_rounds: int = ROUNDS) -> dict[str, Any]:
    """Time every shape on both paths, in rounds."""
    jobs = {(shape, path): _job(shape, path) for shape in SHAPES for path in PATHS}
    with limited_threads(1):
        return result_of(alternate(jobs, n_rounds))


def _job(shape: str, path: str) -> Callable[[], float]:
    dimensions, batch_size = SHAPES[shape]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(batch_size * STEPS[shape], dimensions[0])).astype(np.float32)
    y = np.eye(dimensions[-1], dtype=np.float32)[rng.integers(0, dimensions[-1], len(x))]
    architecture = Architecture.dense(dimensions, (*["relu"] * (len(dimensions) - 2), "softmax"))
    theta = architecture.initial_theta(rng, np.dtype(np.float32))
    problem = Problem(Objective(architecture, CrossEntropy()), SGD(), LabelledRows(x, y), batch_size)
    variables = Variables(theta, architecture.initial_state(theta.dtype), {}, rng)
    return partial(_microseconds_a_step, path, problem, variables, rng.permutation(len(x)))


def _microseconds_a_step(path: str, problem: Problem, variables: Variables, order: Any) -> float:
    steps = problem.steps_per_epoch
    schedule = {"learning_rate": np.full(steps, 1e-3), "dropout_factor": np.ones(steps)}
    began = time.perf_counter()
    PATHS[path](problem, variables).run(order, 0, steps, schedule)
    return (time.perf_counter() - began) / steps * 1e6


def result_of(figures: Mapping[tuple[str, str], Sequence[float]]) -> dict[str, Any]:
    """What is written down: the figures (microseconds by round) and how many times faster the fast path is."""
    return {
        "unit": "microseconds a step",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule"]),
        "shapes": {
            shape: {
                "dimensions": SHAPES[shape][0],
                "batch_size": SHAPES[shape][1],
                "general": statistics.median(figures[shape, "general"]),
                "fast": statistics.median(figures[shape, "fast"]),
                "gain": ratio(figures[shape, "general"], figures[shape, "fast"])._asdict(),
                "rounds": {path: list(figures[shape, path]) for path in PATHS},
            }
            for shape in SHAPES
        },
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each shape, for a terminal."""
    lines = [f"{'A step':10} {'general, us':>12} {'fast, us':>10}   gain (lowest to highest round)"]
    for shape, row in result["shapes"].items():
        lines.append(f"{shape:10} {row['general']:12.1f} {row['fast']:10.1f}   {Ratio(**row['gain'])}")
    return "\n".join(lines)
