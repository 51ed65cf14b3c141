"""Learning curves: J and every metric over the epochs, of training and validation rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.plots.style import BLUE, GREY, VERMILION, new_figure, plain, styled, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_learning_curves"]

NO_METRICS = ("epoch", "J", "penalty", "learning_rate", "seconds")
"""Columns of a history beside the metrics."""

MOST_METRICS = 7
COLUMNS = 3
FEW_EPOCHS = 30
"""Up to so many, each epoch has a dot."""

WIDE_RANGE = 30.0
"""From this quotient of highest and lowest on, J is drawn over a logarithmic axis."""


def plot_learning_curves(
    history: Mapping[str, Sequence[Any]], *, best_epoch: int | None = None, loss: str = "", unit: str = ""
) -> Figure:
    """Draw J, every metric and, where it changes, the learning rate over the epochs.

    Parameters
    ----------
    history : mapping of str to sequence of float
        As `Network.fit` returns it; ``val_`` in front of a name means the validation rows.
    best_epoch : int, optional
        The epoch whose parameters were kept, marked in each panel.
    loss : str
        What J is, for the label of its axis.
    unit : str
        The unit of the target, for the axes of errors in it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidArgument
        If no epoch was finished.
    MissingExtra
        If matplotlib is not installed.
    """
    epochs = np.asarray(history.get("epoch", []), dtype=float)
    if not len(epochs):
        raise InvalidArgument("There is nothing to draw: the history has no finished epoch.")
    panels = _panels(history)
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    with styled():
        figure = new_figure(max(5.6, 4.4 * columns), 3.6 * rows)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, name in zip(grid, panels, strict=False):
            _draw(axes, epochs, history, name, best_epoch)
            axes.set_ylabel(_label(name, loss, unit))
        for axes in grid[len(panels) :]:
            axes.remove()
    return figure


def _panels(history: Mapping[str, Sequence[Any]]) -> list[str]:
    names = dict.fromkeys(name.removeprefix("val_") for name in history)
    metrics = sorted((name for name in names if name not in NO_METRICS), key="accuracy".__ne__)[:MOST_METRICS]
    rate = _finite(history.get("learning_rate", ()))
    return ["J", *metrics, *(["learning_rate"] if len(rate) and np.ptp(rate) > 0 else [])]


def _draw(axes: Any, epochs: Array, history: Mapping[str, Sequence[Any]], name: str, best_epoch: int | None) -> None:
    marker = "o" if len(epochs) <= FEW_EPOCHS else None
    lines = [(name, BLUE, "-", "training rows"), (f"val_{name}", VERMILION, "--", "validation rows")]
    drawn = [line for line in lines if line[0] in history and len(_finite(history[line[0]]))]
    for column, colour, style, label in drawn:
        values = np.asarray(history[column], dtype=float)
        axes.plot(epochs, values, style, color=colour, marker=marker, markersize=3.5, linewidth=1.8, label=label)
    everything = np.concatenate([np.empty(0), *(_finite(history[line[0]]) for line in drawn)])
    if name in ("J", "learning_rate") and len(everything) and everything.min() > 0:
        axes.set_yscale("log" if everything.max() / everything.min() > WIDE_RANGE else "linear")
    if best_epoch is not None and name != "learning_rate":
        axes.axvline(best_epoch, color=GREY, linestyle=":", linewidth=1.4, label=f"kept: epoch {best_epoch}")
    title(axes, {"J": "Loss", "learning_rate": "Learning rate"}.get(name, plain(name.replace("_", " "), 40)))
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(True)
    axes.margins(x=0.02)
    if len(axes.get_lines()) > 1:
        axes.legend()


def _label(name: str, loss: str, unit: str) -> str:
    if name == "J":
        return f"J ({loss})" if loss else "J"
    in_units = f" ({plain(unit)})" if unit and name in ("mae", "rmse") else ""
    return plain(name.replace("_", " "), 40) + in_units


def _finite(values: Sequence[Any]) -> Array:
    numbers = np.asarray(values, dtype=float)
    finite: Array = numbers[np.isfinite(numbers)]
    return finite
