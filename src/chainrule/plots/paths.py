"""The strongest chains of the chain rule, drawn through the network: by which units an error reached a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from chainrule.errors import InvalidArgument, require
from chainrule.plots.style import BLUE, GREY, VERMILION, new_figure, number, styled, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from chainrule.glassbox.paths import Chain, Paths
    from chainrule.glassbox.trace import Quantity

__all__ = ["plot_paths"]

FEW_UNITS = 8
"""Up to so many units of a layer are all drawn; of more, those that the chains pass."""

WIDEST, NARROWEST = 9.0, 1.2
"""Points: how wide the strongest chain is drawn, and the weakest at least."""

GAP = 1.0
"""Points between lines side by side."""

LONGEST_PRODUCT = 96
"""Characters of a product beside a chain's contribution; a longer one is cut in its middle."""

LINE_HEIGHT = 0.21
"""Inches of a line of text below the network."""


def plot_paths(paths: Paths) -> Figure:
    """Draw the strongest chains as lines through the units that they pass, from the number to the output.

    A line is as wide as its chain is strong, blue where it contributes below 0 and red above. Weights stand on the
    lines. Below, each chain has its contribution, its share of the number, its rows and its factors, in the order of
    the lines. Where a layer has many units, those on the chains are drawn.

    Parameters
    ----------
    paths : Paths
        What `chainrule.paths` found.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidArgument
        If all chains are 0.
    MissingExtra
        If matplotlib is not installed.
    """
    if not paths.chains:
        raise InvalidArgument(f"There is nothing to draw: all chains of {paths.quantity} are 0.")
    with styled():
        columns = _columns(paths)
        lines = len(paths.chains) + 1 + bool(paths.n_others)
        tall = max(len(column.slots) for column in columns)
        height = max(1.6, 0.42 * tall) + 1.5
        text_height = LINE_HEIGHT * lines + 0.15
        figure = new_figure(max(7.5, 1.75 * len(columns) + 1), height + text_height)
        network, text = figure.subplots(2, 1, height_ratios=(height, text_height))
        drawing = _Drawing(network, paths, columns)
        _write_chains(text, paths)
        title(network, f"{paths.quantity} = {number(paths.value)}", _detail(paths))
        drawing.draw()
    return figure


def _detail(paths: Paths) -> str:
    """How many chains there are, and what the drawn ones are of them."""
    chains = "a single chain" if paths.n_chains == 1 else f"{paths.n_chains:,} chains"
    if paths.n_alive < paths.n_chains:
        chains += f", {paths.n_alive:,} of them not 0"
    if not paths.n_others:
        return chains
    drawn = "the strongest" if len(paths.chains) == 1 else f"the {len(paths.chains)} strongest"
    share = f"{1 - paths.others_share_of_total:.0%}".replace("%", " %")
    return f"{chains}; drawn: {drawn}, {share} of all sizes"


@dataclass(frozen=True)
class _Column:
    """A layer: what it is called, how many units it has, and which of them are drawn (None for a gap), from above."""

    key: str
    head: str
    detail: str
    n_units: int
    slots: tuple[int | None, ...]

    def height_of(self, unit: int) -> float:
        """Where a unit stands, with 0 in the middle of the column."""
        return (len(self.slots) - 1) / 2 - self.slots.index(unit)

    @cached_property
    def top(self) -> float:
        """Where the uppermost unit stands."""
        return (len(self.slots) - 1) / 2


def _columns(paths: Paths) -> list[_Column]:
    """The input of the weight, and every array in which the chains come to another unit or row."""
    turned = {entry.name: entry for chain in paths.chains for entry in _turns(chain)}
    found = []
    if paths.quantity.letter == "dw":
        i, (j, _) = paths.quantity.number, paths.quantity.index
        assert i is not None
        n_units = paths.dimensions[i - 1]
        found.append(_Column("", f"layer {i}", f"a[{i}]", n_units, _slots(n_units, {j})))
    for name, n_units in paths.stations:
        if name in turned:
            used = {entry.index[1] for chain in paths.chains for entry in chain.passes if entry.name == name}
            head = f"layer {turned[name].number}" if name.startswith("delta") else _value_of(name)
            found.append(_Column(name, head, name, n_units, _slots(n_units, used)))
    return found


def _value_of(name: str) -> str:
    """The value whose derivative has this name."""
    return name.removeprefix("d(").removesuffix(")") if "(" in name else name.removeprefix("d")


def _turns(chain: Chain) -> Iterator[Quantity]:
    """The entries that need a column: the first, every delta, and each to which a chain comes from another entry."""
    before = None
    for entry in chain.passes:
        if before is None or entry.letter == "delta" or entry.index != before.index:
            yield entry
        before = entry


def _slots(n_units: int, used: set[int]) -> tuple[int | None, ...]:
    if n_units <= FEW_UNITS:
        return tuple(range(n_units))
    slots: list[int | None] = []
    last = -1
    for unit in sorted(used):
        if unit > last + 1:
            slots.append(None)
        slots.append(unit)
        last = unit
    return tuple(slots) if last == n_units - 1 else (*slots, None)


Stop: TypeAlias = "tuple[str, int]"
"""A column's key and a unit in it."""


class _Drawing:
    """The network and the chains in it."""

    def __init__(self, axes: Any, paths: Paths, columns: list[_Column]) -> None:
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
                edgecolor=_colour(self.paths.chains[i].contribution),
                linewidth=self.widths[i],
                alpha=0.75,
                capstyle="round",
            )
        )

    def _draw_column(self, column: _Column) -> None:
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


def _colour(value: float) -> str:
    return VERMILION if value > 0 else BLUE


def _write_chains(axes: Any, paths: Paths) -> None:
    """Below the network, a line for each chain."""
    n_lines = len(paths.chains) + 1 + bool(paths.n_others)
    axes.set(xlim=(0, 1), ylim=(n_lines, 0))
    axes.axis("off")
    width = axes.figure.get_figwidth()
    at = [each / width for each in (0.28, 1.05, 1.7, 1.95)]
    for x, head, side in zip(
        at, ("", "contribution", "share", _what_is_multiplied(paths)), ("right", "right", "right", "left"), strict=True
    ):
        axes.text(x, 0.5, head, ha=side, va="center", fontsize=8, color=GREY)
    for i, chain in enumerate(paths.chains, 1):
        colour = _colour(chain.contribution)
        axes.text(at[0], i + 0.5, f"{i}", ha="right", va="center", fontsize=8.5, fontweight="bold", color=colour)
        cells = (number(float(f"{chain.contribution:.3g}")), _percent(chain.share), _product(chain))
        for x, cell, side in zip(at[1:], cells, ("right", "right", "left"), strict=True):
            axes.text(x, i + 0.5, cell, ha=side, va="center", fontsize=8.5)
    if paths.n_others:
        share = _percent(paths.others / paths.value if paths.value else float("nan"))
        what = "the other chain" if paths.n_others == 1 else f"the other {paths.n_others:,} chains together"
        cells = (number(float(f"{paths.others:.3g}")), share, what)
        for x, cell, side in zip(at[1:], cells, ("right", "right", "left"), strict=True):
            axes.text(x, n_lines - 0.5, cell, ha=side, va="center", fontsize=8.5, color=GREY)


def _what_is_multiplied(paths: Paths) -> str:
    """The head of the products."""
    names = [factor.name for factor in paths.chains[0].factors]
    first, last = (name[: name.rindex("[")] for name in (names[0].split(")")[0], names[-1]))
    return (
        f"row: {last}"
        if len(names) == 1
        else f"row: {first}{')' if ')' in names[0] else ''} \u00d7 \u2026 \u00d7 {last}"
    )


def _percent(share: float) -> str:
    return "\u2013" if share != share else f"{share:.0%}".replace("%", " %").replace("-", "\u2212")


def _product(chain: Chain) -> str:
    """The rows, the ways at residual connections, and the factors' values."""
    rows = "row " + " \u2190 ".join(map(str, chain.rows))
    values = [number(float(f"{factor.value:.3g}")) for factor in chain.factors]
    text = ", ".join([rows, *chain.ways]) + ":  "
    while len(text + " \u00d7 ".join(values)) > LONGEST_PRODUCT and len(values) > 3:
        middle = len(values) // 2
        values[middle - 1 : middle + 1] = ["\u2026"] if "\u2026" not in values else []
        if "\u2026" not in values:
            values.insert(middle - 1, "\u2026")
    return text + " \u00d7 ".join(values)
