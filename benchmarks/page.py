"""The tables of docs/performance.md, made from the results: ``python -m benchmarks.page`` writes them into the page.

Each stands between two comments, ``<!-- results: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.competitors import COMPILED_ENGINE, NUMPY_ENGINE, OURS
from benchmarks.pictures import STATIC, time_said
from benchmarks.prediction import described as described_call
from benchmarks.record import RESULTS
from benchmarks.rounds import Ratio
from benchmarks.targets import wanted

__all__ = ["PAGE", "TABLES", "filled"]

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"

BLOCK = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

PEERS = ("scikit-learn", "PyTorch", "JAX")


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, the first column to the left and the others to the right."""
    marks = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, marks, *rows))


def training(result: Mapping[str, Any]) -> str:
    """Times with multiples of the floor, and ratios of the peers to each of our engines."""
    workloads = result["workloads"]
    names = [name for name in (*OURS, *PEERS) if any(name in row["competitors"] for row in workloads.values())]
    times = markdown(
        ["", "floor", *names],
        (
            [name, time_said(row["floor"]["median"]), *(_beside_floor(row["competitors"].get(n)) for n in names)]
            for name, row in workloads.items()
        ),
    )
    engines = [name for name in OURS if name in names]
    peers = [name for name in PEERS if name in names]
    stand = markdown(
        ["", *(f"{peer} / {engine.removeprefix('chainrule, ')}" for engine in engines for peer in peers)],
        (
            [name, *(_ratio(row["ratios"].get(engine, {}).get(peer)) for engine in engines for peer in peers)]
            for name, row in workloads.items()
        ),
    )
    share = markdown(
        ["share of the sgemm rate", *names],
        ([name, *(_share(row["competitors"].get(n)) for n in names)] for name, row in workloads.items()),
    )
    return (
        f"Time of a step, and in brackets how many times its floor that is:\n\n{times}\n\n"
        f"How many times as long as ours a peer's step takes, with the lowest and the highest round:\n\n{stand}\n\n"
        f"{share}\n\n{_measured(result)}"
    )


def _beside_floor(row: Mapping[str, Any] | None) -> str:
    return f"{time_said(row['median'])} ({row['times the floor']['median']:.3g})" if row else ""


def _share(row: Mapping[str, Any] | None) -> str:
    return f"{100 * row['share of sgemm']['median']:.1f} %" if row else ""


def _ratio(found: Mapping[str, float] | None) -> str:
    return str(Ratio(**found)) if found else ""


def _measured(result: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items() if version)
    machine = result["machine"]
    return f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; {versions}."


def prediction(result: Mapping[str, Any]) -> str:
    """Times of calls, with each other's ratio."""
    others = [COMPILED_ENGINE, *PEERS, "ONNX Runtime"]
    rows = []
    for call in result["calls"]:
        ratios = call["ratios"][NUMPY_ENGINE]
        ours = time_said(call["competitors"][NUMPY_ENGINE]["median"])
        rows.append([described_call(call), ours, *(_ratio(ratios.get(other)) for other in others)])
    return markdown(["", NUMPY_ENGINE, *others], rows)


def first_result(result: Mapping[str, Any]) -> str:
    """Seconds and ratios."""
    ratios = result["ratios"][NUMPY_ENGINE]
    rows = [[name, f"{row['median']:.2f} s", _ratio(ratios.get(name))] for name, row in result["competitors"].items()]
    return markdown(["", "first result", "times the NumPy engine's"], rows)


def memory(result: Mapping[str, Any]) -> str:
    """Megabytes beside the bound."""
    workloads = result["workloads"]
    names = [name for name in (*OURS, *PEERS) if any(name in row["competitors"] for row in workloads.values())]
    rows = (
        [name, _megabytes(row["bound"]), *(_megabytes(row["competitors"][n]["median"]) for n in names)]
        for name, row in workloads.items()
    )
    return markdown(["", "bound", *names], rows)


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.1f} MB"


def scaling(result: Mapping[str, Any]) -> str:
    """The exponents."""
    engines = [name for name in (NUMPY_ENGINE, COMPILED_ENGINE) if name in result["curves"][0]["engines"]]
    rows = (
        [curve["title"], *(f"{curve['engines'][name]['exponent']:.2f}" for name in engines)]
        for curve in result["curves"]
    )
    return markdown(["exponent of the cost", *engines], rows)


def targets(result: Mapping[str, Any]) -> str:
    """What was wanted and what was found."""
    answers = {True: "met", False: "not met", None: "not measured"}
    rows = (
        [
            f"{row['engine']}, {row['target']}",
            wanted(row),
            f"{Ratio(**row['found'])}, {row['beside']}" if row["found"] else "",
            answers[row["met"]],
        ]
        for row in result["targets"]
    )
    return markdown(["target", "wanted", "found", ""], rows)


def tricks(result: Mapping[str, Any]) -> str:
    """One row for each trick, with all workloads on which it was tried."""
    workloads: dict[tuple[str, str, str], list[str]] = {}
    for row in result["tricks"]:
        said = f"{row['workload']} {Ratio(**row['ratio'])}"
        workloads.setdefault((row["engine"], row["trick"], row["instead"]), []).append(said)
    rows = [[trick, instead, engine, "; ".join(said)] for (engine, trick, instead), said in workloads.items()]
    body = markdown(["trick", "without it", "engine", "times as long without it"], rows)
    return f"{body}\n\n{_measured(result)}"


TABLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "training": training,
    "prediction": prediction,
    "first_result": first_result,
    "memory": memory,
    "scaling": scaling,
    "targets": targets,
    "tricks": tricks,
}
"""What makes the table of each question."""

PICTURES = {"training": ("speed.svg", "Steps beside their floor"), "scaling": ("scaling.svg", "Costs over sizes")}
"""The picture above a table, and what is read where it cannot be seen."""


def filled(page: str, results: Path = RESULTS) -> str:
    """The page with the tables of the results that there are."""
    return BLOCK.sub(lambda found: f"{found[1]}{_block(found[2], results)}\n{found[3]}", page)


def _block(name: str, results: Path) -> str:
    path = results / f"{name}.json"
    if not path.exists():
        return f"Not measured yet; `python -m benchmarks {name}` does."
    table = TABLES[name](json.loads(path.read_text(encoding="utf-8")))
    picture, said = PICTURES.get(name, ("", ""))
    return f"![{said}](_static/{picture})\n\n{table}" if picture and (STATIC / picture).exists() else table


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
