"""Numbers that a learner gives, copied and checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.learner_network.own_code import in_words, named_attribute

__all__ = ["checked_rows", "numbers"]


def numbers(name: str, values: Any, n_axes: int) -> Array:
    """Parameters as a new array of so many axes.

    Raises
    ------
    InvalidArgument, InvalidType
        If they are something else, or not finite.
    """
    array = _as_float64(name, values)
    if array.ndim != n_axes or array.size == 0:
        raise InvalidArgument(f"{name} has the shape {array.shape}; an array of {n_axes} axes is needed.")
    if not np.isfinite(array).all():
        raise InvalidArgument(f"{name} holds a number that is not finite (NaN or infinity): the training has diverged.")
    return array


def checked_rows(name: str, values: Any, width: int) -> Array:
    """Rows as a new array of shape (n, width), n at least 1.

    Raises
    ------
    InvalidArgument, InvalidType
        If they are something else.
    """
    array = _as_float64(name, values)
    if array.ndim == 1 and array.size == width and name == "x":
        raise InvalidArgument(
            f"x has the shape {array.shape}; rows are wanted: one row is x[np.newaxis], of (1, {width})."
        )
    if array.ndim != 2 or array.shape[1] != width or len(array) == 0:
        raise InvalidArgument(f"{name} has the shape {array.shape}; (n, {width}) is needed, with at least one row.")
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise InvalidArgument(
            f"{name} holds a number that is not finite, {array[row, column]} in row {row}, column {column} (counted "
            "from 0): fill or drop such rows first."
        )
    return array


def _as_float64(name: str, values: Any) -> Array:
    if callable(named_attribute(values, "toarray")):
        raise InvalidType(f"{name} is sparse, and a network as in the post takes arrays: give {name}.toarray().")
    try:
        given = np.asarray(values)
        if given.dtype.kind in "cmM":  # NumPy would drop the imaginary part, or count from 1970
            raise InvalidType(f"{name} holds {given.dtype} values, and real numbers are needed.")
        return np.array(values, np.float64)
    except InvalidType:
        raise
    except Exception as error:  # whatever the learner gave may fail in any way when it is asked for its numbers
        raise InvalidType(f"{name} holds something that is no number: {in_words(error)}") from error
