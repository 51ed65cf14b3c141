"""Labels that have nothing to do with their rows, as where x and y were put into different orders."""

from __future__ import annotations

import math

import numpy as np

from chainrule.data.rows import counted
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.label_order import label_order
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.network.sparse_rows import dense

__all__ = ["CHANCE", "FEWEST_ROWS", "shuffled_labels"]

CHANCE = 3.0
"""Standard deviations of chance by which y must be told better than by luck, from nearest rows or by a line. On the
tuning seeds the stronger of the two was at least 12 in healthy fits and at most 1.6 with shuffled labels."""

FEWEST_ROWS = 100
"""Fewer rows can look as if by chance when they are not."""


def shuffled_labels(m: Measurements) -> Finding | None:
    """A y that neither the nearest rows nor a line can tell from x."""
    n, order = len(m.sample), m.label_order
    if n < FEWEST_ROWS or order.strongest >= CHANCE or _nothing_to_tell(m) or _tells_new_rows(m):
        return None
    if m.labels is None:
        number = f"the correlation of y with that of the nearest other row is {order.agreement:.2f}"
    else:
        number = (
            f"the nearest other row has the same class in {order.agreement:.0%} of the rows, and chance gives "
            f"{order.chance:.0%}"
        )
    remedy = (
        "Compare some rows of x with their y at the source: one may have been sorted, shuffled or shortened without "
        "the other. If not, find columns that have to do with y."
    )
    shift = _shift(m)
    if shift:
        rows = counted(abs(shift), "row")
        remedy = f"Moved by {rows}, y belongs to x: y = np.roll(y, {shift}, axis=0). Find out where it slipped."
    return Finding(
        "shuffled labels",
        "y",
        order.agreement,
        f"The labels look shuffled, or these columns say nothing about them: {number}; a line tells them no better. "
        "There is nothing to learn but each row by heart.",
        remedy,
        from_start=True,
    )


def _nothing_to_tell(m: Measurements) -> bool:
    """Whether all rows have the same x, or the same y."""
    rows = m.sample
    return bool((rows.y == rows.y[:1]).all() or (dense(rows.x) == dense(rows.x)[:1]).all())


def _tells_new_rows(m: Measurements) -> bool:
    """Whether the network, or a line, does better on rows that were held out than luck can."""
    validation, held_out = m.case.validation, m.held_out
    if validation is None or held_out is None:
        return False
    if m.validation_by_line >= CHANCE:
        return True
    n = len(validation)
    if m.labels is None:
        return held_out.r2 > CHANCE / math.sqrt(n)
    most = float(m.class_counts.max() / m.class_counts.sum())
    return held_out.accuracy > most + CHANCE * math.sqrt(most * (1 - most) / n)


def _shift(m: Measurements) -> int:
    """By how many rows y must be moved to belong to x, where that is few; 0 where it is none of them."""
    rows = m.case.rows
    n = min(len(rows), 1_000)  # in the order of the table, of which a sample drawn by chance has none
    x, y = dense(rows.x)[:n], rows.y[:n]
    labels = None if m.labels is None else m.labels[:n]
    for shift in (1, -1, 2, -2):
        rolled = None if labels is None else np.roll(labels, shift)
        if label_order(x, np.roll(y, shift, axis=0), rolled).strongest >= 2 * CHANCE:
            return shift
    return 0
