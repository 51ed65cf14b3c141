"""The pictures of the results, in the look of all pictures of chainrule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.competitors import COMPILED_ENGINE, NUMPY_ENGINE
from chainrule.plots.figure_file import save_figure
from chainrule.plots.style import BLUE, GREY, VERMILION, new_figure, styled, title

__all__ = ["STATIC", "draw_scaling", "draw_speed"]

STATIC = Path(__file__).parents[1] / "docs" / "_static"
"""Where the documentation has its pictures."""

LIGHT_BLUE, GREEN, ORANGE = "#56B4E9", "#009E73", "#E69F00"
"""From the palette of Okabe and Ito, as `BLUE` and `VERMILION` are."""

LOOKS = {
    COMPILED_ENGINE: ("o", BLUE),
    NUMPY_ENGINE: ("o", LIGHT_BLUE),
    "JAX": ("s", GREEN),
    "PyTorch": ("^", VERMILION),
    "scikit-learn": ("D", ORANGE),
}
"""Marker and colour of each competitor."""

APART = 0.165
"""Between two competitors of a workload, whose rows are 1 apart."""


def draw_speed(result: Mapping[str, Any], path: Path = STATIC / "speed.svg") -> Path:
    """Draw how many times its floor a step takes, by workload and competitor."""
    rows = list(result["workloads"].values())
    with styled():
        figure = new_figure(8, 1.2 + 0.95 * len(rows))
        axes = figure.add_subplot()
        for place, row in enumerate(rows):
            _workload(axes, place, row)
        axes.axvline(1, color="black", linewidth=1)
        axes.set_xscale("log")
        axes.set_xlim(0.8, 1.5 * axes.get_xlim()[1])  # the last figure is written behind its mark
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.grid(axis="x")
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [_label(row) for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("time of a training step, as a multiple of the floor: left is fast")
        machine = result["machine"]
        title(axes, "A training step beside the floor that the machine sets", _machine(machine))
        handles, labels = axes.get_legend_handles_labels()
        named = dict(zip(labels, handles, strict=True))
        shown = [name for name in LOOKS if name in named]
        figure.legend([named[name] for name in shown], shown, loc="outside lower center", ncols=len(shown))
        save_figure(figure, path)
    return path


def _workload(axes: Any, place: int, row: Mapping[str, Any]) -> None:
    """A line of the picture: each competitor a little below the one before, so that all are seen."""
    if place:
        axes.axhline(place - 0.5, color="0.9", linewidth=0.8)
    names = [name for name in LOOKS if name in row["competitors"]]
    for i, name in enumerate(names):
        marker, colour = LOOKS[name]
        found = row["competitors"][name]["times the floor"]
        y = place + (i - (len(names) - 1) / 2) * APART
        axes.plot([found["lowest"], found["highest"]], [y, y], color=colour, linewidth=1.5)
        axes.plot(found["median"], y, marker=marker, color=colour, markersize=6.5, linestyle="none", label=name)
        ours = name in (COMPILED_ENGINE, NUMPY_ENGINE)
        axes.annotate(
            time_said(row["competitors"][name]["median"]),
            (found["highest"], y),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
            color="black" if ours else GREY,
        )


def _label(row: Mapping[str, Any]) -> str:
    workload = row["workload"]
    dimensions = "-".join(map(str, workload["dimensions"]))
    return (
        f"{workload['name']}\n{dimensions}, batch {workload['batch_size']:,}\nfloor {time_said(row['floor']['median'])}"
    )


def _machine(machine: Mapping[str, Any]) -> str:
    return (
        f"{machine['processor']}, {machine['cores']} cores; floor: operations at its sgemm rate, bytes at its copy rate"
    )


def time_said(microseconds: float) -> str:
    """Two or three digits with their unit."""
    size, unit = (microseconds / 1e3, "ms") if microseconds >= 1e3 else (microseconds, "µs")
    return f"{size:.0f} {unit}" if size >= 100 else f"{size:.2g} {unit}"


def draw_scaling(result: Mapping[str, Any], path: Path = STATIC / "scaling.svg") -> Path:
    """Draw what a fit or a step costs over each of the sizes, beside a cost that is proportional to it."""
    with styled():
        figure = new_figure(9, 6.4)
        figure.get_layout_engine().set(h_pad=0.12, w_pad=0.08)
        panels = figure.subplots(2, 2).flat
        for axes, curve in zip(panels, result["curves"], strict=True):
            _curve(axes, curve)
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
        save_figure(figure, path)
    return path


def _curve(axes: Any, curve: Mapping[str, Any]) -> None:
    said = []
    for name, engine in curve["engines"].items():
        marker, colour = LOOKS[name]
        axes.plot(curve["sizes"], engine["costs"], marker=marker, color=colour, markersize=4.5, label=name)
        said.append(f"{name.removeprefix('chainrule, ')} {engine['exponent']:.2f}")
    sizes = np.asarray(curve["sizes"], dtype=float)
    last = max(engine["costs"][-1] for engine in curve["engines"].values())
    axes.plot(sizes, 1.6 * last * sizes / sizes[-1], "--", color=GREY, linewidth=1, label="proportional")
    lowest = min(min(engine["costs"]) for engine in curve["engines"].values())
    axes.set(xscale="log", yscale="log", xlabel=curve["size"], ylabel=curve["cost"])
    axes.set_ylim(lowest / 2, 3 * last)
    axes.grid()
    title(axes, curve["title"], f"exponent over the larger half: {', '.join(said)}")
