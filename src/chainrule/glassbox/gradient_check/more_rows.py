"""More rows like those given, which tell mistakes apart that give the same numbers on few."""

from __future__ import annotations

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["MORE", "more_rows"]

MORE = 3
"""Rows beyond those given."""


def more_rows(x: Array, y: Array) -> tuple[Array, Array]:
    """The rows, and `MORE` that are theirs, moved by about a third of their spread; y is that of the rows moved.

    The numbers are always the same for the same rows.
    """
    rng = np.random.default_rng(0)
    copied = np.arange(MORE) % len(x)
    spread = np.maximum(x.std(axis=0), 0.1 * np.abs(x).max(initial=0.0) + 0.01)
    added = x[copied] + 0.3 * spread * rng.normal(size=(MORE, x.shape[1]))
    return np.concatenate([x, added]), np.concatenate([y, y[copied]])
