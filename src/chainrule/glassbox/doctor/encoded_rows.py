"""What is asked of encoded rows: their classes, and some of them."""

from __future__ import annotations

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import Loss
from chainrule.network.sparse_rows import taken_rows

__all__ = ["labels_of", "some_rows"]


def labels_of(y: Array, loss: Loss) -> Rows | None:
    """The class of each row of encoded targets (n, k); None where they are no classes."""
    if loss.target == "levels" or not ((y == 0) | (y == 1)).all():
        return None
    if y.shape[1] == 1:
        return y[:, 0].astype(np.intp)
    one_hot = bool((y.sum(axis=1) == 1).all())
    return np.argmax(y, axis=1) if one_hot else None


def some_rows(rows: LabelledRows, most: int) -> LabelledRows:
    """At most so many of the rows, drawn by chance, always the same; dense rows stay dense, sparse ones sparse."""
    if len(rows) <= most:
        return rows
    chosen = np.sort(np.random.default_rng(0).permutation(len(rows))[:most])
    weights = None if rows.weights is None else rows.weights[chosen]
    return LabelledRows(taken_rows(rows.x, chosen), rows.y[chosen], weights)
