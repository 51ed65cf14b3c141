"""Sums over the rows or the columns of arrays, with the same bits wherever a row stands and an array lies.

A product with ones would be faster where rows are short: of 1,000 rows of 4 numbers, the sum over the rows takes 13 us
and such a product 1. But the last bits of a product may depend on how many rows stand before a row, and so on how an
epoch is cut into chunks, and on where arrays lie in memory, and so on nothing that a seed decides.
"""

from __future__ import annotations

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["sum_over_columns", "sum_over_rows"]

SHORT_ROW = 16
"""Numbers of a row up to which columns are added up, many rows at once: NumPy's own sums go row by row."""


def sum_over_rows(values: Array, out: Array | None = None) -> Array:
    """The sum over axis -2 of an array (..., n, d), of shape (..., d), written to `out` where it is given."""
    total: Array = np.add.reduce(values, axis=-2, out=out)
    return total


def sum_over_columns(values: Array) -> Array:
    """The sum over axis -1 of an array (..., n, d), of shape (..., n)."""
    if values.shape[-1] > SHORT_ROW:
        return np.asarray(values.sum(axis=-1))
    total: Array = np.add.reduce(np.ascontiguousarray(values.mT), axis=-2)
    return total
