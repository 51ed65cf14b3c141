"""What was to be reached, and what was: read from the results of the other questions, so it comes last.

A speed target is how many times as long as an engine of ours a peer takes, at least; below 1, we may be slower. The
peak memory of a fit, the time of compiling and what many networks cost are to be at most something.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.competitors import COMPILED_ENGINE, NUMPY_ENGINE, OURS
from benchmarks.record import RESULTS, machine
from benchmarks.rounds import Ratio

__all__ = ["TARGETS", "SgemmTarget", "SpeedTarget", "measure", "result_of", "table"]

FASTEST = "the fastest peer"

SOURCES = ("training", "prediction", "memory", "many_networks", "compile_time")
"""The questions whose results are read."""


class Found(NamedTuple):
    """The figure beside the target, and who the peer was."""

    ratio: Ratio
    beside: str


@dataclass(frozen=True)
class SpeedTarget:
    """So many times as long (`at_least`) as `engine` takes `peer` for a step of a workload."""

    workload: str
    engine: str
    peer: str
    at_least: float
    said: str

    @property
    def sentence(self) -> str:
        return f"{self.workload}: {self.said} {self.peer}"

    def found(self, results: Mapping[str, Any]) -> Found | None:
        row = results.get("training", {}).get("workloads", {}).get(self.workload)
        return None if row is None else beside_peer(row, self.engine, self.peer)


@dataclass(frozen=True)
class SgemmTarget:
    """At least this share of the rate of the machine's own matrix product."""

    workload: str
    engine: str
    at_least: float

    @property
    def sentence(self) -> str:
        return f"{self.workload}: {100 * self.at_least:.0f} % of the machine's sgemm rate"

    def found(self, results: Mapping[str, Any]) -> Found | None:
        row = results.get("training", {}).get("workloads", {}).get(self.workload, {})
        figures = row.get("competitors", {}).get(self.engine)
        return None if figures is None else Found(Ratio(**figures["share of sgemm"]), "sgemm")


@dataclass(frozen=True)
class PredictionTarget:
    """So many times as long as chainrule's predict takes a peer's."""

    network: str
    rows: int
    peer: str
    at_least: float
    said: str
    engine: str = NUMPY_ENGINE

    @property
    def sentence(self) -> str:
        return f"predict of {self.rows:,} row{'s' * (self.rows > 1)}, {self.network}: {self.said} {self.peer}"

    def found(self, results: Mapping[str, Any]) -> Found | None:
        for row in results.get("prediction", {}).get("calls", []):
            if (row["network"], row["rows"]) == (self.network, self.rows):
                return beside_peer(row, self.engine, self.peer)
        return None


@dataclass(frozen=True)
class MemoryTarget:
    """What a fit takes over its bound."""

    workload: str
    engine: str
    at_most: float = 1.0

    @property
    def sentence(self) -> str:
        return f"{self.workload}: peak memory of a fit within its bound"

    def found(self, results: Mapping[str, Any]) -> Found | None:
        row = results.get("memory", {}).get("workloads", {}).get(self.workload, {})
        figures = row.get("competitors", {}).get(self.engine)
        if figures is None:
            return None
        return Found(Ratio.of([taken / row["bound"] for taken in figures["rounds"]]), "the bound")


@dataclass(frozen=True)
class CompileTarget:
    """At most so many seconds until the compiled engine is ready."""

    cache: str
    at_most: float
    engine: str = COMPILED_ENGINE

    @property
    def sentence(self) -> str:
        return f"ready with a {self.cache} cache, seconds"

    def found(self, results: Mapping[str, Any]) -> Found | None:
        if "compile_time" not in results:
            return None
        seconds = results["compile_time"][self.cache]
        return Found(Ratio.of(seconds["rounds"] if self.cache == "warm" else [seconds]), "seconds")


@dataclass(frozen=True)
class TogetherTarget:
    """So many networks fitted together take at most as long as `at_most` fits of one by the NumPy engine."""

    networks: int
    engine: str
    at_most: float

    @property
    def sentence(self) -> str:
        return f"digits: {self.networks} networks fitted together"

    def found(self, results: Mapping[str, Any]) -> Found | None:
        engine = {NUMPY_ENGINE: "numpy", COMPILED_ENGINE: "compiled"}[self.engine]
        for row in results.get("many_networks", {}).get("together", []):
            if (row["engine"], row["networks"]) == (engine, self.networks):
                return Found(Ratio(**row["fits"]), "one fit of the NumPy engine")
        return None


def beside_peer(row: Mapping[str, Any], engine: str, peer: str) -> Found | None:
    """The ratio of a named peer, or of the one with the lowest median, to an engine; None where one is missing."""
    peers = [name for name in row["competitors"] if name not in OURS]
    if peer == FASTEST and peers:
        peer = min(peers, key=lambda name: row["competitors"][name]["median"])
    ratio = row["ratios"].get(engine, {}).get(peer)
    return None if ratio is None else Found(Ratio(**ratio), peer)


TARGETS = [
    *(SpeedTarget("iris", NUMPY_ENGINE, peer, 5, "5 times faster than") for peer in ("scikit-learn", "PyTorch")),
    *(SpeedTarget("digits", NUMPY_ENGINE, peer, 7, "7 times faster than") for peer in ("scikit-learn", "PyTorch")),
    SpeedTarget("tabular", NUMPY_ENGINE, FASTEST, 1 / 1.15, "within 1.15 times of"),
    *(SpeedTarget("mnist", NUMPY_ENGINE, peer, 1, "faster than") for peer in ("scikit-learn", "PyTorch")),
    SpeedTarget("expm", NUMPY_ENGINE, "PyTorch", 1, "faster than"),
    SpeedTarget("wide", NUMPY_ENGINE, FASTEST, 1 / 1.4, "within 1.4 times of"),
    SpeedTarget("iris", COMPILED_ENGINE, "JAX", 8, "8 times faster than"),
    SpeedTarget("digits", COMPILED_ENGINE, "JAX", 3, "3 times faster than"),
    SpeedTarget("tabular", COMPILED_ENGINE, FASTEST, 1.5, "1.5 times faster than"),
    SpeedTarget("mnist", COMPILED_ENGINE, "JAX", 1.3, "1.3 times faster than"),
    SpeedTarget("expm", COMPILED_ENGINE, "JAX", 1.7, "1.7 times faster than"),
    SgemmTarget("expm", COMPILED_ENGINE, 0.25),
    SpeedTarget("wide", COMPILED_ENGINE, FASTEST, 1, "not slower than"),
    SgemmTarget("wide", COMPILED_ENGINE, 0.85),
    *(
        target
        for network in ("digits", "tabular")
        for target in (
            PredictionTarget(network, 1, "scikit-learn", 5, "5 times faster than"),
            PredictionTarget(network, 1, "PyTorch", 1, "not slower than"),
            PredictionTarget(network, 200_000, FASTEST, 1, "not slower than"),
            PredictionTarget(network, 200_000, FASTEST, 1, "not slower than", COMPILED_ENGINE),
        )
    ),
    *(
        MemoryTarget(workload, engine)
        for engine in OURS
        for workload in ("iris", "digits", "tabular", "mnist", "wide", "expm")
    ),
    *(TogetherTarget(16, engine, 4) for engine in OURS),
    CompileTarget("cold", 15),
    CompileTarget("warm", 0.5),
]
"""What was to be reached."""


def measure(folder: Path = RESULTS) -> dict[str, Any]:
    """Read the results of the other questions."""
    paths = {name: folder / f"{name}.json" for name in SOURCES}
    return result_of({name: json.loads(path.read_text()) for name, path in paths.items() if path.exists()})


def result_of(results: Mapping[str, Any]) -> dict[str, Any]:
    """What is written down: each target with what was found, and whether it is met; None where it was not measured."""
    return {"machine": machine(), "targets": [row_of(target, target.found(results)) for target in TARGETS]}


def row_of(target: Any, found: Found | None) -> dict[str, Any]:
    """A target with what was found."""
    highest = hasattr(target, "at_most")
    limit = target.at_most if highest else target.at_least
    row = {"target": target.sentence, "engine": target.engine, "at most" if highest else "at least": limit}
    if found is None:
        return row | {"found": None, "beside": None, "met": None}
    met = found.ratio.median <= limit if highest else found.ratio.median >= limit
    return row | {"found": found.ratio._asdict(), "beside": found.beside, "met": met}


def table(result: Mapping[str, Any]) -> str:
    """One line for each target, for a terminal."""
    lines = [f"{'Target':78} {'wanted':>9}   {'found (lowest to highest round)':38} met"]
    for row in result["targets"]:
        name = f"{row['engine']}, {row['target']}"
        found = f"{Ratio(**row['found'])}, {row['beside']}" if row["found"] else "not measured"
        met = {True: "yes", False: "no", None: ""}[row["met"]]
        lines.append(f"{name:78} {wanted(row):>9}   {found:38} {met}".rstrip())
    return "\n".join(lines)


def wanted(row: Mapping[str, Any]) -> str:
    """The limit of a target."""
    return f">= {row['at least']:.2f}" if "at least" in row else f"<= {row['at most']:.2f}"
