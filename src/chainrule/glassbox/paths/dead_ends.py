"""Why nothing of the error reached a number: where the factors are that are 0."""

from __future__ import annotations

from collections import Counter

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.paths.error_graph import ErrorGraph
from chainrule.glassbox.paths.links import Hops

__all__ = ["dead_ends"]


def dead_ends(graph: ErrorGraph, start: Hops) -> tuple[str, ...]:
    """For a number all of whose chains are 0, a sentence that says which factors cut them, seen from the number."""
    cuts: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    reached: dict[str, Array] = {name: np.zeros(node.shape, bool) for name, node in graph.nodes.items()}

    def go_on(hops: Hops, kind: str) -> None:
        alive = hops.factors != 0
        cuts[kind] += int(np.sum(~alive))
        tried[kind] += len(alive)
        reached[hops.source][hops.rows[alive], hops.units[alive]] = True

    go_on(start, start.names(0, 0).partition("[0,")[0] if start.names else "")
    for node in reversed(graph.nodes.values()):
        for row, unit in np.argwhere(reached[node.name]):
            for link in node.links:
                go_on(link.hops(int(row), int(unit)), link.kind)
    ends = reached[graph.output]
    cuts[graph.output], tried[graph.output] = int(ends.sum()), int(ends.sum())
    places = [f"{kind} (0 in {cut} of {tried[kind]} places)" for kind, cut in cuts.items() if cut]
    return (f"No error comes here. Seen from the number, the chains are cut by {', then by '.join(places)}.",)
