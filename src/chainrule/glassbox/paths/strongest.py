"""The strongest chains, one after the other, and exactly those.

For every entry on the way, the tables know the largest absolute product with which a chain goes on from there to the
output (dynamic programming from the output backwards). So the best that can become of the beginning of a chain is known
and not estimated: of all beginnings, the one with the best completion is carried on first, and the chains come out in
the order of their strength. Of each beginning only the `most` best hops are kept, since no others can be among the
`most` best chains: time and memory grow with most**2 * depth, whatever the number of chains.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.paths.error_graph import ErrorGraph
from chainrule.glassbox.paths.links import Hops
from chainrule.glassbox.paths.sums import Tables

__all__ = ["Hop", "Trail", "strongest_trails"]


@dataclass(frozen=True)
class Hop:
    """One hop of a chain: along `hops`, to the entry (row, unit) of its source.

    Attributes
    ----------
    hops : Hops
        The hops that were to choose from.
    row, unit : int
        Where it leads.
    factor : float
        Its factor.
    """

    hops: Hops
    row: int
    unit: int
    factor: float


@dataclass(frozen=True)
class Trail:
    """The beginning of a chain, or all of it.

    Attributes
    ----------
    hops : tuple of Hop
        From the number towards the output.
    product : float
        Of their factors.
    """

    hops: tuple[Hop, ...]
    product: float


def strongest_trails(graph: ErrorGraph, tables: Mapping[str, Tables], start: Hops, most: int) -> list[Trail]:
    """The `most` chains with the largest absolute contribution, the largest first; none that is 0.

    Each trail ends at the output's delta, whose value is the last factor of the chain. Of chains equally strong, those
    over the lower row and unit come first.
    """
    order = count()
    waiting: list[tuple[float, int, int, Trail]] = []
    found: list[Trail] = []

    def go_on(trail: Trail, hops: Hops) -> None:
        size = np.abs(trail.product * hops.factors) * tables[hops.source].strongest[hops.rows, hops.units]
        for chosen in _largest(size, most):
            hop = Hop(hops, int(hops.rows[chosen]), int(hops.units[chosen]), float(hops.factors[chosen]))
            longer = Trail((*trail.hops, hop), trail.product * hop.factor)
            # of equal ones the longest first, so that it comes to an end before others are begun
            heapq.heappush(waiting, (-float(size[chosen]), -len(longer.hops), next(order), longer))

    go_on(Trail((), 1.0), start)
    while waiting and len(found) < most:
        *_, trail = heapq.heappop(waiting)
        end = trail.hops[-1]
        if end.hops.source == graph.output:
            found.append(trail)
            continue
        for link in graph.nodes[end.hops.source].links:
            go_on(trail, link.hops(end.row, end.unit))
    return found


def _largest(size: Array, most: int) -> list[int]:
    """Where the largest stand, the largest first, without those that are 0; of equal ones the first."""
    chosen = np.argsort(-size, kind="stable")[:most]
    return [int(each) for each in chosen if size[each] > 0]
