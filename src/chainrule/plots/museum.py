"""A visit to a room of the museum: the curves of the wrong program and the right one, and their gradient checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import require
from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check import AGREEMENT
from chainrule.plots.style import BLUE, GREY, VERMILION, new_figure, styled, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from chainrule.glassbox.museum import Visit

__all__ = ["plot_visit"]

GREEN, PURPLE = "#009E73", "#CC79A7"
"""From the same palette as the two of all pictures, for programs that are neither the wrong nor the right one."""

LOWEST = 1e-12
"""Where the axis of relative errors begins."""

WIDE_RANGE = 30.0
FEW_EPOCHS = 30


def plot_visit(visit: Visit) -> Figure:
    """Draw J and accuracy over the epochs, and the gradient check by array, of each program of a room.

    Parameters
    ----------
    visit : Visit
        From `chainrule.glassbox.museum.visit`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    with styled():
        figure = new_figure(13.2, 4.4)
        figure.set_layout_engine("constrained", h_pad=0.12)
        figure.suptitle(visit.room.title, x=0.01, ha="left", fontsize=13, fontweight="bold")
        loss, score, check = figure.subplots(1, 3, width_ratios=(1, 1, 1))
        _draw_loss(loss, visit)
        _draw_score(score, visit)
        _draw_check(check, visit)
    return figure


def _colours(n: int) -> list[str]:
    """The wrong one first, the right one last."""
    return [VERMILION, *(GREEN, PURPLE)[: n - 2], BLUE][:n] if n > 1 else [VERMILION]


def _draw_loss(axes: Any, visit: Visit) -> None:
    everything = np.empty(0)
    colours = _colours(len(visit.programs))
    for each, colour in zip(visit.programs, colours, strict=True):
        J = np.asarray(each.training.J, float)
        everything = np.concatenate([everything, J[np.isfinite(J)]])
        _line(
            axes, J, colour, "-", _label(each.program.label, each.training.stopped, J), wide=each is visit.programs[0]
        )
    if len(everything) and everything.min() > 0:
        axes.set_yscale("log" if everything.max() / everything.min() > WIDE_RANGE else "linear")
        if axes.get_yscale() == "log":
            axes.yaxis.set_minor_formatter(require("matplotlib.ticker", "plot").NullFormatter())
    title(axes, "Loss", "J of the training rows, as each program prints it")
    axes.set_ylabel("J")
    _epochs(axes)
    axes.legend()


def _label(label: str, stopped: str, J: Array) -> str:
    if stopped:
        return f"{label}: stops"
    finite = np.isfinite(J)
    if finite.all():
        return label
    return (
        f"{label}: nan in each epoch" if not finite.any() else f"{label}: nan from epoch {int(np.argmin(finite)) + 1}"
    )


def _draw_score(axes: Any, visit: Visit) -> None:
    colours = _colours(len(visit.programs))
    percent = visit.recipe.measure == "accuracy"
    lowest = 0.0
    for each, colour in zip(visit.programs, colours, strict=True):
        scale = 100 if percent else 1
        held_out, learned = (scale * np.asarray(s, float) for s in (each.training.held_out, each.training.learned))
        first = each is visit.programs[0]
        _line(axes, learned, colour, ":", None, wide=first)
        _line(axes, held_out, colour, "-", None, wide=first)
        lowest = min(lowest, *held_out, *learned) if len(held_out) else lowest
    title(axes, "Accuracy" if percent else "R2", "of the held-out rows; dotted, of the training rows")
    if percent:
        axes.set_ylim(0, 103)
        axes.set_ylabel("% recognised")
    else:
        axes.set_ylim(max(lowest - 0.1, -5), 1.03)
        axes.set_ylabel("R2")
    _epochs(axes)


def _line(axes: Any, values: Array, colour: str, style: str, label: str | None, *, wide: bool) -> None:
    """A curve; the first program's is wide, so that it can be seen under another that lies on it."""
    marker = "o" if len(values) <= FEW_EPOCHS and style == "-" and not wide else None
    epochs = np.arange(1, len(values) + 1)
    width = 3.6 if wide else 1.5
    axes.plot(epochs, values, style, color=colour, marker=marker, markersize=3, linewidth=width, label=label)


def _epochs(axes: Any) -> None:
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(True)
    axes.margins(x=0.02)


def _draw_check(axes: Any, visit: Visit) -> None:
    checks = [check for check in visit.checks if check.errors]
    names = list(dict.fromkeys(name for check in checks for name in check.errors))
    colours = _colours(len(visit.checks))
    height = min(0.3, 0.8 / max(1, len(checks)))
    for i, check in enumerate(checks):
        errors = np.maximum([check.errors.get(name, np.nan) for name in names], 1.2 * LOWEST)
        at = np.arange(len(names)) + (i - (len(checks) - 1) / 2) * height
        colour = colours[visit.checks.index(check)]
        axes.barh(at, errors, 0.9 * height, left=LOWEST, color=colour, label=check.label)
    axes.axvline(AGREEMENT, color=GREY, linestyle="--", linewidth=1.4)
    axes.annotate(
        "wrong from here on", (AGREEMENT, 1), (4, -3), xycoords=("data", "axes fraction"),
        textcoords="offset points", color=GREY, fontsize=9, va="top",
    )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(LOWEST, 30)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.9)
    axes.set_xlabel("relative error")
    title(axes, "Gradient check", "of a small network of each program, by array")
    axes.grid(True, axis="x")
    if [check.label for check in visit.checks] != [each.program.label for each in visit.programs]:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2, fontsize=9)
