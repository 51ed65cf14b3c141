"""What does each trick of the engines save? The same steps as they are, and without one trick, in turn.

A trick is tried on the workloads where it matters, with one thread where it is not about threads. Every variant has a
process of its own (see `benchmarks.variants`); those of a workload alternate in rounds.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from benchmarks.record import machine, versions
from benchmarks.rounds import Ratio, alternate, ratio
from benchmarks.variants import Process, Variant

__all__ = ["TRICKS", "Trick", "measure", "result_of", "table"]


class Trick(NamedTuple):
    """What an engine does, what it would do instead, on which workloads that is tried, and both variants."""

    title: str
    instead: str
    workloads: tuple[str, ...]
    without: Variant
    as_it_is: Variant = Variant()


def _changed(title: str, instead: str, change: str, *workloads: str) -> Trick:
    return Trick(title, instead, workloads, Variant(change=change))


def _numpy(title: str, instead: str, change: str, *workloads: str) -> Trick:
    return Trick(title, instead, workloads, Variant("numpy", change=change), Variant("numpy"))


TRICKS = (
    _changed("Products by tiles", "by BLAS", "products by BLAS", "iris", "digits", "mnist"),
    _changed("Gradient by rows", "by units", "gradient the other way", "expm"),
    _changed("Gradient by units", "by rows", "gradient the other way", "tabular", "mnist"),
    _changed("Blocks of 256 rows", "of 64", "blocks of 64 rows", "expm"),
    _changed("Blocks of 256 rows", "of 1,024", "blocks of 1,024 rows", "expm"),
    _changed("Blocks of 256 rows", "of all 10,000", "all rows in one block", "expm"),
    _changed("Update behind the gradient", "after all of it", "update after the gradient", "tabular", "mnist", "wide"),
    _changed("Exponentials in vectors", "of the C library", "elementary functions of the C library", "expm"),
    _changed("The widest vectors", "the compiler's choice", "vectors of the compiler's choice", "expm"),
    Trick("Many steps a call", "a call for each", ("iris", "digits"), Variant(calls="steps")),
    Trick("Many epochs a call", "a call for each", ("iris",), Variant(calls="watched fit"), Variant(calls="fit")),
    Trick("Two threads", "one", ("iris", "digits", "tabular", "mnist", "wide", "expm"), Variant(), Variant(threads=2)),
    _numpy("Fast path of small networks", "the general one", "general path", "iris", "digits"),
    _numpy("Rows and losses of many steps at once", "of each", "gather for each step", "iris", "digits"),
    _numpy("Optimizer in blocks", "on whole arrays", "optimizer on whole arrays", "tabular", "mnist", "wide"),
    _numpy("Tall batches in blocks of rows", "in one", "rows all at once", "expm"),
    _numpy("Buffers used again", "new arrays", "new arrays in every step", "tabular", "mnist", "wide"),
)

ROUNDS = 9


def measure(n_rounds: int = ROUNDS, tricks: Sequence[Trick] = TRICKS) -> dict[str, Any]:
    """Time every variant on every workload, in rounds."""
    figures: dict[tuple[str, Variant], list[float]] = {}
    before = os.getloadavg()[0]
    for name in dict.fromkeys(name for trick in tricks for name in trick.workloads):
        own = [trick for trick in tricks if name in trick.workloads]
        variants = dict.fromkeys(variant for trick in own for variant in (trick.as_it_is, trick.without))
        with ExitStack() as stack:
            jobs = {(name, variant): stack.enter_context(Process(name, variant)) for variant in variants}
            figures |= alternate(jobs, n_rounds, warm=True)
    return {"load": [before, os.getloadavg()[0]], **result_of(figures, tricks)}


def result_of(
    figures: Mapping[tuple[str, Variant], Sequence[float]], tricks: Sequence[Trick] = TRICKS
) -> dict[str, Any]:
    """What is written down: the figures (microseconds by round), and how many times as long a step takes without."""
    return {
        "unit": "microseconds a step",
        "machine": machine(),
        "versions": versions(["numpy", "scipy", "numba", "llvmlite", "chainrule"]),
        "tricks": [
            {"engine": trick.as_it_is.engine, "trick": trick.title, "instead": trick.instead, "workload": name}
            | _compared(figures[name, trick.as_it_is], figures[name, trick.without])
            for trick in tricks
            for name in trick.workloads
        ],
    }


def _compared(as_it_is: Sequence[float], without: Sequence[float]) -> dict[str, Any]:
    return {
        "as it is": statistics.median(as_it_is),
        "without": statistics.median(without),
        "ratio": ratio(without, as_it_is)._asdict(),
        "rounds": {"as it is": list(as_it_is), "without": list(without)},
    }


def table(result: Mapping[str, Any]) -> str:
    """One line for each trick and workload, for a terminal."""
    lines = [f"{'A step':62} {'workload':9} {'us':>9} {'without':>9}   times as long"]
    for row in result["tricks"]:
        said = f"{row['engine']}: {row['trick']}, not {row['instead']}"
        times = f"{row['as it is']:9.1f} {row['without']:9.1f}"
        lines.append(f"{said:62} {row['workload']:9} {times}   {Ratio(**row['ratio'])}")
    return "\n".join(lines)
