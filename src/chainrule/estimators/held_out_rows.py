"""Rows with their targets and weights, and splits of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array

__all__ = ["WeightedRows", "check_large_enough", "held_out", "stratified_where_possible"]


class WeightedRows(NamedTuple):
    """Rows as scikit-learn has checked them, the targets as they were given, and the weights, None for equal ones."""

    X: Any
    y: Any
    weights: Array | None

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.X.shape[0])

    def taken(self, rows: Any) -> WeightedRows:
        """Those with these numbers, or of this mask."""
        return WeightedRows(self.X[rows], self.y[rows], None if self.weights is None else self.weights[rows])

    def weighted(self) -> WeightedRows:
        """Without the rows of weight 0, which count as if they were not there.

        Raises
        ------
        InvalidArgument
            If the weights are too large for their sum, or all 0.
        """
        if self.weights is None:
            return self
        with np.errstate(over="ignore"):
            total = self.weights.sum()
        if not np.isfinite(total):
            raise InvalidArgument("The sum of the rows' weights is infinite: divide sample_weight by its largest.")
        if total == 0:
            raise InvalidArgument("The weight of every row is 0, so no row is left to learn from.")
        if self.weights.all():
            return self
        return self.taken(self.weights > 0)


def held_out(rows: WeightedRows, share: float, strata: Any, seed: int) -> tuple[WeightedRows, WeightedRows]:
    """Rows to learn from, and a share that is held out.

    Parameters
    ----------
    rows : WeightedRows
        All rows.
    share : float
        Of the rows to hold out, between 0 and 1.
    strata : array of shape (n,) or None
        What is to have the same shares in both parts.
    seed : int
        Of the split.

    Returns
    -------
    tuple of WeightedRows
        Those to learn from, and those held out.

    Raises
    ------
    ValueError
        As scikit-learn says it, where a split cannot be made.
    """
    numbers = np.arange(rows.n)
    learned, kept = train_test_split(numbers, test_size=share, stratify=strata, random_state=seed % 2**32)
    return rows.taken(learned), rows.taken(kept)


def stratified_where_possible(classes: Array, share: float) -> Array | None:
    """The classes (n,) as strata, where each can be in both parts; None where there are too few rows for that."""
    counts = np.unique_counts(classes).counts
    n_kept = int(np.ceil(share * len(classes)))
    enough = counts.min() >= 2 and min(n_kept, len(classes) - n_kept) >= len(counts)
    return classes if enough else None


def check_large_enough(kept: WeightedRows) -> None:
    """Refuse to judge by a single row.

    Raises
    ------
    InvalidArgument
        With what to change.
    """
    if kept.n < 2:
        raise InvalidArgument(
            "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
        )
