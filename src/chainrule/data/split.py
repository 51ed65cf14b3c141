"""Splits of rows into a part to learn from and a part to be tested on."""

from __future__ import annotations

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array, Rows

__all__ = ["random_split", "stratified_split"]


def stratified_split(labels: Array, share: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Rows to train on and rows to hold out, with each class in both as it is in the whole.

    Each class gives floor or ceil of its number of rows times `share`, so that the held-out rows are
    round(n * share) in all; the fractions that are rounded up are the largest. A class keeps at least one row to train
    on, even where that makes the held-out rows fewer.

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
    _check_share(share)
    _, classes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    wanted = counts * share
    most = np.minimum(np.ceil(wanted).astype(int), counts - 1)
    taken = np.minimum(np.floor(wanted).astype(int), most)
    rest = round(len(labels) * share) - int(taken.sum())
    by_fraction = np.argsort(taken - wanted, kind="stable")
    taken[by_fraction[(taken < most)[by_fraction]][: max(rest, 0)]] += 1
    by_class = np.split(np.argsort(classes, kind="stable"), np.cumsum(counts)[:-1])
    chosen = [rng.permutation(rows)[:count] for rows, count in zip(by_class, taken, strict=True)]
    return _both_sides(np.sort(np.concatenate(chosen)), len(labels), share)


def random_split(n_rows: int, share: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Rows to train on and rows to hold out, round(n * share) of them.

    Parameters
    ----------
    n_rows : int
        How many there are.
    share, rng
        As `stratified_split` takes them; so are what is returned and what is raised.
    """
    _check_share(share)
    return _both_sides(np.sort(rng.permutation(n_rows)[: round(n_rows * share)]), n_rows, share)


def _check_share(share: float) -> None:
    if not 0 < share < 1:
        raise InvalidArgument(f"The share of rows to hold out is between 0 and 1, not {share!r}.")


def _both_sides(held_out: Rows, n_rows: int, share: float) -> tuple[Rows, Rows]:
    if not 0 < len(held_out) < n_rows:
        raise InvalidArgument(f"A share of {share:g} of {n_rows} rows leaves one side of the split empty.")
    learned = np.ones(n_rows, bool)
    learned[held_out] = False
    return np.flatnonzero(learned), held_out
