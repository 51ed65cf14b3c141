"""How does the cost of learning grow with rows, epochs, width and depth?

Each size is measured with both engines in turn, and the fastest round counts: sizes follow each other, so that a slow
minute of the machine would bend the curve. The exponent of a curve is the slope of the straight line through the
logarithms of the larger half of its sizes: 1 is a cost in proportion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.competitors import OURS
from benchmarks.contest import Crew
from benchmarks.record import machine, versions
from benchmarks.rounds import alternate
from benchmarks.worker import Worker
from benchmarks.workload import WORKLOADS, Setting, Workload

__all__ = ["CURVES", "Curve", "draw", "exponent", "measure", "result_of", "table"]

ROUNDS = 5

STEPS = 16
"""Of an epoch, where the size is one of the network."""

LONG_ENOUGH = 0.1
"""Seconds of a job from which on it is timed well enough here."""


@dataclass(frozen=True)
class Point:
    """One size: what is trained, and how many epochs of it are one unit of the cost (None: the cost is of a step)."""

    size: int
    workload: Workload
    epochs: int | None = None


@dataclass(frozen=True)
class Curve:
    """The costs of growing sizes."""

    title: str
    size: str
    cost: str
    points: tuple[Point, ...]


def rows_curve() -> Curve:
    """An epoch of a small network over a thousand to ten million rows."""
    small = Workload("rows", (4, 16, 2), 1000, 1000)
    points = [Point(n, replace(small, n_rows=n), 1) for n in (10**k for k in range(3, 8))]
    return Curve("An epoch, by rows", "rows (4-16-2, batches of 1,000)", "seconds", tuple(points))


def epochs_curve() -> Curve:
    """A whole fit of the digits."""
    points = [Point(epochs, WORKLOADS["digits"], epochs) for epochs in (1, 2, 4, 8, 16, 32, 64, 128)]
    return Curve("A fit of the digits, by epochs", "epochs (64-15-10, 1,797 rows)", "seconds", tuple(points))


def width_curve() -> Curve:
    """A step of two hidden layers of 8 to 4,096 units, over the parameters that they make."""
    workloads = [network(64, width, width, 10) for width in (8, 32, 128, 512, 1024, 2048, 4096)]
    points = tuple(Point(workload.parameters, workload) for workload in workloads)
    return Curve("A step, by parameters: width 8 to 4,096", "parameters (64-w-w-10, batches of 256)", "seconds", points)


def depth_curve() -> Curve:
    """A step of 1 to 20 hidden layers, over the parameters that they make."""
    workloads = [network(64, *[256] * depth, 10) for depth in (1, 2, 3, 5, 8, 12, 20)]
    points = tuple(Point(workload.parameters, workload) for workload in workloads)
    return Curve("A step, by parameters: depth 1 to 20", "parameters (64-256-…-10, batches of 256)", "seconds", points)


def network(*dimensions: int) -> Workload:
    """A network to be trained with Adam."""
    return Workload("-".join(map(str, dimensions)), dimensions, 256 * STEPS, 256)


CURVES = (rows_curve, epochs_curve, width_curve, depth_curve)
"""What makes each curve."""


def measure(
    curves: Iterable[Callable[[], Curve]] = CURVES, engines: Iterable[str] = OURS, n_rounds: int = ROUNDS
) -> dict[str, Any]:
    """One size after the other, with both engines in turn."""
    found: dict[Curve, dict[str, list[float]]] = {}
    with Crew() as crew:
        for make in curves:
            curve = make()
            found[curve] = {}
            for point in curve.points:
                for name, seconds in _costs(crew, point, engines, n_rounds).items():
                    found[curve].setdefault(name, []).append(seconds)
    return result_of(found)


def _costs(crew: Crew, point: Point, engines: Iterable[str], n_rounds: int) -> dict[str, float]:
    """The lowest cost of a point for each engine that there is."""
    jobs: dict[str, Callable[[], float]] = {}
    for name in engines:
        if worker := crew.prepared(Setting(name, 0), "training", point.workload):
            epochs = point.epochs or 1
            worker.run(epochs)
            times = 1 if point.epochs else max(1, round(LONG_ENOUGH / worker.run(epochs).seconds))
            jobs[name] = partial(_seconds, worker, point, epochs * times)
    return {name: min(rounds) for name, rounds in alternate(jobs, n_rounds, warm=True).items()}


def _seconds(worker: Worker, point: Point, epochs: int) -> float:
    done = worker.run(epochs)
    return done.seconds if point.epochs else done.seconds / done.units


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of the logarithms over the larger half of the sizes."""
    half = len(sizes) // 2
    return float(np.polyfit(np.log(sizes[half:]), np.log(costs[half:]), 1)[0])


def result_of(found: Mapping[Curve, Mapping[str, Sequence[float]]]) -> dict[str, Any]:
    """What is written down: the curves (seconds) and their exponents."""
    return {
        "unit": "seconds",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule", "numba"]),
        "curves": [
            {
                "title": curve.title,
                "size": curve.size,
                "cost": curve.cost,
                "sizes": [point.size for point in curve.points],
                "workloads": [asdict(point.workload) for point in curve.points],
                "engines": {
                    name: {"costs": list(costs), "exponent": exponent([p.size for p in curve.points], costs)}
                    for name, costs in engines.items()
                },
            }
            for curve, engines in found.items()
        ],
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each curve and engine, for a terminal."""
    lines = [f"{'Cost':42} {'engine':22} exponent   seconds, from the smallest size to the largest"]
    for curve in result["curves"]:
        for name, engine in curve["engines"].items():
            costs = " ".join(f"{cost:.2g}" for cost in engine["costs"])
            lines.append(f"{curve['title']:42} {name:22} {engine['exponent']:8.2f}   {costs}")
    return "\n".join(lines)


def draw(result: Mapping[str, Any]) -> Path:
    """Write the picture of the curves."""
    from benchmarks.pictures import draw_scaling

    return draw_scaling(result)
