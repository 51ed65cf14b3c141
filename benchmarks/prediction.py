"""How long does predict take, for one row and for 200,000, beside the peers and ONNX Runtime?

From an array of NumPy to an array of NumPy, through the networks of two workloads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks import contest
from benchmarks.competitors import COMPETITORS, NUMPY_ENGINE
from benchmarks.contest import Contest, Crew, run_contest
from benchmarks.record import PEERS, machine, versions
from benchmarks.rounds import Ratio
from benchmarks.workload import WORKLOADS, Setting

__all__ = ["measure", "result_of", "table"]

NETWORKS, ROWS = ("digits", "tabular"), (1, 200_000)

ROUNDS = 7


def measure(
    competitors: Iterable[str] = tuple(COMPETITORS), rows: Iterable[int] = ROWS, n_rounds: int = ROUNDS
) -> dict[str, Any]:
    """Every network with every number of rows, in the same workers."""
    with Crew() as crew:
        return result_of(
            {
                (name, n): run_contest(crew, ("prediction", WORKLOADS[name], n), competitors, n_rounds)
                for name in NETWORKS
                for n in rows
            }
        )


def result_of(contests: Mapping[tuple[str, int], Contest]) -> dict[str, Any]:
    """What is written down."""
    return {
        "unit": "microseconds a call",
        "machine": machine(),
        "versions": versions(["numpy", "chainrule", *PEERS]),
        "calls": [
            {"network": name, "dimensions": WORKLOADS[name].dimensions, "rows": n, **contest.result_of(found)}
            for (name, n), found in contests.items()
        ],
    }


def table(result: Mapping[str, Any]) -> str:
    """A block for each network and number of rows, for a terminal."""
    lines = [f"{'predict':44} {'us':>11}   times chainrule's with NumPy (lowest to highest round)"]
    for row in result["calls"]:
        lines.append(f"\n{described(row)}")
        for name, figures in row["competitors"].items():
            ratio = row["ratios"][NUMPY_ENGINE].get(name)
            setting = Setting(name, figures["threads"], figures["variant"])
            lines.append(f"  {setting!s:42} {figures['median']:11.1f}   {Ratio(**ratio) if ratio else ''}".rstrip())
    return "\n".join(lines)


def described(row: Mapping[str, Any]) -> str:
    """A call in a line."""
    rows = "1 row" if row["rows"] == 1 else f"{row['rows']:,} rows"
    return f"{rows} through {row['network']} ({'-'.join(map(str, row['dimensions']))})"
