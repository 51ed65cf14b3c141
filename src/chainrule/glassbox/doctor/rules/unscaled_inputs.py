"""Inputs that are far from 1 in size: too large, and the first layer is driven to its ends; too small, and unheard."""

from __future__ import annotations

import numpy as np

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.network.sparse_rows import SparseRows

__all__ = ["LARGE", "SMALL", "unscaled_inputs"]

LARGE = 7.0
"""Root mean square of a column from which on it is too large. Standardised columns have 1, pixels divided by their
maximum less; raw pixels from 0 to 16 have up to 13, lengths in mm and incomes far more. The large ones among the
faulty fits of the tuning seeds had 1000 and more; 7 leaves the raw centimetres of iris alone (5.9), which a network
learns."""

SMALL = 0.1
"""Root mean square of the largest column below which all are too small. scikit-learn's diabetes table, as it is loaded,
has 0.048."""


def unscaled_inputs(m: Measurements) -> Finding | None:
    """Columns whose root mean square is far from 1."""
    column = int(np.argmax(m.column_sizes))
    largest = float(m.column_sizes[column])
    if largest == 0:
        return _nothing()
    if m.learned or SMALL <= largest <= LARGE:
        return None
    if largest > LARGE:
        what, every = "large", ""
        effect = "z of the first layer is then far out, where activations are flat and every step is too long"
    else:
        what, every = "small", ", the largest of all columns"
        effect = "they hardly move z of the first layer, so that learning from them takes very long"
    scaling, change = _scaling(m)
    return Finding(
        "unscaled inputs",
        f"x, column {column}",
        largest,
        f"The inputs are too {what}: column {column} of x has a root mean square of {largest:.3g}{every}, where about "
        f"1 is right; {effect}.",
        f"Bring every column to a size of about 1: {scaling}.",
        from_start=True,
        change=change,
    )


def _scaling(m: Measurements) -> tuple[str, Change | None]:
    """How to scale, and the change that does it; none for sparse rows, which it would make dense."""
    if isinstance(m.case.rows.x, SparseRows):
        return "divide each column of x by its largest absolute value, which keeps it sparse", None
    scaling = "Network(..., encoder=Standardizer.fitted(x))"
    if m.case.learner is not None:
        scaling = "x = (x - x.mean(0)) / (x.std(0) + (x.std(0) == 0))"
    return scaling, Change("standardised inputs", standardized_inputs=True)


def _nothing() -> Finding:
    return Finding(
        "unscaled inputs",
        "x",
        0.0,
        "x is 0 in every row and column: there is nothing to learn from.",
        "Look at how x was read, and at what was done to it since.",
        from_start=True,
    )
