"""A gradient check as a picture: how far off each entry is, a panel for each array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.heat_map import worst
from chainrule.network.layout import Slot
from chainrule.plots.style import DIVERGING, GREY, new_figure, styled, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from chainrule.glassbox.gradient_check import GradientCheck

__all__ = ["plot_gradient_check"]

MOST_COLUMNS = 5
"""Layers that are drawn; of more, those that are worst."""

MOST_LINES = 64
"""Rows, and columns, of an array that are drawn; of more, those that are worst."""

EXACT = 1e-12
"""The end of the colours: what is nearer is drawn alike."""

FEW = 12
"""Up to so many rows or columns each has its number."""

NOTHING, KINK = "#e8e8e8", "#4d4d4d"


def plot_gradient_check(check: GradientCheck) -> Figure:
    """Draw the relative error of every entry: blue where the two gradients agree, red where they do not.

    White is 1e-6, where wrong begins. Entries whose gradient is 0 by both are light grey; those at kinks, which were
    left out, dark grey. Of many layers and of large arrays the worst are drawn, and the picture says so.

    Parameters
    ----------
    check : GradientCheck
        What `check_gradients` gives.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    errors = check.entry_errors()
    dead = (check.numerical == 0) & (check.backpropagated == 0)
    columns = _columns(list(check.layout))
    shown = _worst_columns(columns, errors)
    deepest = max(len(columns[number]) for number in shown)
    with styled():
        widths = [max(_width(slot) for slot in columns[number]) for number in shown]
        heights = [
            max((_height(columns[number][row]) for number in shown if row < len(columns[number])), default=0.5)
            for row in range(deepest)
        ]
        figure = new_figure(max(sum(widths) + 1.2, 6.8), sum(heights) + 0.9)
        axes = figure.subplots(deepest, len(shown), squeeze=False, width_ratios=widths, height_ratios=heights)
        for column, number in enumerate(shown):
            for row in range(deepest):
                place = axes[row, column]
                if row < len(columns[number]):
                    picture = _panel(place, columns[number][row], errors, dead)
                else:
                    place.remove()
        bar = figure.colorbar(picture, ax=axes, shrink=0.8, aspect=30, pad=0.02, ticks=range(-12, 1, 3))
        bar.ax.set_yticklabels(["1e-12", "1e-9", "1e-6", "1e-3", "1"])
        bar.outline.set_visible(False)
        bar.set_label("relative error of an entry")
        few = f" ({len(shown)} of {len(columns)} layers, the worst)" if len(shown) < len(columns) else ""
        figure.suptitle(f"{_headline(check)}{few}", x=0.01, ha="left", fontsize=12, fontweight="bold")
        figure.supxlabel(_legend(check, dead), x=0.01, ha="left", color=GREY, fontsize=9)
    return figure


def _headline(check: GradientCheck) -> str:
    if check.agrees:
        return "Backpropagation agrees with J"
    return f"Backpropagation does not agree with J: relative error {check.overall:.1g}"


def _legend(check: GradientCheck, dead: Array) -> str:
    parts = ["blue: agrees; red: wrong"]
    if dead.any():
        parts.append("light grey: no gradient")
    if check.left_out:
        parts.append("dark grey: at a kink, left out")
    return "; ".join(parts)


def _columns(slots: list[Slot]) -> list[list[Slot]]:
    """The arrays, each w with the vectors that follow it."""
    columns: list[list[Slot]] = []
    for slot in slots:
        if (len(slot.shape) > 1 and min(slot.shape) > 0 and slot.kind == "weight") or not columns:
            columns.append([slot])
        else:
            columns[-1].append(slot)
    return columns


def _worst_columns(columns: list[list[Slot]], errors: Array) -> list[int]:
    largest = [max(float(np.nanmax(errors[slot.slice], initial=0.0)) for slot in column) for column in columns]
    return sorted(sorted(range(len(columns)), key=lambda number: -largest[number])[:MOST_COLUMNS])


def _width(slot: Slot) -> float:
    return float(np.clip(0.24 * min(slot.shape[-1], MOST_LINES) + 0.9, 1.9, 5.0))


def _height(slot: Slot) -> float:
    rows = slot.shape[0] if len(slot.shape) > 1 else 1
    return float(np.clip(0.24 * min(rows, MOST_LINES) + 0.8, 0.95, 5.0))


def _panel(axes: Any, slot: Slot, errors: Array, dead: Array) -> Any:
    own, without = np.atleast_2d(slot.view(errors)), np.atleast_2d(slot.view(dead))
    rows, columns = worst(np.nan_to_num(own), MOST_LINES, 0), worst(np.nan_to_num(own), MOST_LINES, 1)
    own, without = own[np.ix_(rows, columns)], without[np.ix_(rows, columns)]
    values = np.log10(np.maximum(np.where(without, EXACT, own), EXACT))
    axes.set_facecolor(KINK)
    shown = np.ma.masked_invalid(np.where(without, np.nan, values))
    picture = axes.imshow(shown, cmap=DIVERGING, vmin=np.log10(EXACT), vmax=0, aspect="auto", interpolation="nearest")
    if without.any():
        grey = np.ma.masked_where(~without, np.ones(own.shape))
        axes.imshow(grey, cmap=_one_colour(NOTHING), vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.spines[:].set_visible(False)
    matrix = len(slot.shape) > 1
    for axis, numbers in ((axes.xaxis, columns), (axes.yaxis, rows if matrix else rows[:0])):
        axis.set_ticks(range(len(numbers)) if len(numbers) <= FEW else [])
        axis.set_ticklabels([str(number) for number in numbers] if len(numbers) <= FEW else [])
        axis.set_tick_params(length=0, labelsize=8)
    size = f"{slot.shape[0]} x {slot.shape[1]}" if matrix else f"{slot.shape[0]}"
    if own.size < slot.stop - slot.start:
        size += f", the worst {' x '.join(map(str, own.shape if matrix else own.shape[1:]))}"
    title(axes, slot.name, size)
    return picture


def _one_colour(colour: str) -> Any:
    from matplotlib.colors import ListedColormap

    return ListedColormap([colour])
