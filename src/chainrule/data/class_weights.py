"""Class weights: how much the rows of each class count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import Loss
from chainrule.validation import finite_number

__all__ = ["class_weights"]


def class_weights(
    given: Any,
    y: Array,
    loss: Loss,
    classes: Sequence[str | int] | None = None,
    sample_weight: Array | None = None,
) -> Array:
    """The weight of each row's class.

    Parameters
    ----------
    given : "balanced", mapping or sequence
        ``"balanced"`` gives each of the k classes the same share: a row has the weight n / (k * rows of its class). A
        mapping goes from a class, as the network calls it or by its number, to its weight; a class that is not in it
        has the weight 1. A sequence has one weight for each class, in the order of their numbers.
    y : array of shape (n, k)
        Targets, encoded: one-hot, or a 0 or 1 for a single output.
    loss : Loss
        What is learned.
    classes : sequence of str or int, optional
        What the network calls the classes; their numbers by default.
    sample_weight : array of shape (n,), optional
        Weights of the rows, with which ``"balanced"`` counts them.

    Returns
    -------
    array of shape (n,)
        In float64.

    Raises
    ------
    InvalidArgument, InvalidType
        If a row of y has not one class, or the weights are none.
    """
    labels, k = _labels(y, loss)
    names: Sequence[str | int] = range(k) if classes is None else classes
    if isinstance(given, str):
        by_class = _balanced(given, labels, k, sample_weight)
    elif isinstance(given, Mapping) or hasattr(given, "items"):  # a pandas Series, say
        by_class = _from_mapping(dict(given.items()), names)
    else:
        by_class = _from_sequence(given, names)
    if not by_class.any():
        raise InvalidArgument("class_weight is 0 for every class, so no row is left to learn from.")
    weights: Array = by_class[labels]
    return weights


def _labels(y: Array, loss: Loss) -> tuple[Rows, int]:
    """The class number of each row, and how many classes there are."""
    if loss.target not in ("class", "binary"):
        raise InvalidArgument(
            f"class_weight is for classes, and {loss} learns numbers: weight the rows with sample_weight instead."
        )
    if loss.target == "binary" and y.shape[1] > 1:
        raise InvalidArgument(
            f"class_weight needs one class for each row, and {loss} with {y.shape[1]} outputs learns as many "
            "independent yes or no: weight the rows with sample_weight instead."
        )
    soft = ((y != 0) & (y != 1)).any(axis=1)
    if soft.any():
        raise InvalidArgument(
            f"class_weight needs one class for each row, and y in row {int(np.argmax(soft))} is a probability: weight "
            "the rows with sample_weight instead."
        )
    return (y[:, 0].astype(np.intp), 2) if y.shape[1] == 1 else (np.argmax(y, axis=1), y.shape[1])


def _balanced(given: str, labels: Rows, k: int, sample_weight: Array | None) -> Array:
    if given != "balanced":
        raise InvalidArgument(
            f"class_weight is {given!r}; give 'balanced', a mapping from class to weight, or a weight for each class."
        )
    scaled = None if sample_weight is None else sample_weight / sample_weight.max()
    rows = np.bincount(labels, scaled, minlength=k).astype(np.float64)
    by_class: Array = np.divide(rows.sum(), k * rows, out=np.zeros(k), where=rows > 0)
    return by_class


def _from_mapping(given: Mapping[Any, Any], names: Sequence[str | int]) -> Array:
    numbers: dict[Any, int] = {name: number for number, name in enumerate(names)}
    if not any(isinstance(name, int) for name in numbers):  # a number could be meant as a name otherwise
        numbers |= {number: number for number in range(len(names))}
    by_class, named = np.ones(len(names)), set()
    for key, weight in given.items():
        if key not in numbers:
            raise InvalidArgument(f"class_weight has the class {key!r}, which there is not; {_choices(key, names)}")
        if numbers[key] in named:
            raise InvalidArgument(f"class_weight has the class {names[numbers[key]]!r} twice, by name and by number.")
        named.add(numbers[key])
        by_class[numbers[key]] = finite_number(f"The class weight of {key!r}", weight, minimum=0)
    return by_class


def _choices(key: Any, names: Sequence[str | int]) -> str:
    if all(isinstance(name, int) for name in names):
        return f"the classes are {', '.join(map(str, names[:12]))}{', ...' if len(names) > 12 else ''}."
    return nearest_names(str(key), map(str, names))


def _from_sequence(given: Any, names: Sequence[str | int]) -> Array:
    try:
        if isinstance(given, set | frozenset):
            raise TypeError  # in no order
        weights = list(given)
    except TypeError:
        raise InvalidType(
            "class_weight must be 'balanced', a mapping from class to weight, or a sequence of a weight for each "
            f"class; not {given!r}."
        ) from None
    if len(weights) != len(names):
        raise InvalidArgument(f"class_weight has {len(weights)} weights, and there are {len(names)} classes.")
    checked = [
        finite_number(f"The class weight of {name!r}", weight, minimum=0)
        for name, weight in zip(names, weights, strict=True)
    ]
    return np.array(checked)
