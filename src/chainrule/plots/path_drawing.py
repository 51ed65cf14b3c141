"""The network and the chains in it, of the picture of paths: lines side by side, as wide as the chains are strong."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from chainrule.errors import require
from chainrule.plots.path_columns import PathColumn
from chainrule.plots.style import BLUE, GREY, VERMILION, number

if TYPE_CHECKING:
    from chainrule.glassbox.paths import Chain, Paths

__all__ = ["PathDrawing", "chain_colour"]

WIDEST, NARROWEST = 9.0, 1.2
"""Points: how wide the strongest chain is drawn, and the weakest at least."""

GAP = 1.0
"""Points between lines side by side."""

Stop: TypeAlias = "tuple[str, int]"
"""A column's key and a unit in it."""


class PathDrawing:
    """The network and the chains in it."""

    def __init__(self, axes: Any, paths: Paths, columns: list[PathColumn]) -> None:
        self.axes, self.paths, self.columns = axes, paths, columns
        self.x = {column.key: i for i, column in enumerate(columns)}
        self.by_key = {column.key: column for column in columns}
        self.tallest = max(column.top for column in columns)
        passed = {
            entry.name: entry.number for chain in paths.chains for entry in chain.passes if entry.letter == "delta"
        }
        self.weights_before = {name: f"w[{number - 1}]" for name, number in passed.items() if number}
        self.stops = [self._stops(chain) for chain in paths.chains]
        largest = abs(paths.chains[0].contribution)
        self.widths = [max(NARROWEST, WIDEST * abs(each.contribution) / largest) for each in paths.chains]
        leaps = any(self._leaps(*pair) for stops in self.stops for pair in pairwise(stops))
        self.head = self.tallest + (1.9 if leaps else 1.25)
        axes.set(xlim=(-0.35, len(columns) - 0.5), ylim=(-self.tallest - 0.6, self.head + 0.1))
        axes.axis("off")

    def draw(self) -> None:
        """Draw it; the figure's layout is settled by then."""
        self.axes.figure.draw_without_rendering()
        low, high = self.axes.get_ylim()
        self.points = self.axes.bbox.height / self.axes.figure.dpi * 72 / (high - low)  # of a step from unit to unit
        self.lanes = self._lanes()
        for i in range(len(self.paths.chains)):
            self._draw_chain(i)
        for column in self.columns:
            self._draw_column(column)
        self._write_weights()
        self._write_ends()

    def _stops(self, chain: Chain) -> list[Stop]:
        """Where a chain passes the columns."""
        stops = [(entry.name, entry.index[1]) for entry in chain.passes if entry.name in self.x]
        return [("", self.paths.quantity.index[0]), *stops] if "" in self.x else stops

    def _height(self, stop: Stop) -> float:
        return self.by_key[stop[0]].height_of(stop[1])

    def _lanes(self) -> dict[tuple[int, Stop], float]:
        """How far above the middle of each unit each chain passes, so that lines side by side can be told apart.

        At each unit the chains lie in the order of the heights that they come from and go to.
        """
        at: dict[Stop, list[tuple[float, int]]] = {}
        for i, stops in enumerate(self.stops):
            for position, stop in enumerate(stops):
                near = [self._way_height(stop, each) for each in stops[max(0, position - 1) : position + 2]]
                at.setdefault(stop, []).append((-sum(near) / len(near), i))
        lanes = {}
        for stop, chains in at.items():
            top = (sum(self.widths[i] for _, i in chains) + GAP * (len(chains) - 1)) / 2
            for _, i in sorted(chains):
                lanes[i, stop] = (top - self.widths[i] / 2) / self.points
                top -= self.widths[i] + GAP
        return lanes

    def _way_height(self, stop: Stop, other: Stop) -> float:
        """In which direction a chain goes from a stop to another, as the height of where it goes."""
        return self.tallest + 1 if self._leaps(stop, other) else self._height(other)

    def _leaps(self, stop: Stop, other: Stop) -> bool:
        """Whether there are columns between two stops, past which a residual connection leads."""
        return abs(self.x[stop[0]] - self.x[other[0]]) > 1

    def _position(self, i: int, stop: Stop) -> tuple[float, float]:
        return self.x[stop[0]], self._height(stop) + self.lanes[i, stop]

    def _draw_chain(self, i: int) -> None:
        patches = require("matplotlib.patches", "plot")
        outline = require("matplotlib.path", "plot").Path
        points, codes = [self._position(i, self.stops[i][0])], [outline.MOVETO]
        for here, there in pairwise(self.stops[i]):
            (x, y), (next_x, next_y) = self._position(i, here), self._position(i, there)
            middle = (x + next_x) / 2
            above = bend = 0.0
            if self._leaps(here, there):  # all of them rise to the same height, side by side
                above = 4 / 3 * (self.tallest + 0.75 - (self._height(here) + self._height(there)) / 2)
                bend = (next_x - x) / 4
            points += [(middle - bend, y + above), (middle + bend, next_y + above), (next_x, next_y)]
            codes += [outline.CURVE4] * 3
        self.axes.add_patch(
            patches.PathPatch(
                outline(points, codes),
                facecolor="none",
                edgecolor=chain_colour(self.paths.chains[i].contribution),
                linewidth=self.widths[i],
                alpha=0.75,
                capstyle="round",
            )
        )

    def _draw_column(self, column: PathColumn) -> None:
        x, used = self.x[column.key], self._used(column.key)
        for unit in column.slots:
            if unit is None:
                continue
            passed = unit in used
            self.axes.plot(
                x,
                column.height_of(unit),
                "o",
                markersize=17 if passed else 13,
                markerfacecolor="white",
                markeredgecolor="0.15" if passed else "0.8",
                markeredgewidth=1.4 if passed else 1.0,
                zorder=3,
            )
            colour = "0.1" if passed else "0.6"
            size = 9 if unit < 100 else 7
            self.axes.text(x, column.height_of(unit), str(unit), ha="center", va="center", fontsize=size, color=colour,
                           zorder=4)  # fmt: skip
        for position, unit in enumerate(column.slots):
            if unit is None:
                self.axes.text(x, column.top - position, "\u22ee", ha="center", va="center", fontsize=13, color="0.6")
        head = f"{column.head}\n{column.detail}, {column.n_units:,} unit{'s' if column.n_units > 1 else ''}"
        self.axes.text(x, self.head, head, ha="center", va="top", fontsize=8, color=GREY, linespacing=1.35)

    def _used(self, key: str) -> set[int]:
        return {unit for stops in self.stops for name, unit in stops if name == key}

    def _weights(self) -> dict[tuple[Stop, Stop], tuple[str, float, float]]:
        """By the two units that it joins: a weight that chains pass, and the heights of its ends, lanes included."""
        found: dict[tuple[Stop, Stop], tuple[str, float, float]] = {}
        for i, (chain, stops) in enumerate(zip(self.paths.chains, self.stops, strict=True)):
            values = dict(chain.factors)
            for here, there in pairwise(stops):
                name = f"{self.weights_before.get(there[0])}[{here[1]},{there[1]}]"
                if name in values and (here, there) not in found:
                    text = number(float(f"{values[name]:.3g}"))
                    found[here, there] = text, self._position(i, here)[1], self._position(i, there)[1]
        return found

    def _write_weights(self) -> None:
        """Each weight on a line that it belongs to, where no other stands yet."""
        taken: list[tuple[float, float]] = []
        for (here, there), (text, y, next_y) in self._weights().items():
            if self._leaps(here, there):
                continue
            places = []
            for share in (0.5, 0.38, 0.62, 0.28, 0.72):
                along = 3 * share**2 - 2 * share**3  # the height of the curve there
                places.append((self.x[here[0]] + share, y + (next_y - y) * along))
            room = [min((abs(u - x) / 0.26 + abs(v - h) / 0.45 for u, v in taken), default=9.0) for x, h in places]
            x, h = next(
                (each for each, free in zip(places, room, strict=True) if free > 1), places[room.index(max(room))]
            )
            taken.append((x, h))
            self.axes.text(
                x,
                h,
                text,
                ha="center",
                va="center",
                fontsize=8,
                color="0.1",
                bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
                zorder=5,
            )

    def _write_ends(self) -> None:
        """Behind each output, which chains end there."""
        last = self.columns[-1]
        for unit in self._used(last.key):
            ranks = [str(i) for i, chain in enumerate(self.paths.chains, 1) if chain.passes[-1].index[1] == unit]
            self.axes.annotate(
                ", ".join(ranks),
                (self.x[last.key], last.height_of(unit)),
                (13, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                fontweight="bold",
                color="0.25",
            )


def chain_colour(value: float) -> str:
    """The colour of what a chain contributes."""
    return VERMILION if value > 0 else BLUE
