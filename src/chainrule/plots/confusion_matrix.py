"""The confusion matrix as a picture: which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import InvalidArgument, require
from chainrule.functions.arrays import Array
from chainrule.plots.style import SEQUENTIAL, new_figure, plain, styled, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_confusion_matrix"]

MOST_NUMBERS = 25
"""Up to so many classes the counts are written into the fields."""

MOST_NAMES = 60
"""Up to so many classes each has its name at the axes."""


def plot_confusion_matrix(counts: Any, classes: Sequence[Any], *, name: str = "") -> Figure:
    """Draw how many rows of each class were taken for each class.

    A field's colour is its share of the rows of its true class, so that rare classes are seen as well as frequent ones.

    Parameters
    ----------
    counts : array of shape (k, k)
        Rows of class i that were taken for class j, or their weights; see
        `chainrule.training.classification.confusion_matrix`.
    classes : sequence of length k
        The names of the classes.
    name : str
        What the classes are of, such as the target column's name.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidArgument
        If the shapes do not fit.
    MissingExtra
        If matplotlib is not installed.
    """
    table = np.asarray(counts, dtype=float)
    k = len(classes)
    if k < 2 or table.shape != (k, k):
        raise InvalidArgument(f"{k} classes need counts of shape ({k}, {k}), at least (2, 2); got {table.shape}.")
    support = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, support, out=np.zeros_like(table), where=support > 0)
    side = float(np.clip(1.8 + 0.5 * k, 3.2, 13))
    with styled():
        figure = new_figure(side + 2.0, side + 0.9)
        axes = figure.subplots()
        # the root of the share, so that a few rows in a hundred are seen
        norm = require("matplotlib.colors", "plot").PowerNorm(0.5, vmin=0, vmax=1)
        picture = axes.imshow(shares, cmap=SEQUENTIAL, norm=norm, interpolation="nearest")
        _write_counts(axes, table, shares, side)
        _name_classes(axes, classes, side)
        axes.set(xlabel=_axis("predicted", name), ylabel=_axis("true", name))
        axes.spines[:].set_visible(False)
        bar = figure.colorbar(
            picture,
            ax=axes,
            shrink=0.8,
            aspect=25,
            pad=0.02,
            format="{x:.0%}",
            ticks=[0, 0.01, 0.05, 0.1, 0.25, 0.5, 1],
        )
        bar.set_label("share of the true class")
        bar.outline.set_visible(False)
        right, total = float(np.trace(table)), float(table.sum())
        accuracy = f"accuracy {right / total:.1%}" if total else "no rows"
        title(axes, "Confusion matrix", f"{_count(right)} of {_count(total)} right, {accuracy}")
    return figure


def _write_counts(axes: Any, table: Array, shares: Array, side: float) -> None:
    k = len(table)
    if k > MOST_NUMBERS:
        return
    longest = max(len(_count(value)) for value in table.flat)
    size = min(10.0, 72 * (side - 1.2) / k / (0.75 * max(longest, 2)))
    for i in range(k):
        for j in range(k):
            if table[i, j]:
                ink = "white" if shares[i, j] > 0.3 else "black"
                axes.text(j, i, _count(table[i, j]), ha="center", va="center", color=ink, fontsize=size)


def _name_classes(axes: Any, classes: Sequence[Any], side: float) -> None:
    k = len(classes)
    step = -(-k // MOST_NAMES)
    names = [plain(name) for name in classes][::step]
    size = float(np.clip(72 * side / k * step * 0.55, 5.5, 10))
    lengthy = max(map(len, names)) * size * 0.62 > 72 * (side - 1.2) / k * step
    turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if lengthy else {}
    axes.set_xticks(range(0, k, step), names, fontsize=size, **turned)
    axes.set_yticks(range(0, k, step), names, fontsize=size)
    axes.tick_params(length=0)


def _axis(kind: str, name: str) -> str:
    return f"{kind} {plain(name, 40)}" if name else f"{kind} class"


def _count(value: float) -> str:
    """Whole numbers as they are; sums of weights with three digits."""
    if value == round(value):
        return f"{value:,.0f}" if value < 1e6 else f"{value:.3g}"
    return f"{value:.3g}"
