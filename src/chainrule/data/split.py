"""Splits of rows into a part to learn from and a part to be tested on."""

from __future__ import annotations

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array, Rows

__all__ = ["stratified_split"]


def stratified_split(labels: Array, share: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Rows to train on and rows to hold out, with each class in both as it is in the whole.

    Each class gives floor or ceil of its number of rows times `share`, so that the held-out rows are
    round(n * share) in all; the fractions that are rounded up are the largest.

    Parameters
    ----------
    labels : array of shape (n,)
        The class of each row.
    share : float
        Share of the rows to hold out, between 0 and 1.
    rng : numpy.random.Generator
        Which rows.

    Returns
    -------
    train, held_out : array of int
        Numbers of rows, ascending.

    Raises
    ------
    InvalidArgument
        If the share is not between 0 and 1, or leaves one side empty.
    """
    if not 0 < share < 1:
        raise InvalidArgument(f"The share of rows to hold out is between 0 and 1, not {share!r}.")
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    wanted = counts * share
    taken = np.floor(wanted).astype(int)
    rest = round(len(labels) * share) - int(taken.sum())
    taken[np.argsort(taken - wanted, kind="stable")[:rest]] += 1
    chosen = [rng.permutation(np.flatnonzero(classes == c))[:count] for c, count in enumerate(taken)]
    held_out = np.sort(np.concatenate(chosen))
    if not 0 < len(held_out) < len(labels):
        raise InvalidArgument(f"A share of {share:g} of {len(labels)} rows leaves one side of the split empty.")
    return np.setdiff1d(np.arange(len(labels)), held_out), held_out
