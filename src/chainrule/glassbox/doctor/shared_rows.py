"""Rows that are in two tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.sparse_rows import Inputs

__all__ = ["SharedRows", "shared_rows"]

MOST_NUMBERS = 50_000_000
"""Numbers of either table that are looked at; rows beyond are not."""


@dataclass(frozen=True)
class SharedRows:
    """Which rows of the validation are training rows, too.

    Attributes
    ----------
    validation : tuple of int
        Numbers of the validation rows that are among the training rows.
    training : frozenset of int
        Numbers of the training rows that are among the validation rows.
    repeated : float
        Share of the training rows that are there more than once.
    distinct : float
        How many different training rows there are, as a share of all: little where columns have few values, so that
        rows are equal by chance.
    """

    validation: tuple[int, ...]
    training: frozenset[int]
    repeated: float
    distinct: float


def shared_rows(train: Inputs, validation: Inputs) -> SharedRows:
    """Compare rows (n, d) and (m, d), number by number."""
    rows, held_out = (_as_bytes(each[: max(1, MOST_NUMBERS // each.shape[1])]) for each in (train, validation))
    both = np.intersect1d(rows, held_out)
    _, counts = np.unique(rows, return_counts=True)
    repeated = float(counts[counts > 1].sum() / len(rows))
    in_validation = np.flatnonzero(np.isin(held_out, both))
    in_training = np.flatnonzero(np.isin(rows, both))
    distinct = len(counts) / len(rows)
    return SharedRows(tuple(in_validation.tolist()), frozenset(in_training.tolist()), repeated, distinct)


def _as_bytes(rows: Array) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Each row as one value that can be compared; -0 is 0."""
    whole = np.ascontiguousarray(rows + 0.0)
    return whole.view(np.dtype((np.void, whole.itemsize * whole.shape[1])))[:, 0]
