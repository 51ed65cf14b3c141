"""Labels of any kind (numbers, strings) and the whole numbers from 0 that a network learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, nearest_names
from chainrule.functions.arrays import Array, Rows

__all__ = ["named_labels", "numbered_labels"]


def numbered_labels(labels: Any) -> tuple[Rows, Array]:
    """Each label's number among the sorted different ones, and those: ``classes[numbers]`` are the labels."""
    classes, numbers = np.unique(np.asarray(labels), return_inverse=True)
    return numbers, classes


def named_labels(labels: Any, classes: Sequence[str | int]) -> Rows:
    """The number of each label among the classes that a network has names for.

    Raises
    ------
    InvalidArgument
        If a label is not among them, with the nearest that is.
    """
    numbers = {name: number for number, name in enumerate(map(str, classes))}
    given = np.asarray(labels).astype(str)
    unknown = np.argwhere([[name not in numbers for name in given.ravel()]])
    if len(unknown):
        row = int(unknown[0][1])
        name = str(given.ravel()[row])
        raise InvalidArgument(
            f"y is {name!r} in row {row}, which is no class of the network; {nearest_names(name, numbers)}"
        )
    return np.array([numbers[name] for name in given.ravel()], np.intp).reshape(given.shape)
