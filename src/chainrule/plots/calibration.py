"""The reliability diagram: of the rows to which a probability was given, how often was it right?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.plots.style import BLUE, GREY, new_figure, plain, styled, title
from chainrule.validation import whole_number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Reliability", "plot_calibration", "reliability"]

NORMAL_95 = NormalDist().inv_cdf(0.975)
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """Predicted probabilities and observed frequencies, by bins of equal width.

    Attributes
    ----------
    edges : array of shape (bins + 1,)
        From 0 to 1.
    counts : array of int of shape (bins,)
        Rows in each bin.
    predicted, observed : array of shape (bins,)
        The mean probability of those rows and the share that came true; NaN in an empty bin.
    low, high : array of shape (bins,)
        A 95 % interval for that share, after Wilson.
    """

    edges: Array
    counts: Array
    predicted: Array
    observed: Array
    low: Array
    high: Array

    @property
    def expected_error(self) -> float:
        """The mean distance of predicted and observed over the rows: the expected calibration error.

        Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017, eq. 3.
        """
        filled = self.counts > 0
        gaps = np.abs(self.predicted - self.observed)[filled]
        return float(np.average(gaps, weights=self.counts[filled]))


def reliability(came_true: Any, probabilities: Any, bins: int = 10) -> Reliability:
    """Compare probabilities with what came true.

    Parameters
    ----------
    came_true : array of bool of shape (n,)
        Whether it did.
    probabilities : array of shape (n,)
        What it was given, between 0 and 1.
    bins : int
        Bins of equal width, at least 1; the upper edge belongs to the bin below it only at 1.

    Raises
    ------
    InvalidArgument
        If there are no rows, the shapes differ, or a number is no probability.
    """
    true, p = np.asarray(came_true, dtype=bool), np.asarray(probabilities, dtype=float)
    n_bins = whole_number("bins", bins, minimum=1)
    if true.shape != p.shape or p.ndim != 1 or not len(p):
        raise InvalidArgument(f"Each row needs one probability and whether it came true; got {p.shape}, {true.shape}.")
    if not ((p >= 0) & (p <= 1 + 1e-6)).all():
        raise InvalidArgument("Probabilities lie between 0 and 1.")
    at = np.minimum((p * n_bins).astype(np.intp), n_bins - 1)
    counts = np.bincount(at, minlength=n_bins)
    with np.errstate(invalid="ignore", divide="ignore"):
        predicted = np.bincount(at, p, n_bins) / counts
        observed = np.bincount(at, true, n_bins) / counts
        low, high = _wilson(observed, counts)
    return Reliability(np.linspace(0, 1, n_bins + 1), counts, predicted, observed, low, high)


def _wilson(share: Array, n: Array) -> tuple[Array, Array]:
    """Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927)."""
    z = NORMAL_95
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.minimum(centre - half, share), np.maximum(centre + half, share)


def plot_calibration(truth: Any, probabilities: Any, classes: Sequence[Any], *, bins: int = 10) -> Figure:
    """Draw observed frequencies over predicted probabilities, with the number of rows in each bin below.

    With two classes it is the probability of the second; with more, that of the class that was decided.

    Parameters
    ----------
    truth : array of int of shape (n,)
        The number of each row's class.
    probabilities : array of shape (n, k), or (n, 1) for two classes
        What the network gave.
    classes : sequence
        The names of the classes.
    bins : int
        Bins of equal width.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidArgument
        As in `reliability`.
    MissingExtra
        If matplotlib is not installed.
    """
    outputs, numbers = np.asarray(probabilities, dtype=float), np.asarray(truth)
    if outputs.ndim != 2 or outputs.shape[1] not in (1, len(classes)):
        raise InvalidArgument(f"{len(classes)} classes need probabilities of as many columns; got {outputs.shape}.")
    if len(classes) == 2:
        came_true, p = numbers == 1, outputs[:, -1]
        what = f"probability of {plain(classes[1])}"
        label, observed = f"predicted {what}", f"share that is {plain(classes[1])}"
    else:
        came_true, p = numbers == outputs.argmax(axis=1), outputs.max(axis=1)
        label, observed = "probability of the predicted class", "share that is right"
    return _drawn(reliability(came_true, p, bins), label, observed)


def _drawn(found: Reliability, label: str, observed: str) -> Figure:
    with styled():
        figure = new_figure(5.6, 6.4)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
        above.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1.2, label="as predicted")
        filled = found.counts > 0
        x, y = found.predicted[filled], found.observed[filled]
        errors = np.maximum([y - found.low[filled], found.high[filled] - y], 0)
        above.errorbar(
            x, y, errors, fmt="o", color=BLUE, elinewidth=1.2, capsize=3, markersize=6, label="observed, 95 % interval"
        )
        above.set(ylabel=observed, xlim=(-0.02, 1.02), ylim=(-0.03, 1.03))
        above.grid(True)
        above.legend(loc="best")
        rows = int(found.counts.sum())
        title(above, "Calibration", f"expected calibration error {found.expected_error:.3f}, {rows:,} rows")
        _draw_counts(below, found)
        below.set(xlabel=label, ylabel="rows")
    return figure


def _draw_counts(axes: Any, found: Reliability) -> None:
    width = np.diff(found.edges)
    axes.bar(found.edges[:-1], found.counts, width=width, align="edge", color=BLUE, alpha=0.35, edgecolor="white")
    most = max(int(found.counts.max()), 1)
    small = 8 if len(found.counts) <= 12 else 6
    for left, step, count in zip(found.edges[:-1], width, found.counts, strict=True):
        if count and len(found.counts) <= 20:
            axes.annotate(
                f"{count:,}" if count < 1e5 else f"{count:.0e}",
                (left + step / 2, count),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=small,
                color="0.25",
            )
    axes.set_ylim(0, 1.28 * most)
    axes.yaxis.get_major_locator().set_params(nbins=3, integer=True)
