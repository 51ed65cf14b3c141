"""Work on large arrays in blocks that stay in the processor's cache.

NumPy carries out an expression operation by operation, and each passes over whole arrays. Where those are large, every
pass goes to memory and back, and each intermediate array is asked of the operating system and returned to it. In
blocks, the passes meet a cache, and the intermediate arrays are so small that they are used again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chainrule.functions.arrays import Array

__all__ = ["CACHED_BYTES", "LARGE_BYTES", "blocks_in_cache", "written_in_blocks"]

CACHED_BYTES = 1 << 16
"""Of a block of one array. A few such blocks fit into a core's second cache; smaller ones cost more calls than they
save: Adam's step of 300,000 float32 parameters took 2,800 us whole and, in blocks of 8, 32, 64, 128 and 256 KiB,
2,000, 1,150, 980, 1,010 and 1,110."""

LARGE_BYTES = 1 << 20
"""Of an array from which on an expression of one or two operations gains by blocks, too."""


def blocks_in_cache(n: int, nbytes: int) -> Iterator[slice]:
    """Slices of about equal length over `n` entries that take `nbytes` together, each of about `CACHED_BYTES`."""
    number = min(n, max(1, round(nbytes / CACHED_BYTES)))
    return (slice(i * n // number, (i + 1) * n // number) for i in range(number))


def written_in_blocks(function: Callable[..., Array], out: Array, *arrays: Array) -> Array:
    """``function(*arrays)`` written to `out`, rows by rows, for a function that treats each row by itself.

    `out` and the arrays have the same shape (..., n, d) and are C-contiguous; `out` may be one of them.
    """
    d = out.shape[-1]
    rows, target = [array.reshape(-1, d) for array in arrays], out.reshape(-1, d)
    for block in blocks_in_cache(len(target), target.nbytes):
        target[block] = function(*(array[block] for array in rows))
    return out
