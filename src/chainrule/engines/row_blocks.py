"""A batch whose rows pass in blocks, so that a tall one stays in cache and a long one in memory."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.arrays import Array
from chainrule.functions.cache_blocks import CACHED_BYTES, blocks_in_cache
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Mode
from chainrule.network.objective import Objective

__all__ = ["RowBlocks", "blocks_of_batch"]

SPARE_NUMBERS = 4
"""Numbers that pass through a network in a block, for each parameter, from which on blocks pay: each adds its gradient
to the others'."""


def blocks_of_batch(architecture: Architecture, n: int, dtype: np.dtype[np.floating]) -> list[slice]:
    """Slices over the n rows of a training batch: one, unless it is tall and narrow and its rows are independent."""
    whole = [slice(0, n)]
    if architecture.couples_rows or architecture.draws or architecture.statistics.size:
        return whole
    widest, together = max(architecture.dimensions), sum(architecture.dimensions)
    rows = max(1, CACHED_BYTES // (widest * dtype.itemsize))
    if n < 2 * rows or rows * together < SPARE_NUMBERS * architecture.parameters.size:
        return whole
    return list(blocks_in_cache(n, n * widest * dtype.itemsize))


class RowBlocks:
    """Adds up the gradients of blocks of rows.

    Parameters
    ----------
    objective : Objective
        What is differentiated.
    theta, state : array of shape (..., P) and (..., S)
        Where; read again at every call.
    gradient : array of shape (..., P)
        Where the gradient is written to.
    """

    def __init__(self, objective: Objective, theta: Array, state: Array, gradient: Array) -> None:
        bound = objective.architecture.bind_parameters
        self.objective, self.gradient, self.part = objective, gradient, np.empty_like(gradient)
        self.parameters, self.state = bound(theta), objective.architecture.bind_statistics(state)
        self.out, self.part_out = bound(gradient), bound(self.part)

    def value_and_gradient(
        self, rows: LabelledRows, shares: Array | float, mode: Mode, blocks: Iterable[slice]
    ) -> Array:
        """J of these rows without the penalty; the gradient is written."""
        J = np.zeros(self.gradient.shape[:-1])
        out = self.out
        for block in blocks:
            x, y = rows.x[block], rows.y[block]
            if rows.weights is not None:
                mode = mode._replace(weights=rows.weights[block])
            own_shares = shares[block] if isinstance(shares, np.ndarray) else shares
            J += self.objective.value_and_gradient(self.parameters, self.state, x, y, own_shares, mode, out).J
            if out is self.part_out:
                self.gradient += self.part
            out = self.part_out
        return J
