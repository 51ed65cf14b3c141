"""Buffers that are reused from step to step: what dense layers compute, and the rows of a batch."""

from __future__ import annotations

from math import prod

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["Workspace"]


class Workspace:
    """Uninitialised arrays by name, shape and dtype, made at the first request and handed out again at the next.

    What a pass wrote into them holds until the next pass with the same workspace, whatever its shapes: those of one
    name share their memory. It belongs to one run of an engine and is no part of a network.
    """

    def __init__(self) -> None:
        self._arrays: dict[tuple[str, tuple[int, ...], np.dtype[np.floating]], Array] = {}
        self._memory: dict[tuple[str, np.dtype[np.floating]], Array] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
        """The buffer of this name, shape and dtype; what is in it is arbitrary."""
        key = name, shape, dtype
        array = self._arrays.get(key)
        if array is None:
            array = self._arrays[key] = self._view(name, shape, dtype)
        return array

    def _view(self, name: str, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
        memory, size = self._memory.get((name, dtype)), prod(shape)
        if memory is None or memory.size < size:
            memory = self._memory[name, dtype] = np.empty(size, dtype)
        return memory[:size].reshape(shape)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(memory.nbytes for memory in self._memory.values())
