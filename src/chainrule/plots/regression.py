"""Predicted numbers against true ones, and what is left between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import InvalidArgument, require
from chainrule.functions.arrays import Array
from chainrule.plots.style import (
    BLUE,
    GREY,
    SEQUENTIAL,
    VERMILION,
    new_figure,
    number,
    plain,
    styled,
    title,
    with_commas,
)
from chainrule.training.metrics import R2, Outcome, RootMeanSquaredError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_predicted_against_true", "plot_residuals"]

MOST_DOTS = 4000
"""Beyond, the rows are counted in hexagons: dots would cover each other."""

MOST_BARS = 300
"""Rows whose intervals are drawn."""


def plot_predicted_against_true(
    y: Any, predicted: Any, *, lower: Any = None, upper: Any = None, name: str = "", unit: str = ""
) -> Figure:
    """Draw a dot for each row, at its true number and the predicted one.

    Parameters
    ----------
    y, predicted : array of shape (n,)
        True and predicted numbers.
    lower, upper : array of shape (n,), optional
        The ends of a predicted interval, drawn as bars.
    name, unit : str
        What the numbers are, for the labels.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidArgument
        If there are no rows or the shapes differ.
    MissingExtra
        If matplotlib is not installed.
    """
    truth, guess = _pairs(y, predicted)
    ends = [np.asarray(end, dtype=float) for end in (lower, upper) if end is not None]
    limits = _limits(np.concatenate([truth, guess, *ends]))
    with styled():
        figure = new_figure(5.8, 5.6)
        axes = figure.subplots()
        axes.plot(limits, limits, "--", color=GREY, linewidth=1.2, zorder=3)
        if lower is not None and upper is not None:
            _draw_intervals(axes, truth, *ends)
        _draw_rows(figure, axes, truth, guess)
        axes.set(xlim=limits, ylim=limits, aspect="equal")
        axes.set(xlabel=_label("true", name, unit), ylabel=_label("predicted", name, unit))
        axes.grid(True)
        title(axes, "Predicted against true", _quality(truth, guess, unit))
    return figure


def plot_residuals(y: Any, predicted: Any, *, name: str = "", unit: str = "") -> Figure:
    """Draw what is left, true minus predicted, over the predicted numbers, and how it is distributed.

    Parameters
    ----------
    y, predicted : array of shape (n,)
        True and predicted numbers.
    name, unit : str
        What the numbers are, for the labels.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidArgument, MissingExtra
        As in `plot_predicted_against_true`.
    """
    truth, guess = _pairs(y, predicted)
    residuals = truth - guess
    with styled():
        figure = new_figure(8.2, 4.6)
        axes, beside = figure.subplots(1, 2, sharey=True, width_ratios=[3.4, 1])
        axes.axhline(0, color=GREY, linestyle="--", linewidth=1.2, zorder=3)
        _draw_rows(figure, axes, guess, residuals)
        axes.set(xlabel=_label("predicted", name, unit), ylabel=_label("true \u2212 predicted", "", unit))
        axes.grid(True)
        detail = f"mean {number(residuals.mean())}, standard deviation {number(residuals.std())}"
        title(axes, "Residuals", detail + (f" {plain(unit)}" if unit else ""))
        bins = min(60, max(8, int(len(residuals) ** 0.5)))
        beside.hist(residuals, bins, range=_limits(residuals), orientation="horizontal", color=BLUE, alpha=0.6)
        beside.axhline(0, color=GREY, linestyle="--", linewidth=1.2)
        beside.set_xlabel("rows")
        with_commas(beside.xaxis)
        beside.xaxis.get_major_locator().set_params(nbins=3, integer=True)
    return figure


def _pairs(y: Any, predicted: Any) -> tuple[Array, Array]:
    truth, guess = np.asarray(y, dtype=float), np.asarray(predicted, dtype=float)
    if truth.ndim != 1 or truth.shape != guess.shape or not len(truth):
        raise InvalidArgument(f"Each row needs a true and a predicted number; got {truth.shape} and {guess.shape}.")
    return truth, guess


def _limits(numbers: Array) -> tuple[float, float]:
    low, high = float(numbers.min()), float(numbers.max())
    size = max(abs(low), abs(high)) or 1.0
    margin = 0.04 * (high - low if high - low > 1e-9 * size else size)  # all alike but for rounding
    return low - margin, high + margin


def _draw_rows(figure: Figure, axes: Any, x: Array, y: Array) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        with_commas(axis)
    axes.locator_params(axis="x", nbins=5)  # long numbers stand side by side
    if len(x) <= MOST_DOTS:
        size = float(np.clip(2500 / len(x), 6, 26))
        axes.scatter(x, y, s=size, color=BLUE, alpha=0.55, linewidths=0, zorder=2)
        return
    colours = require("matplotlib", "plot").colormaps[SEQUENTIAL](
        np.linspace(0.25, 1, 256)
    )  # none as pale as the paper
    cmap = require("matplotlib.colors", "plot").ListedColormap(colours)
    hexagons = axes.hexbin(x, y, gridsize=60, mincnt=1, bins="log", cmap=cmap, linewidths=0.1, zorder=2)
    figure.colorbar(hexagons, ax=axes, shrink=0.8, aspect=25, pad=0.02, label="rows")


def _draw_intervals(axes: Any, truth: Array, lower: Array, upper: Array) -> None:
    step = -(-len(truth) // MOST_BARS)
    chosen = np.argsort(truth, kind="stable")[::step]
    axes.vlines(
        truth[chosen], lower[chosen], upper[chosen], color=VERMILION, alpha=0.3, linewidth=1, zorder=1, label="interval"
    )
    axes.legend(loc="upper left")


def _quality(truth: Array, guess: Array, unit: str) -> str:
    outcome = Outcome(truth[:, np.newaxis], guess[:, np.newaxis])
    rmse = f"RMSE {number(float(RootMeanSquaredError().measure(outcome)))}" + (f" {plain(unit)}" if unit else "")
    r2 = f"R² {R2().measure(outcome):.3f}, " if R2().fits(outcome) else ""
    return f"{r2}{rmse}, {len(truth):,} rows"


def _label(kind: str, name: str, unit: str) -> str:
    text = f"{kind} {plain(name, 40)}".strip() if name else kind
    return f"{text} ({plain(unit)})" if unit else text
