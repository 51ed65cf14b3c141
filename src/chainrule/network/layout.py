"""The layout of a flat vector: which slice of it is which array.

Parameters, their gradient and the layers' running statistics are each one vector. Everything that treats numbers
alike (optimizers, checkpoints, messages between processes, gradient checks) sees that vector; everything that
needs the arrays gets views of it, made anew from the vector whenever they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Literal, TypeAlias

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["ArraySpec", "Kind", "Layout", "Slot"]

Kind: TypeAlias = Literal["weight", "bias", "scale", "statistic"]
"""What an array is for: penalties and decay act on weights, never on biases and scales."""


@dataclass(frozen=True)
class ArraySpec:
    """An array that a layer asks for: its name within the layer, shape and kind."""

    name: str
    shape: tuple[int, ...]
    kind: Kind

    @property
    def size(self) -> int:
        """Number of entries."""
        return prod(self.shape)


@dataclass(frozen=True)
class Slot:
    """An array's place in the vector: its full name, first entry, shape and kind."""

    name: str
    start: int
    shape: tuple[int, ...]
    kind: Kind

    @property
    def stop(self) -> int:
        """One past the last entry."""
        return self.start + prod(self.shape)

    @property
    def slice(self) -> slice:
        """The entries of the array."""
        return slice(self.start, self.stop)

    def view(self, vector: Array) -> Array:
        """The array as a view of `vector`, of shape (..., size); leading axes stay in front."""
        return vector[..., self.slice].reshape(*vector.shape[:-1], *self.shape)


@dataclass(frozen=True)
class Layout:
    """The slots of a vector, in order and without gaps."""

    slots: tuple[Slot, ...]

    @classmethod
    def of(cls, named_specs: Iterable[tuple[str, ArraySpec]]) -> Layout:
        """Lay arrays out one behind the other, from pairs of full name and spec."""
        slots: list[Slot] = []
        start = 0
        for name, spec in named_specs:
            slots.append(Slot(name, start, spec.shape, spec.kind))
            start += spec.size
        return cls(tuple(slots))

    @cached_property
    def size(self) -> int:
        """Number of entries of the vector."""
        return self.slots[-1].stop if self.slots else 0

    @cached_property
    def _by_name(self) -> dict[str, Slot]:
        return {slot.name: slot for slot in self.slots}

    def __iter__(self) -> Iterator[Slot]:
        return iter(self.slots)

    def __len__(self) -> int:
        return len(self.slots)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Slot:
        return self._by_name[name]

    @cached_property
    def _places(self) -> tuple[tuple[slice, tuple[int, ...]], ...]:
        return tuple((slot.slice, slot.shape) for slot in self.slots)

    def views(self, vector: Array) -> tuple[Array, ...]:
        """Every array as a view of `vector` (..., size), in order."""
        if vector.ndim == 1:
            return tuple([vector[entries].reshape(shape) for entries, shape in self._places])
        return tuple(slot.view(vector) for slot in self.slots)

    def mask(self, *kinds: Kind) -> Array:
        """A float64 vector that is 1 at the entries of arrays of these kinds, else 0."""
        mask = np.zeros(self.size)
        for slot in self.slots:
            mask[slot.slice] = slot.kind in kinds
        return mask

    def mask_like(self, vector: Array, *kinds: Kind) -> Array:
        """The same 1 and 0 in the shape and dtype of `vector` (..., size)."""
        mask = np.empty_like(vector)
        mask[...] = self.mask(*kinds)
        return mask

    def name_of(self, entry: int) -> str:
        """The name and index of an entry of the vector, such as ``w[1][3, 0]``."""
        slot = next(slot for slot in self.slots if slot.start <= entry < slot.stop)
        index = np.unravel_index(entry - slot.start, slot.shape)
        return f"{slot.name}[{', '.join(str(int(i)) for i in index)}]"
