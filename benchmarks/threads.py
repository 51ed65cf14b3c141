"""From which size on is a second thread of the linear algebra library worth it?

The same steps, by the NumPy engine, with one thread and with one for each core, in turn, in one process. On a machine
that has nothing else to do, threads gain a little from small products on. Where other programs want the cores as well,
threads that wait for each other lose many times over, the more often they meet. So the rule of
`chainrule.engines.threads` takes them only from products on that gain `GAIN` where nothing else runs: in the least
disturbed round of each setting. The gain of every round shows what the others do to it.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmarks.record import machine, versions
from benchmarks.rounds import Ratio, alternate, ratio
from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines.numpy_engine import NumpyEngine
from chainrule.engines.problem import Problem, Variables
from chainrule.engines.threads import available_cores, largest_product, limited_threads
from chainrule.functions.losses import CrossEntropy
from chainrule.network.architecture import Architecture
from chainrule.network.objective import Objective
from chainrule.optimizers import Adam

__all__ = ["GAIN", "SHAPES", "measure", "result_of", "table"]

SHAPES = {
    "digits": ((64, 15, 10), 15, 500),
    "mnist": ((784, 128, 10), 64, 40),
    "tabular": ((50, 256, 256, 2), 256, 20),
    "512": ((512, 512, 10), 512, 6),
    "1024 x 512": ((512, 1024, 512, 10), 512, 3),
    "1024": ((1024, 1024, 1024, 10), 512, 2),
    "2048": ((1024, 2048, 1024, 10), 1024, 1),
    "wide": ((784, 2048, 2048, 10), 1024, 1),
}
"""Dimensions, batch size and steps of a round, by name."""

GAIN = 1.4
"""What a size must gain on two cores to be worth them."""

ROUNDS = 11


def measure(n_rounds: int = ROUNDS) -> dict[str, Any]:
    """Time a step of every shape with one thread and with all."""
    jobs: dict[tuple[str, str], Callable[[], float]] = {}
    for shape in SHAPES:
        step = _steps(shape)
        jobs[shape, "one"] = partial(_microseconds, step, 1, SHAPES[shape][2])
        jobs[shape, "all"] = partial(_microseconds, step, available_cores(), SHAPES[shape][2])
    before = os.getloadavg()[0]
    return {"load": [before, os.getloadavg()[0]], **result_of(alternate(jobs, n_rounds))}


def _steps(shape: str) -> Callable[[], Any]:
    dimensions, batch_size, steps = SHAPES[shape]
    rng = np.random.default_rng(1)
    x = rng.standard_normal((batch_size * steps, dimensions[0]), dtype=np.float32)
    y = np.eye(dimensions[-1], dtype=np.float32)[rng.integers(0, dimensions[-1], len(x))]
    architecture = Architecture.dense(dimensions, (*["relu"] * (len(dimensions) - 2), "softmax"))
    theta = architecture.initial_theta(rng, np.dtype(np.float32))
    problem = Problem(Objective(architecture, CrossEntropy()), Adam(), LabelledRows(x, y), batch_size)
    variables = Variables.started(problem, theta, architecture.initial_state(theta.dtype), rng)
    constants = {"learning_rate": 1e-3, "dropout_factor": 1.0, **Adam().scheduled}
    schedule = {name: np.full(steps, value) for name, value in constants.items()}
    return partial(NumpyEngine().run, problem, variables, rng.permutation(len(x)), 0, steps, schedule)


def _microseconds(steps: Callable[[], Any], threads: int, number: int) -> float:
    with limited_threads(threads):
        began = time.perf_counter()
        steps()
        return (time.perf_counter() - began) / number * 1e6


def result_of(figures: Mapping[tuple[str, str], Sequence[float]]) -> dict[str, Any]:
    """What is written down: the figures (microseconds by round) and how many times faster all threads are."""
    shapes = {}
    for shape, (dimensions, batch_size, _) in SHAPES.items():
        one, several = figures[shape, "one"], figures[shape, "all"]
        shapes[shape] = {
            "dimensions": dimensions,
            "batch_size": batch_size,
            "largest_product": largest_product(
                Architecture.dense(dimensions, ["relu"] * (len(dimensions) - 1)), batch_size
            ),
            "one": statistics.median(one),
            "all": statistics.median(several),
            "gain": ratio(one, several)._asdict(),
            "undisturbed_gain": min(one) / min(several),
            "worth_threads": min(one) / min(several) >= GAIN,
            "rounds": {"one": list(one), "all": list(several)},
        }
    return {
        "unit": "microseconds a step",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule"]),
        "threads": available_cores(),
        "shapes": shapes,
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each shape, for a terminal."""
    both = f"1 thread, us, {result['threads']}"
    lines = [f"{'A step':12} {'largest product':>16} {both:>24}   undisturbed gain, of all rounds"]
    for shape, row in result["shapes"].items():
        lines.append(
            f"{shape:12} {row['largest_product']:16.1e} {row['one']:13.1f} {row['all']:11.1f}   "
            f"{row['undisturbed_gain']:16.2f}, {Ratio(**row['gain'])}"
        )
    return "\n".join(lines)
