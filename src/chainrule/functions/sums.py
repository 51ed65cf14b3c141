"""Sums over the rows or the columns of arrays whose rows are short.

NumPy's own sums go row by row, which is slow there: of 1,000 rows of 4 numbers, the sum over the rows takes 13 us and
the same sum as a product with ones 1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["sum_over_columns", "sum_over_rows"]

SHORT_ROW = 16
"""Numbers of a row up to which columns are added up, many rows at once. A product with ones would be faster still, but
a row's last bits would depend on how many rows stand before it, and so on how an epoch is cut into chunks."""

MOST_KEPT = 65536
"""Ones that are kept for the next sum; longer rows of them are made anew."""


def sum_over_rows(values: Array, out: Array | None = None) -> Array:
    """The sum over axis -2 of an array (..., n, d), of shape (..., d), written to `out` where it is given."""
    total: Array = np.matmul(_ones(values.shape[-2], values.dtype), values, out=out)
    return total


def sum_over_columns(values: Array) -> Array:
    """The sum over axis -1 of an array (..., n, d), of shape (..., n)."""
    if values.shape[-1] > SHORT_ROW:
        return np.asarray(values.sum(axis=-1))
    total: Array = np.add.reduce(np.ascontiguousarray(values.mT), axis=-2)
    return total


def _ones(n: int, dtype: np.dtype[np.floating]) -> Array:
    return _kept_ones(n, dtype) if n <= MOST_KEPT else np.ones(n, dtype)


@lru_cache(maxsize=64)
def _kept_ones(n: int, dtype: np.dtype[np.floating]) -> Array:
    ones = np.ones(n, dtype)
    ones.flags.writeable = False
    return ones
