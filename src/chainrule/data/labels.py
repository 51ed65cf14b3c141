"""Labels of any kind (numbers, strings) and the whole numbers from 0 that a network learns."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.functions.arrays import Array, Rows

__all__ = ["numbered_labels"]


def numbered_labels(labels: Any) -> tuple[Rows, Array]:
    """Each label's number among the sorted different ones, and those: ``classes[numbers]`` are the labels."""
    classes, numbers = np.unique(np.asarray(labels), return_inverse=True)
    return numbers, classes
