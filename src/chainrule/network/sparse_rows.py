"""Sparse inputs: rows that are made dense a block at a time, never all at once."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["Inputs", "SparseRows", "dense", "is_sparse", "largest_magnitude", "stored_arrays", "taken_rows"]


class SparseRows:
    """A SciPy sparse matrix or array, read as an array of shape (n, d) is: what is taken from it is dense.

    Parameters
    ----------
    matrix : scipy.sparse CSR matrix or array of shape (n, d)
        Kept as it is.
    """

    ndim = 2

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix
        self.shape: tuple[int, int] = matrix.shape
        self.dtype: np.dtype[np.floating] = matrix.dtype
        self.itemsize: int = matrix.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Array:
        array: Array = self.matrix[rows].toarray()
        return array

    def take(self, rows: Any, axis: int = 0) -> Array:
        """The rows with these numbers, as `numpy.ndarray.take` gives them."""
        assert axis == 0
        numbers = np.asarray(rows)
        return self[numbers.ravel()].reshape(*numbers.shape, self.shape[1])

    def of_rows(self, rows: Any) -> SparseRows:
        """Some of the rows, sparse again."""
        return SparseRows(self.matrix[rows])


Inputs: TypeAlias = Array | SparseRows
"""Rows that go into a network, dense or sparse."""


def is_sparse(x: Any) -> bool:
    """Whether x is a SciPy sparse matrix or array, told without importing SciPy."""
    return hasattr(x, "tocsr") and hasattr(x, "nnz")


def dense(x: Inputs) -> Array:
    """All rows as one array."""
    return x[:] if isinstance(x, SparseRows) else x


def taken_rows(x: Inputs, rows: Any) -> Inputs:
    """Some of the rows, by a slice, their numbers or a mask; sparse ones stay sparse."""
    return x.of_rows(rows) if isinstance(x, SparseRows) else x[rows]


def stored_arrays(x: Inputs) -> tuple[Array, ...]:
    """The arrays in which x is stored; of sparse rows the values, their columns and where each row begins."""
    return (x.matrix.data, x.matrix.indices, x.matrix.indptr) if isinstance(x, SparseRows) else (x,)


def largest_magnitude(x: Inputs) -> float:
    """The largest absolute value."""
    values = stored_arrays(x)[0]
    return float(np.abs(values).max()) if values.size else 0.0
