"""Numbers that a learner gives, copied and checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array

__all__ = ["checked_rows", "numbers"]


def numbers(name: str, values: Any, n_axes: int) -> Array:
    """Parameters as a new array of so many axes.

    Raises
    ------
    InvalidArgument, InvalidType
        If they are something else, or not finite.
    """
    try:
        array = np.array(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidType(f"{name} holds something that is no number: {error}.") from error
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
    try:
        array = np.array(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidType(f"{name} holds something that is no number: {error}.") from error
    if array.ndim == 1 and array.size == width and name == "x":
        raise InvalidArgument(
            f"x has the shape {array.shape}; rows are wanted: one row is x[np.newaxis], of (1, {width})."
        )
    if array.ndim != 2 or array.shape[1] != width or len(array) == 0:
        raise InvalidArgument(f"{name} has the shape {array.shape}; (n, {width}) is needed, with at least one row.")
    if not np.isfinite(array).all():
        raise InvalidArgument(
            f"{name} holds a number that is not finite: {np.argwhere(~np.isfinite(array))[0].tolist()}."
        )
    return array
