"""Rows as people give them, checked and brought to the form in which a network computes."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.network.sparse_rows import Inputs, SparseRows, is_sparse

__all__ = ["KINDS", "as_numbers", "checked_inputs", "checked_rows", "checked_weights", "counted"]

KINDS = {"c": "complex numbers", "O": "objects", "U": "strings", "S": "byte strings", "M": "dates", "m": "time spans"}


def checked_inputs(x: Any, n_columns: int, dtype: np.dtype[np.floating]) -> Inputs:
    """As `checked_rows`, and a SciPy sparse matrix or array stays sparse."""
    if not is_sparse(x):
        return checked_rows(x, n_columns, dtype)
    if x.dtype.kind not in "fiub":
        raise InvalidType(f"x must hold real numbers, not {KINDS.get(x.dtype.kind, 'this')} (dtype {x.dtype}).")
    _check_shape(x.shape, n_columns)
    with np.errstate(over="ignore"):
        rows = x.tocsr().astype(dtype, copy=False)
    bad = np.flatnonzero(~np.isfinite(rows.data))
    if len(bad):
        row = int(np.searchsorted(rows.indptr, bad[0], side="right")) - 1
        raise InvalidArgument(
            f"x is {rows.data[bad[0]]:g} in row {row}, column {int(rows.indices[bad[0]])} (counted from 0); every "
            f"number must be finite in {dtype}: fill, scale or drop such rows first."
        )
    return SparseRows(rows)


def checked_rows(x: Any, n_columns: int, dtype: np.dtype[np.floating]) -> Array:
    """Inputs as a C-contiguous array of shape (n, n_columns); `x` itself is not modified.

    Parameters
    ----------
    x : array-like of shape (n, n_columns)
        Real numbers; whole numbers and booleans too.
    n_columns : int
        How many columns the network takes.
    dtype : dtype
        float32 or float64.

    Raises
    ------
    InvalidType
        For strings, objects, complex numbers and the like.
    InvalidArgument
        For a wrong shape, no rows, NaN or infinity.
    """
    rows = as_numbers("x", x, dtype)
    _check_shape(rows.shape, n_columns)
    return rows


def _check_shape(shape: tuple[int, ...], n_columns: int) -> None:
    if len(shape) != 2:
        advice = " For a single row, give x.reshape(1, -1)." if len(shape) == 1 else ""
        raise InvalidArgument(f"x must have 2 dimensions, rows and columns, but its shape is {shape}.{advice}")
    if shape[0] == 0:
        raise InvalidArgument(f"x has no rows (shape {shape}); there must be at least one.")
    if shape[1] != n_columns:
        raise InvalidArgument(f"x has {counted(shape[1], 'column')}, but the network takes {n_columns} inputs.")


def checked_weights(weights: Any, n: int) -> Array:
    """Weights of rows in float64, of shape (n,), finite and not negative; at least one is above 0.

    Raises
    ------
    InvalidType, InvalidArgument
        As in `checked_rows`.
    """
    array = as_numbers("sample_weight", weights, np.dtype(np.float64))
    if array.shape != (n,):
        raise InvalidArgument(
            f"sample_weight must have one number for each of the {n} rows; its shape is {array.shape}."
        )
    if (array < 0).any():
        row = int(np.argmax(array < 0))
        raise InvalidArgument(f"sample_weight is {array[row]:g} in row {row}; weights must not be negative.")
    if not array.any():
        raise InvalidArgument("sample_weight is 0 in every row, so no row is left to learn from.")
    return array


def as_numbers(name: str, values: Any, dtype: np.dtype[np.floating]) -> Array:
    """`values` as a C-contiguous array of finite numbers, not copied where it is one already.

    Raises
    ------
    InvalidType
        If they are not real numbers.
    InvalidArgument
        If they are ragged, masked, NaN, infinite or too large for `dtype`.
    """
    if type(values) is np.ndarray and values.dtype == dtype and values.flags.c_contiguous and all_finite(values):
        return values  # as most are: nothing more to find out
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise InvalidArgument(f"{name} has masked entries: fill them first, for example with {name}.filled(0).")
    try:
        array = np.asarray(values)
    except ValueError:
        raise InvalidArgument(f"{name} cannot be made an array: its rows differ in length.") from None
    if array.dtype.kind == "O" and all(isinstance(item, numbers.Real | np.bool_) for item in array.flat):
        array = array.astype(np.float64)  # a data frame of columns of different kinds, all of them numbers
    if array.dtype.kind not in "fiub":
        sparse = is_sparse(values)
        raise InvalidType(
            f"{name} must hold real numbers, not {'a sparse matrix' if sparse else KINDS.get(array.dtype.kind, 'this')}"
            f" (dtype {array.dtype})." + (f" Give {name}.toarray()." if sparse else "")
        )
    with np.errstate(over="ignore"):
        converted: Array = np.ascontiguousarray(array, dtype) if array.ndim else array.astype(dtype)
    if not all_finite(converted):
        _refuse_first_bad(name, array, converted)
    return converted


def all_finite(array: Array) -> bool:
    """Whether every number of a C-contiguous array is finite.

    The sum of the squares is finite then, but for very large numbers; to find it takes a third of the time.
    """
    return math.isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())


def _refuse_first_bad(name: str, given: Array, converted: Array) -> None:
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(converted))[0])
    place = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), index, strict=False)) or "it"
    value = given[index]
    if np.isfinite(value):
        raise InvalidArgument(
            f"{name} is {value:g} in {place}, which is too large for {converted.dtype}: scale it, or make the network "
            "with dtype=np.float64."
        )
    raise InvalidArgument(
        f"{name} is {'NaN' if np.isnan(value) else 'infinite'} in {place} (counted from 0); every number must "
        "be finite: fill or drop such rows first."
    )


def counted(n: int, noun: str) -> str:
    """A number with its noun, such as ``1 column`` and ``2 columns``."""
    return f"{n} {noun}{'' if n == 1 else 's'}"
