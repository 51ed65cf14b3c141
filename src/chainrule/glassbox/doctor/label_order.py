"""Whether y has to do with x at all: tried with the nearest rows, and with a straight line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array, Rows

__all__ = ["LabelOrder", "label_order", "told_by_line"]

MOST_ROWS = 1_000
"""Rows that are compared with each other."""

MOST_COLUMNS = 1_000
"""Columns that a line and a distance take; of more, so many are drawn by chance."""

LEAST_SHARE = 0.3
"""A class that has less than this share of the rows that it would have if all had as many is left out: its few rows
have few neighbours, by which nothing is shown."""

RIDGE = 1.0
"""The penalty of the straight line, on standardised columns: small beside hundreds of rows, and enough for fewer rows
than columns."""


@dataclass(frozen=True)
class LabelOrder:
    """How much of y can be told from x, in standard deviations of what chance gives.

    Attributes
    ----------
    neighbours : float
        By how much more often the nearest other row has the same class, or how much more alike its number is.
    line : float
        By how much a line, fitted to one half of the rows, tells the other half better.
    agreement, chance : float
        The share of rows whose nearest other row has the same class, and what chance would give; for numbers the
        correlation with the nearest other row's, and 0.
    """

    neighbours: float
    line: float
    agreement: float
    chance: float

    @property
    def strongest(self) -> float:
        """The larger of the two."""
        return max(self.neighbours, self.line)


UNKNOWN = LabelOrder(math.inf, math.inf, math.nan, math.nan)
"""Of rows of which all but a few have one class, nothing can be told."""


def label_order(x: Array, y: Array, labels: Rows | None) -> LabelOrder:
    """Look at rows x (n, d) with the classes `labels` or, where there are none, the targets y (n, k)."""
    if labels is not None:
        counts = np.bincount(labels)
        frequent = np.flatnonzero(counts >= LEAST_SHARE * len(labels) / np.count_nonzero(counts))
        of_them = np.isin(labels, frequent)
        x, labels = x[of_them], np.searchsorted(frequent, labels[of_them])
        if len(frequent) < 2:
            return UNKNOWN
    if len(x) < 2:
        return UNKNOWN  # a row alone has no nearest one
    chosen = np.random.default_rng(0).permutation(len(x))[:MOST_ROWS]
    columns = _standardized(x[chosen][:, _columns(x)].astype(np.float64))
    if labels is None:
        targets = _standardized(y[chosen].astype(np.float64))[:, :1]
        return _of_numbers(columns, targets[:, 0])
    return _of_classes(columns, labels[chosen])


def told_by_line(
    x: Array, y: Array, new_x: Array, new_y: Array, labels: tuple[Rows | None, Rows | None] | None
) -> float:
    """How much better than by chance a line, fitted to rows x, tells the y of new rows, in standard deviations.

    Parameters
    ----------
    x, y, new_x, new_y : array of shape (n, d), (n, k), (m, d) and (m, k)
        Rows and their targets.
    labels : pair of array of int, or None
        The classes of both, where y holds classes.
    """
    some = _columns(x)
    x, new_x = x[:, some].astype(np.float64), new_x[:, some].astype(np.float64)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    columns, new = ((rows - mean) / np.where(deviation > 0, deviation, 1) for rows in (x, new_x))
    if labels is not None and labels[0] is not None and labels[1] is not None:
        k = int(max(labels[0].max(), labels[1].max())) + 1
        return _right_by_line(columns, labels[0], new, labels[1], np.bincount(labels[1], minlength=k) / len(new))
    guesses = _line(columns, y[:, :1], new)[:, 0]
    return _correlation(new_y[:, 0], guesses) * math.sqrt(len(new))


def _columns(x: Array) -> slice | Rows:
    """All columns or, where there are very many, some."""
    d = x.shape[1]
    if d <= MOST_COLUMNS:
        return slice(None)
    drawn: Rows = np.sort(np.random.default_rng(0).permutation(d)[:MOST_COLUMNS])
    return drawn


def _of_classes(x: Array, labels: Rows) -> LabelOrder:
    n = len(x)
    nearest = _nearest(x)
    agreement = float((labels[nearest] == labels).mean())
    shares = np.bincount(labels) / n
    chance = float((shares * shares).sum())
    deviation = math.sqrt(max(chance * (1 - chance), 1e-12) / n)
    halves = [_right_by_line(x[train], labels[train], x[test], labels[test], shares) for train, test in _halves(n)]
    return LabelOrder((agreement - chance) / deviation, sum(halves) / math.sqrt(2), agreement, chance)


def _right_by_line(x: Array, labels: Rows, new: Array, truth: Rows, shares: Array) -> float:
    """By how much more often than by chance a line is right, in standard deviations; classes have these shares."""
    one_hot = np.eye(len(shares))[labels]
    guesses = np.argmax(_line(x, one_hot, new), axis=1)
    right, expected = float((guesses == truth).mean()), float(shares[guesses].mean())
    return (right - expected) / math.sqrt(max(expected * (1 - expected), 1e-12) / len(new))


def _of_numbers(x: Array, y: Array) -> LabelOrder:
    n = len(x)
    agreement = _correlation(y, y[_nearest(x)])
    guesses = np.empty(n)
    for train, test in _halves(n):
        guesses[test] = _line(x[train], y[train, np.newaxis], x[test])[:, 0]
    return LabelOrder(agreement * math.sqrt(n), _correlation(y, guesses) * math.sqrt(n), agreement, 0.0)


def _nearest(x: Array) -> Rows:
    """The number of each row's nearest other row; of rows that are alike, one with another place."""
    squares = (x * x).sum(axis=1)
    distances = squares[:, np.newaxis] + squares - 2 * x @ x.T
    np.fill_diagonal(distances, np.inf)
    nearest: Rows = np.argmin(distances, axis=1)
    return nearest


def _halves(n: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    first, second = slice(0, n // 2), slice(n // 2, n)
    return (first, second), (second, first)


def _line(x: Array, y: Array, new: Array) -> Array:
    mean = x.mean(axis=0)
    centred = x - mean
    gram = centred.T @ centred + RIDGE * np.eye(x.shape[1])
    slope = np.linalg.solve(gram, centred.T @ (y - y.mean(axis=0)))
    fitted: Array = (new - mean) @ slope + y.mean(axis=0)
    return fitted


def _correlation(one: Array, other: Array) -> float:
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread) if spread > 0 else 0.0


def _standardized(columns: Array) -> Array:
    deviation = columns.std(axis=0)
    scaled: Array = (columns - columns.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    return scaled
