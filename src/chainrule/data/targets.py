"""Targets, checked and encoded as the loss needs them: an array of shape (n, k) for k outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.data.labels import named_labels
from chainrule.data.rows import as_numbers, counted
from chainrule.data.standardizer import Standardizer
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.functions.cache_blocks import blocks_in_cache
from chainrule.functions.losses import Loss, Quantile, TargetKind

__all__ = ["encoded_targets", "standardized_targets"]


def encoded_targets(
    y: Any,
    loss: Loss,
    n_rows: int,
    n_outputs: int,
    dtype: np.dtype[np.floating],
    classes: Sequence[str | int] | None = None,
) -> Array:
    """Targets of shape (n_rows, n_outputs), as this loss takes them.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, k)
        For squared error and other distances one number for each output; (n,) will do for one output. For binary
        cross-entropy likewise, in [0, 1]. For quantiles one number for each value, which is repeated for each level.
        For cross-entropy the class of each row as a whole number from 0, or a row of k probabilities, such as one-hot.
        Where the network has names for its classes, a class may be given by its name.
    classes : sequence of str or int, optional
        Those names.

    Raises
    ------
    InvalidType, InvalidArgument
        With what is wrong and the line to type instead, where there is one.
    """
    if classes is not None and loss.target in ("class", "binary") and _holds_names(y, classes):
        y = named_labels(y, classes)
    elif _holds_strings(y):
        raise InvalidType(
            "y must hold real numbers, not strings. To number them: classes, y = np.unique(y, return_inverse=True)."
        )
    numbers = as_numbers("y", y, dtype)
    if numbers.ndim not in (1, 2):
        raise InvalidArgument(f"y must have 1 or 2 dimensions, but its shape is {numbers.shape}.")
    if len(numbers) != n_rows:
        raise InvalidArgument(f"x has {n_rows} rows and y has {len(numbers)}; each row of x needs its own y.")
    encoded = ENCODINGS[loss.target](numbers, loss, n_outputs)
    loss.check_targets(encoded)
    return encoded


def standardized_targets(y: Any, loss: Loss, scaler: Standardizer) -> Array:
    """Targets of a loss of numbers, standardised in float64, in their own shape.

    Raises
    ------
    InvalidType, InvalidArgument
        If the loss does not learn numbers, or y does not fit the scaler.
    """
    if loss.target not in ("value", "levels"):
        raise InvalidArgument(f"A target_scaler is for losses of numbers, and {loss} learns classes: leave it out.")
    if loss.needs is not None:
        raise InvalidArgument(f"{loss} needs its targets as they are: leave the target_scaler out.")
    numbers = as_numbers("y", y, np.dtype(np.float64))
    columns = numbers.reshape(len(numbers), -1) if numbers.ndim in (1, 2) else numbers
    if columns.ndim != 2 or columns.shape[1] != scaler.n_columns:
        raise InvalidArgument(
            f"y has the shape {numbers.shape}, and the target_scaler was fitted on "
            f"{counted(scaler.n_columns, 'column')}."
        )
    return scaler.transform(columns).reshape(numbers.shape)


def _holds_names(y: Any, classes: Sequence[str | int]) -> bool:
    """Whether labels are names of classes: strings, or whole numbers where those are names and not just numbers."""
    numbered = all(isinstance(name, int) for name in classes) and tuple(classes) != tuple(range(len(classes)))
    return _holds_strings(y) or (numbered and np.ndim(y) == 1 and np.asarray(y).dtype.kind in "iu")


def _holds_strings(y: Any) -> bool:
    try:
        array = np.asarray(y)
    except ValueError:  # rows that differ in length, of which `as_numbers` speaks
        return False
    return array.dtype.kind == "U" or (array.dtype.kind == "O" and all(isinstance(each, str) for each in array.flat))


def _values(y: Array, loss: Loss, k: int) -> Array:
    if y.ndim == 1 and k == 1:
        return y[:, np.newaxis]  # (n, 1), which (n,) would be broadcast against
    if y.ndim == 1:
        whole = bool((y == np.floor(y)).all() and (y >= 0).all() and (y < k).all())
        advice = f" To make one-hot rows of these labels, type: y = np.eye({k})[y]" if whole else ""
        raise InvalidArgument(
            f"y has one number for each row, but the network has {k} outputs and {loss} needs one for each of them."
            + advice
        )
    if y.shape[1] != k:
        raise InvalidArgument(f"y has {counted(y.shape[1], 'column')}, but the network has {counted(k, 'output')}.")
    return y


def _values_by_level(y: Array, loss: Loss, k: int) -> Array:
    """Each column once for each level, side by side."""
    assert isinstance(loss, Quantile)
    columns, levels = (y[:, np.newaxis] if y.ndim == 1 else y), len(loss.levels)
    if columns.shape[1] * levels != k:
        raise InvalidArgument(
            f"y has {counted(columns.shape[1], 'column')} and {loss} {counted(levels, 'level')}, which needs "
            f"{counted(columns.shape[1] * levels, 'output')}, one for each value at each level; the network has {k}."
        )
    return np.repeat(columns, levels, axis=1)


def _classes(y: Array, loss: Loss, k: int) -> Array:
    return _one_hot(y, k) if y.ndim == 1 else _distributions(y, loss, k)


def _one_hot(labels: Array, k: int) -> Array:
    encoded = np.zeros((len(labels), k), labels.dtype)
    for block in blocks_in_cache(len(labels), labels.nbytes):  # what it takes besides would be larger than the targets
        own = labels[block]
        bad = (own != np.floor(own)) | (own < 0) | (own >= k)
        if bad.any():
            row = int(np.argmax(bad))
            raise InvalidArgument(
                f"y is {own[row]:g} in row {block.start + row}; with {k} outputs, the classes are whole numbers from 0 "
                f"to {k - 1}."
            )
        encoded[block][np.arange(len(own)), own.astype(np.intp)] = 1
    return encoded


def _distributions(y: Array, loss: Loss, k: int) -> Array:
    if y.shape[1] == 1 and k > 1:
        raise InvalidArgument(f"y has the shape {y.shape}: give classes as one number for each row, y.ravel().")
    encoded = _values(y, loss, k)
    bad = (encoded < 0).any(axis=1) | (np.abs(encoded.sum(axis=1) - 1) > 1e-3)
    if bad.any():
        row = int(np.argmax(bad))
        raise InvalidArgument(
            f"y in row {row} is {np.array2string(encoded[row], precision=3, threshold=12)}; for {loss}, a row of y is "
            f"one-hot: a single 1 among {k} numbers (or {k} probabilities that sum to 1)."
        )
    distributions: Array = encoded / encoded.sum(axis=1, keepdims=True)  # delta = a - y relies on a sum of 1
    return distributions


ENCODINGS: dict[TargetKind, Callable[[Array, Loss, int], Array]] = {
    "value": _values,
    "binary": _values,
    "class": _classes,
    "levels": _values_by_level,
}
"""How each kind of target becomes an array of shape (n, k)."""
