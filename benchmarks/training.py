"""How long does a training step take, beside the peers and beside what the machine could do?

Six workloads, from 67 parameters to 5.8 million; see `WORKLOADS`, and `benchmarks.contest` for how they are measured.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import contest
from benchmarks.competitors import COMPETITORS, OURS
from benchmarks.contest import Contest, Crew, run_contest
from benchmarks.floors import COPY, SGEMM, MachineRates, floors, sgemm_shares
from benchmarks.record import PEERS, machine, versions
from benchmarks.rounds import Ratio, ratio
from benchmarks.workload import WORKLOADS, Setting, Workload

__all__ = ["draw", "measure", "result_of", "table"]

COMPETING = [name for name in COMPETITORS if name != "ONNX Runtime"]

ROUNDS = 7


def measure(
    workloads: Iterable[Workload] = tuple(WORKLOADS.values()),
    competitors: Iterable[str] = tuple(COMPETING),
    n_rounds: int = ROUNDS,
) -> dict[str, Any]:
    """One contest after the other, in the same workers."""
    rates = MachineRates()
    others = {
        (SGEMM, 1): partial(rates.operations_a_second, 1),
        (SGEMM, 2): partial(rates.operations_a_second, 2),
        (COPY, 1): rates.bytes_a_second,
    }
    with Crew() as crew:
        return result_of({w: run_contest(crew, ("training", w), competitors, n_rounds, others) for w in workloads})


def result_of(contests: Mapping[Workload, Contest]) -> dict[str, Any]:
    """What is written down."""
    return {
        "unit": "microseconds a step",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule", "numba", *PEERS]),
        "workloads": {workload.name: _result_of(workload, found) for workload, found in contests.items()},
    }


def _result_of(workload: Workload, found: Contest) -> dict[str, Any]:
    result = contest.result_of(found)
    floor = floors(workload, found.others)
    for setting, figures in found.figures.items():
        shares = sgemm_shares(workload, found.others, figures)
        result["competitors"][setting.competitor] |= {
            "times the floor": ratio(figures, floor)._asdict(),
            "share of sgemm": Ratio.of(shares)._asdict(),
        }
    return {
        "workload": asdict(workload)
        | {
            "steps of an epoch": workload.steps_per_epoch,
            "parameters": workload.parameters,
            "operations of a step": workload.operations,
            "bytes of an update": workload.update_bytes,
        },
        "floor": {"median": statistics.median(floor), "rounds": floor},
        "rates": {f"{name}, {threads} thread(s)": rounds for (name, threads), rounds in found.others.items()},
        **result,
    }


def table(result: Mapping[str, Any]) -> str:
    """A block for each workload, for a terminal."""
    lines = [
        f"{'A training step':44} {'us':>9} {'x floor':>8} {'% sgemm':>8}   "
        "peer / NumPy engine    peer / compiled engine (lowest to highest round)"
    ]
    for row in result["workloads"].values():
        lines.append(f"\n{described(row['workload'])}; floor {row['floor']['median']:.3g} us")
        for name, figures in row["competitors"].items():
            setting = Setting(name, figures["threads"], figures["variant"])
            ratios = [row["ratios"].get(ours, {}).get(name) for ours in OURS]
            lines.append(
                f"  {setting!s:42} {figures['median']:9.1f} {figures['times the floor']['median']:8.1f} "
                f"{100 * figures['share of sgemm']['median']:8.1f}   "
                + " ".join(f"{str(Ratio(**found)) if found else '':<22}" for found in ratios).rstrip()
            )
    return "\n".join(line.rstrip() for line in lines)


def described(workload: Mapping[str, Any]) -> str:
    """A workload in a line."""
    dimensions = "-".join(map(str, workload["dimensions"]))
    rule = {"sgd": "SGD", "adam": "Adam"}[workload["optimizer"]]
    return (
        f"{workload['name']}: {dimensions}, {workload['n_rows']:,} rows, batches of {workload['batch_size']:,}, {rule}"
    )


def draw(result: Mapping[str, Any]) -> Path:
    """Write the picture of the results."""
    from benchmarks.pictures import draw_speed

    return draw_speed(result)
