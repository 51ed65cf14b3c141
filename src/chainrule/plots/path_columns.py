"""The columns of the picture of paths: which layers are drawn, and which of their units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainrule.glassbox.paths import Chain, Paths
    from chainrule.glassbox.trace import Quantity

__all__ = ["PathColumn", "path_columns"]

FEW_UNITS = 8
"""Up to so many units of a layer are all drawn; of more, those that the chains pass."""


@dataclass(frozen=True)
class PathColumn:
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


def path_columns(paths: Paths) -> list[PathColumn]:
    """The input of the weight, and every array in which the chains come to another unit or row."""
    turned = {entry.name: entry for chain in paths.chains for entry in _turns(chain)}
    found = []
    if paths.quantity.letter == "dw":
        i, (j, _) = paths.quantity.number, paths.quantity.index
        assert i is not None
        n_units = paths.dimensions[i - 1]
        found.append(PathColumn("", f"layer {i}", f"a[{i}]", n_units, _slots(n_units, {j})))
    for name, n_units in paths.stations:
        if name in turned:
            used = {entry.index[1] for chain in paths.chains for entry in chain.passes if entry.name == name}
            head = f"layer {turned[name].number}" if name.startswith("delta") else _value_of(name)
            found.append(PathColumn(name, head, name, n_units, _slots(n_units, used)))
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
