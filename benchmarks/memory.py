"""How much memory does a fit take, beyond the rows that are there and all that an earlier fit has left?

Each competitor fits once, to be warm, and then once more from new parameters; measured is by how much its process
(of Linux) is larger at its peak than before. The bound is what a fit has to have: an order of the rows, `PARAMETERS`
times the parameters, the values of every layer for a batch, and 20 MB.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.competitors import COMPETITORS, settings_of
from benchmarks.contest import Crew
from benchmarks.record import PEERS, machine, versions
from benchmarks.worker import RETURNING_MEMORY
from benchmarks.workload import FLOAT_BYTES, WORKLOADS, Workload

__all__ = ["bound", "measure", "result_of", "table"]

COMPETING = [name for name in COMPETITORS if name != "ONNX Runtime"]

ROUNDS = 1

INDEX_BYTES = 8
PARAMETERS = 8
ANYTHING_ELSE = 20_000_000


def bound(workload: Workload) -> int:
    """Bytes."""
    batch = workload.batch_size * sum(workload.dimensions)
    arrays = FLOAT_BYTES * (PARAMETERS * workload.parameters + batch)
    return INDEX_BYTES * workload.n_rows + arrays + ANYTHING_ELSE


def measure(
    workloads: Iterable[Workload] = tuple(WORKLOADS.values()),
    competitors: Iterable[str] = tuple(COMPETING),
    n_rounds: int = ROUNDS,
) -> dict[str, Any]:
    """Each competitor with one thread, where it does not choose itself, on one workload after the other."""
    figures: dict[Workload, dict[str, list[int]]] = {}
    with Crew(RETURNING_MEMORY) as crew:
        for workload in workloads:
            figures[workload] = {}
            for name in competitors:
                if worker := crew.prepared(settings_of(name, "training", workload)[0], "training", workload):
                    worker.run(1)
                    figures[workload][name] = [worker.peak_growth() for _ in range(n_rounds)]
    return result_of(figures)


def result_of(figures: Mapping[Workload, Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    """What is written down: the figures (bytes by round), and where they come from."""
    return {
        "unit": "bytes",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule", "numba", *PEERS]),
        "workloads": {
            workload.name: {
                "workload": asdict(workload),
                "bound": bound(workload),
                "competitors": {
                    name: {"median": statistics.median(rounds), "rounds": list(rounds)}
                    for name, rounds in by_name.items()
                },
            }
            for workload, by_name in figures.items()
        },
    }


def table(result: Mapping[str, Any]) -> str:
    """A line for each workload and a column for each competitor, for a terminal."""
    names = list(dict.fromkeys(name for row in result["workloads"].values() for name in row["competitors"]))
    lines = [f"{'Peak memory of a fit, MB':26} {'bound':>8} " + " ".join(f"{name:>19}" for name in names)]
    for workload, row in result["workloads"].items():
        taken = (row["competitors"].get(name) for name in names)
        cells = (f"{found['median'] / 1e6:19.1f}" if found else " " * 19 for found in taken)
        lines.append(f"{workload:26} {row['bound'] / 1e6:8.1f} " + " ".join(cells))
    return "\n".join(lines)
