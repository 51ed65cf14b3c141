r"""Sums over all chains, taken in one go for every entry of an array.

A chain's contribution is a product of factors, so what all chains together do obeys the same recursion as
backpropagation: the table of an array is a matrix of factors times the table of the array nearer the output. With the
factors as they are, that is backpropagation itself. With absolute factors, it sums absolute contributions. With 1 for
every factor that is not 0, it counts chains. With the maximum in place of the sum, it finds the strongest chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["Tables"]


class Tables(NamedTuple):
    """For every entry of an array of derivatives, of shape (n, d), what its chains to the output come to.

    Attributes
    ----------
    signed : array
        The sum of their contributions: the derivative itself.
    absolute : array
        The sum of their absolute contributions.
    alive : array
        How many are not 0; exact up to 2**53.
    strongest : array
        The largest absolute contribution.
    """

    signed: Array
    absolute: Array
    alive: Array
    strongest: Array

    @classmethod
    def at_the_output(cls, delta: Array) -> Tables:
        """Where every chain ends: delta of the output layer, one chain for each entry."""
        size = np.abs(delta)
        return cls(delta, size, (delta != 0).astype(np.float64), size)

    @property
    def transposed(self) -> Tables:
        """The same with rows for units."""
        return Tables(*(table.T for table in self))

    def scaled(self, factors: Array) -> Tables:
        """One link further where each entry comes from the same entry of these, times a factor of shape (n, d)."""
        size = np.abs(factors)
        return Tables(factors * self.signed, size * self.absolute, (factors != 0) * self.alive, size * self.strongest)

    def through(self, matrix: Array) -> Tables:
        """One link further where entries come from all units of the same row.

        Parameters
        ----------
        matrix : array of shape (d_source, d)
            The factor from each unit here to each unit there.
        """
        size = np.abs(matrix)
        strongest = np.stack([(size * row[:, np.newaxis]).max(axis=0) for row in self.strongest])
        return Tables(
            self.signed @ matrix, self.absolute @ size, self.alive @ (matrix != 0).astype(np.float64), strongest
        )

    def row(self, row: int) -> Tables:
        """Those of one row, of shape (1, d)."""
        return Tables(*(table[row : row + 1] for table in self))

    @classmethod
    def stacked(cls, rows: Sequence[Tables]) -> Tables:
        """One behind the other."""
        return cls(*(np.concatenate(tables) for tables in zip(*rows, strict=True)))

    @classmethod
    def together(cls, parts: Sequence[Tables]) -> Tables:
        """Where an entry is reached by several links."""
        first, *others = parts
        for part in others:
            first = cls(
                first.signed + part.signed,
                first.absolute + part.absolute,
                first.alive + part.alive,
                np.maximum(first.strongest, part.strongest),
            )
        return first

    @property
    def is_finite(self) -> bool:
        """Whether no number is NaN or infinite."""
        return all(bool(np.isfinite(table).all()) for table in self)
