"""Arrays whose first number stands at the beginning of a cache line, so that no vector of theirs lies across two."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["aligned_zeros"]

CACHE_LINE = 64
"""Bytes, on all processors that matter here; also those of the widest vector."""


def aligned_zeros(shape: tuple[int, ...], number_type: Any) -> Array:
    """Zeros of this shape and type; every array keeps a cache line of its own at its end, too."""
    size = math.prod(shape) * np.dtype(number_type).itemsize
    memory = np.zeros(size + 2 * CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    array: Array = memory[start : start + size].view(number_type).reshape(shape)
    return array
