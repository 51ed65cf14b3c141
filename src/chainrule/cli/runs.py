"""``chainrule runs``: which runs there are, and what is different about some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from chainrule.cli.output import AsJson, Debug, coloured, print_result
from chainrule.errors import FileFormatError, FileMissing, InvalidArgument
from chainrule.files.run_folder import HISTORY_FILE, RESULTS_FILE, SETTINGS_FILE, RunFolder

__all__ = ["runs"]

COLUMNS = ("run", "table", "task", "started", "epochs", "metric", "value", "state")


def runs(
    *places: Path,
    sort: Literal["name", "started", "metric"] = "started",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the runs of a folder, or compare some.

    Parameters
    ----------
    places: Path
        A folder of runs, by default runs; or two or more run folders, whose settings and figures are compared.
    sort: {"name", "started", "metric"}
        The order of the list; by metric, the best is first within each task.
    """
    if len(places) > 1:
        compared = _compared([RunFolder.opened(place) for place in places])
        print_result(compared, lambda: _comparison_text(compared), as_json)
        return
    rows = [_row(folder) for folder in _found(places[0] if places else Path("runs"))]
    rows.sort(key=lambda row: str(row[{"name": "run"}.get(sort, "started")] or ""))
    if sort == "metric":
        rows.sort(key=lambda row: (row["task"] or "", row["value"] is None, -(row["value"] or 0)))
    print_result({"runs": rows}, lambda: _list_text(rows), as_json)


def _found(place: Path) -> list[RunFolder]:
    if (place / SETTINGS_FILE).is_file():
        return [RunFolder(place)]
    if not place.is_dir():
        raise FileMissing(f"There is no folder {place}. `chainrule train digits` makes the first run, in runs.")
    found = sorted(file.parent for file in place.glob(f"*/{SETTINGS_FILE}"))
    if not found:
        raise FileMissing(f"There is no run in {place}: none of its folders has a {SETTINGS_FILE}.")
    return [RunFolder(path) for path in found]


@dataclass(frozen=True)
class _Figures:
    """What a run says of itself; what is not there yet, or is damaged, is left out."""

    settings: dict[str, Any]
    results: dict[str, Any]
    epochs: int | None
    state: str

    @classmethod
    def of(cls, folder: RunFolder) -> _Figures:
        try:
            state, settings = str(folder.state()), folder.settings
            results = _read(folder, RESULTS_FILE)
            epochs = results.get("epochs", len(_read(folder, HISTORY_FILE).get("epoch", [])))
            return cls(settings, results, epochs, state)
        except FileFormatError:
            return cls({}, {}, None, "damaged")

    @property
    def metric(self) -> tuple[str | None, float | None]:
        held_out = self.results.get("held_out", {})
        name = next((name for name in ("accuracy", "r2") if name in held_out), None)
        return name, None if name is None else held_out[name]


def _read(folder: RunFolder, name: str) -> dict[str, Any]:
    try:
        return folder.read(name)
    except FileMissing:
        return {}


def _row(folder: RunFolder) -> dict[str, Any]:
    figures = _Figures.of(folder)
    metric, value = figures.metric
    table = figures.settings.get("table")
    return {
        "run": str(folder.path),
        "table": None if table is None else Path(str(table)).name,
        "task": figures.results.get("task"),
        "started": figures.results.get("started"),
        "epochs": figures.epochs,
        "metric": metric,
        "value": value,
        "state": figures.state,
    }


def _list_text(rows: Sequence[dict[str, Any]]) -> str:
    shown = [{**row, "started": row["started"] and row["started"][:19].replace("T", " ")} for row in rows]
    cells = [[_cell(row[column]) for column in COLUMNS] for row in shown]
    states = {"finished": "green", "running": "yellow", "failed": "red", "damaged": "red"}
    lines = _aligned([list(COLUMNS), *cells])
    text = [coloured(lines[0], "bold")]
    for line, row in zip(lines[1:], rows, strict=True):
        state = row["state"]
        text.append(line[: -len(state)] + coloured(state, states[state]) if state in states else line)
    return "\n".join(text)


def _compared(folders: Sequence[RunFolder]) -> dict[str, Any]:
    """The settings that are not the same in all runs, and the figures of each."""
    if len({folder.path.resolve() for folder in folders}) < len(folders):
        raise InvalidArgument("A run cannot be compared with itself: give different runs.")
    all_figures = {str(folder.path): _Figures.of(folder) for folder in folders}
    for name, figures in all_figures.items():
        if figures.state == "damaged":
            raise FileFormatError(f"{name} is damaged, and cannot be compared.")
    settings = {
        run: {"table": figures.settings.get("table"), **figures.settings.get("options", {})}
        for run, figures in all_figures.items()
    }
    names = dict.fromkeys(name for each in settings.values() for name in each)
    different = [name for name in names if len({repr(each.get(name)) for each in settings.values()}) > 1]
    return {
        "settings": {name: {run: each.get(name) for run, each in settings.items()} for name in different},
        "figures": {
            name: {run: value(figures) for run, figures in all_figures.items()} for name, value in FIGURES.items()
        },
    }


def _held_out(name: str) -> Any:
    return lambda figures: figures.results.get("held_out", {}).get(name)


FIGURES: dict[str, Any] = {
    "state": lambda figures: figures.state,
    "epochs": lambda figures: figures.epochs,
    "seconds": lambda figures: figures.results.get("seconds"),
    "parameters": lambda figures: figures.results.get("parameters"),
    **{name: _held_out(name) for name in ("accuracy", "log_loss", "r2", "mae", "rmse")},
}
"""What is compared of each run, besides its settings."""


def _comparison_text(compared: dict[str, Any]) -> str:
    figures = {
        name: values for name, values in compared["figures"].items() if any(v is not None for v in values.values())
    }
    names = list(compared["figures"]["state"])
    settings = [[name, *(_cell(values[run]) for run in names)] for name, values in compared["settings"].items()]
    measured = [[name, *(_cell(values[run]) for run in names)] for name, values in figures.items()]
    lines = _aligned([["", *names], *settings, *measured])
    heading, body = lines[0], lines[1:]
    none = [] if settings else ["all settings are the same"]
    return "\n".join([coloured(heading, "bold"), *body[: len(settings)], *none, "", *body[len(settings) :]])


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
