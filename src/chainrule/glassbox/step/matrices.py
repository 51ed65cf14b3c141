"""Small matrices side by side, in which the numbers that are spoken of are marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.explain.text import number_text
from chainrule.glassbox.step.stations import ROWS, Station
from chainrule.glassbox.step.styled_text import BLANK, Line, Span

__all__ = ["Block", "matrix", "side_by_side"]

MOST_ROWS, MOST_COLUMNS = 6, 6
"""So many rows and columns are shown; of larger arrays those around the marked numbers."""

FEW = 3
"""So many at least, where that is one."""

DIGITS = 4

GAP = "…"


@dataclass(frozen=True)
class Block:
    """Lines of the same width.

    Attributes
    ----------
    lines : tuple of Line
        The lines.
    width : int
        Characters of each.
    """

    lines: tuple[Line, ...]
    width: int


Index = tuple[int, ...]


def matrix(
    station: Station, value: Array | float, marked: Collection[Index], wanted: Sequence[Index], style: str, width: int
) -> Block:
    """An array as a block, folded around its marked numbers.

    Parameters
    ----------
    station : Station
        The array.
    value : array or float
        Its numbers.
    marked : collection of tuple of int
        The entries to mark, in brackets and in this style.
    wanted : sequence of tuple of int
        Those of them that must not be folded away, as far as there is room; the first first.
    style : str
        The style.
    width : int
        Characters that a line may have.
    """
    grid, upright, axis = _as_grid(np.asarray(value), station)
    places = [_place(index, upright) for index in wanted]
    rows = _shown([row for row, _ in places], grid.shape[0], MOST_ROWS)
    for most in range(MOST_COLUMNS, 0, -1):
        columns = _shown([column for _, column in places], grid.shape[1], most)
        cut = _Cut(grid, rows, columns, _head(axis, rows, grid.shape[0]))
        numbered = bool(station.shape) and not upright
        at = {_place(index, upright) for index in marked}
        lines = [_titled(station, value), cut.header(numbered=numbered), *cut.body(at, style)]
        widest = max(_width(each) for each in lines)
        if widest <= width:
            break
    return Block(tuple((*each, Span(" " * (widest - _width(each)))) for each in lines), widest)


def side_by_side(blocks: Sequence[Block], width: int) -> list[Line]:
    """Blocks beside each other as far as they fit, the others below."""
    lines: list[Line] = []
    rest = list(blocks)
    while rest:
        fitting = 1
        while fitting < len(rest) and sum(each.width + 3 for each in rest[: fitting + 1]) - 3 <= width:
            fitting += 1
        lines += [*([BLANK] if lines else []), *_joined(rest[:fitting])]
        rest = rest[fitting:]
    return lines


def _joined(blocks: Sequence[Block]) -> list[Line]:
    joined = []
    for i in range(max(len(each.lines) for each in blocks)):
        spans: list[Span] = []
        for each in blocks:
            spans += [*each.lines[i], Span("   ")] if i < len(each.lines) else [Span(" " * (each.width + 3))]
        joined.append(tuple(spans))
    return joined


def _as_grid(value: Array, station: Station) -> tuple[Array, bool, str]:
    """With two axes; whether an array of one axis stands upright; and what its rows are headed by."""
    if value.ndim == 2:
        return value, False, "row" if station.axes[0] == ROWS else "from"
    upright = station.axes == (ROWS,)
    return value.reshape((-1, 1) if upright else (1, -1)), upright, "row" if upright else ""


def _place(index: Index, upright: bool) -> tuple[int, int]:
    """Where an entry stands in the grid."""
    if len(index) == 2:
        return index[0], index[1]
    only = index[0] if index else 0
    return (only, 0) if upright else (0, only)


def _shown(wanted: Sequence[int], size: int, most: int) -> list[int]:
    """The places to show: all if they are few, else those that are wanted, or the nearest of one alone."""
    if size <= most:
        return list(range(size))
    chosen = list(dict.fromkeys(wanted))[:most]
    others = sorted((i for i in range(size) if i not in chosen), key=lambda i: abs(i - wanted[0]))
    return sorted([*chosen, *others[: max(min(FEW, most) - len(chosen), 0)]])


def _head(axis: str, rows: Sequence[int], size: int) -> list[str]:
    """What stands in front of each line: the axis above, then the number of each row; all of one width."""
    if not axis:
        return ["", *("" for _ in rows)]
    width = max(len(axis), len(str(size - 1)))
    return [f"{axis.ljust(width)} ", *(f"{str(row).rjust(width)} " for row in rows)]


def _titled(station: Station, value: Array | float) -> Line:
    shape = " x ".join(map(str, np.shape(value)))
    return (Span(station.name, "heading"), Span(f"  {shape}" if shape else "", "quiet"))


@dataclass(frozen=True)
class _Cut:
    """The rows and columns of a grid that are shown."""

    grid: Array
    rows: Sequence[int]
    columns: Sequence[int]
    head: Sequence[str]

    def _text(self, row: int, column: int) -> str:
        return number_text(float(self.grid[row, column]), DIGITS)

    @property
    def cell(self) -> int:
        """Characters of a number."""
        texts = [self._text(row, column) for row in self.rows for column in self.columns]
        return max(len(text) for text in (*texts, *map(str, self.columns)))

    @property
    def tail(self) -> str:
        """What stands at the end of a line of which some is left out."""
        return f" {GAP}" if len(self.columns) < self.grid.shape[1] else ""

    def header(self, *, numbered: bool) -> Line:
        """The line above: the axis, and the numbers of the columns."""
        cell = self.cell
        numbers = "".join(f" {column:>{cell}} " for column in self.columns) + self.tail if numbered else ""
        return (Span(f"{self.head[0]}{numbers}", "quiet"),)

    def body(self, marked: Collection[tuple[int, int]], style: str) -> list[Line]:
        """The rows, and a line for those that are left out."""
        lines: list[Line] = []
        cell = self.cell
        for row, label in zip(self.rows, self.head[1:], strict=True):
            spans = [Span(label, "quiet")]
            for column in self.columns:
                text = self._text(row, column)
                padding = " " * (cell - len(text))
                is_marked = (row, column) in marked
                spans += [Span(padding), Span(f"[{text}]", style) if is_marked else Span(f" {text} ")]
            lines.append((*spans, Span(self.tail, "quiet")))
        folded = len(self.rows) < self.grid.shape[0]
        return [*lines, (Span(GAP.rjust(len(self.head[0]) - 1), "quiet"),)] if folded else lines


def _width(spans: Sequence[Span]) -> int:
    return sum(len(span.text) for span in spans)
