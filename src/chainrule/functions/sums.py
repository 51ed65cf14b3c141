"""Sums over the rows or the columns of arrays, as products with a vector of ones.

NumPy's own sums go row by row, which is slow where rows are short: of 1,000 rows of 4 numbers, the sum over the rows
takes 13 us and that over the columns 14, and each product 1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["sum_over_columns", "sum_over_rows"]


def sum_over_rows(values: Array, out: Array | None = None) -> Array:
    """The sum over axis -2 of an array (..., n, d), of shape (..., d), written to `out` where it is given."""
    total: Array = np.matmul(_ones(values.shape[-2], values.dtype), values, out=out)
    return total


def sum_over_columns(values: Array) -> Array:
    """The sum over axis -1 of an array (..., n, d), of shape (..., n)."""
    total: Array = np.matmul(values, _ones(values.shape[-1], values.dtype))
    return total


MOST_KEPT = 65536
"""Ones that are kept for the next sum; longer rows of them are made anew."""


def _ones(n: int, dtype: np.dtype[np.floating]) -> Array:
    return _kept_ones(n, dtype) if n <= MOST_KEPT else np.ones(n, dtype)


@lru_cache(maxsize=64)
def _kept_ones(n: int, dtype: np.dtype[np.floating]) -> Array:
    ones = np.ones(n, dtype)
    ones.flags.writeable = False
    return ones
