"""Buffers that are reused from step to step: the z of dense layers, so far."""

from __future__ import annotations

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["Workspace"]


class Workspace:
    """Uninitialised arrays by name, shape and dtype, made at the first request and handed out again at the next.

    What a pass wrote into them holds until the next pass with the same workspace. It belongs to one run of an
    engine and is no part of a network.
    """

    def __init__(self) -> None:
        self._arrays: dict[tuple[str, tuple[int, ...], np.dtype[np.floating]], Array] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
        """The buffer of this name, shape and dtype; what is in it is arbitrary."""
        key = name, shape, dtype
        array = self._arrays.get(key)
        if array is None:
            array = self._arrays[key] = np.empty(shape, dtype)
        return array

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(array.nbytes for array in self._arrays.values())
