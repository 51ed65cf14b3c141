"""A link of the chain rule: how an array of derivatives comes from one that is nearer the output.

Every link is linear: dJ/d(entry here) is a sum over entries there of a factor times dJ/d(entry there). What differs is
which entries a link couples: each with itself (an activation, a dropout), the units of a row with one another (the
weights, a layer norm, a softmax), or the rows of a unit (a batch norm).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.paths.sums import Tables

__all__ = ["EntryLink", "Hops", "Link", "PassLink", "RowLink", "UnitLink", "WeightLink"]


@dataclass(frozen=True, eq=False)
class Hops:
    """All hops from one entry towards the output along one link.

    Attributes
    ----------
    source : str
        The array that is reached, such as ``delta[3]``.
    rows, units : array of shape (m,)
        Its entries that are reached.
    factors : array of shape (m,)
        The factor of each hop.
    names : callable, optional
        From the row and the unit that are reached to the name of the factor; None where there is none to speak of.
    way : str
        ``"past residual_1"``, ``"through residual_1"`` or nothing.
    """

    source: str
    rows: Array
    units: Array
    factors: Array
    names: Callable[[int, int], str] | None = None
    way: str = ""


@dataclass(frozen=True, eq=False)
class Link(ABC):
    """What every link has.

    Attributes
    ----------
    source : str
        The array nearer the output.
    kind : str
        What its factors are, in words that go before "is 0": ``w[2]``, ``f'(z[2])``, ``dropout_1.factor``.
    """

    source: str
    kind: str

    @abstractmethod
    def carried(self, tables: Tables) -> Tables:
        """The tables here, from those of the source."""

    @abstractmethod
    def hops(self, row: int, unit: int) -> Hops:
        """The hops from this entry."""

    @abstractmethod
    def branches(self, n: int, d: int) -> int:
        """How many hops there are from each entry, to a source of shape (n, d)."""


@dataclass(frozen=True, eq=False)
class EntryLink(Link):
    """Each entry comes from the same entry: the derivative of an activation, the factor of a dropout.

    Attributes
    ----------
    factors : array of shape (n, d)
        The factors.
    name : callable
        From row and unit to the name of a factor.
    """

    factors: Array
    name: Callable[[int, int], str]

    def carried(self, tables: Tables) -> Tables:
        return tables.scaled(self.factors)

    def hops(self, row: int, unit: int) -> Hops:
        return Hops(self.source, np.array([row]), np.array([unit]), self.factors[row, unit : unit + 1], self.name)

    def branches(self, n: int, d: int) -> int:
        return 1


@dataclass(frozen=True, eq=False)
class PassLink(Link):
    """A residual connection, whose input gets the derivative of its output and that from the layers inside, as is."""

    @property
    def way(self) -> str:
        """Which of the two ways."""
        return self.kind

    def carried(self, tables: Tables) -> Tables:
        return tables

    def hops(self, row: int, unit: int) -> Hops:
        return Hops(self.source, np.array([row]), np.array([unit]), np.ones(1), None, self.way)

    def branches(self, n: int, d: int) -> int:
        return 1


@dataclass(frozen=True, eq=False)
class WeightLink(Link):
    """The error goes back through the weights of a dense layer: da[i] = delta[i+1] @ w[i].T.

    Attributes
    ----------
    w : array of shape (d, d_source)
        The weights.
    """

    w: Array

    def carried(self, tables: Tables) -> Tables:
        return tables.through(np.ascontiguousarray(self.w.T))

    def hops(self, row: int, unit: int) -> Hops:
        d = self.w.shape[1]
        return Hops(
            self.source,
            np.full(d, row),
            np.arange(d),
            self.w[unit],
            lambda _, other: f"{self.kind}[{unit},{other}]",
        )

    def branches(self, n: int, d: int) -> int:
        return d


@dataclass(frozen=True, eq=False)
class UnitLink(Link):
    """Each unit comes from all units of its row, with a matrix of each row's own: a layer norm, a softmax.

    Attributes
    ----------
    matrix : callable
        From the row to the matrix of shape (d_source, d): the derivative of each output with respect to each input.
    name : callable
        From the row, the unit of the output and that of the input to the name of a factor.
    """

    matrix: Callable[[int], Array]
    name: Callable[[int, int, int], str]

    def carried(self, tables: Tables) -> Tables:
        return Tables.stacked([tables.row(row).through(self.matrix(row)) for row in range(len(tables.signed))])

    def hops(self, row: int, unit: int) -> Hops:
        factors = self.matrix(row)[:, unit]
        d = len(factors)
        return Hops(
            self.source,
            np.full(d, row),
            np.arange(d),
            factors,
            lambda _, other: self.name(row, other, unit),
        )

    def branches(self, n: int, d: int) -> int:
        return d


@dataclass(frozen=True, eq=False)
class RowLink(Link):
    """Each row comes from all rows of the batch, with a matrix of each unit's own: a batch norm in training.

    Attributes
    ----------
    matrix : callable
        From the unit to the matrix of shape (n, n): the derivative of each row's output with respect to each row's
        input.
    name : callable
        From the row of the output, that of the input and the unit to the name of a factor.
    """

    matrix: Callable[[int], Array]
    name: Callable[[int, int, int], str]

    def carried(self, tables: Tables) -> Tables:
        units = tables.transposed
        d = tables.signed.shape[1]
        return Tables.stacked([units.row(unit).through(self.matrix(unit)) for unit in range(d)]).transposed

    def hops(self, row: int, unit: int) -> Hops:
        factors = self.matrix(unit)[:, row]
        n = len(factors)
        return Hops(self.source, np.arange(n), np.full(n, unit), factors, lambda other, _: self.name(other, row, unit))

    def branches(self, n: int, d: int) -> int:
        return n
