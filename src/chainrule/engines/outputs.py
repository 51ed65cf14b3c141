"""The outputs of a network for rows that are there, few or many: on every core where they are many."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import numpy as np

from chainrule.engines.choice import check_engine_name, require_compiled
from chainrule.engines.coverage import layers_not_compiled
from chainrule.engines.threads import allowed_cores, limited_threads
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.network.architecture import Architecture
from chainrule.network.prediction import BLOCK_ROWS, outputs
from chainrule.network.sparse_rows import Inputs, SparseRows

__all__ = ["outputs_of_rows"]

MANY_OPERATIONS = 1e9
"""From which on the rows are shared out among the cores. 200,000 rows of 64-15-10, 4.5e8 operations, gain nothing:
blocks are so quick that the threads wait for the interpreter; of 50-256-256-2, 3e10, it is 1.5 times as fast."""


def outputs_of_rows(architecture: Architecture, theta: Array, state: Array, x: Inputs, engine: str = "numpy") -> Array:
    """The a of the output layer, of shape (..., n, k), by as many threads as there are cores where that pays.

    Each thread takes blocks of rows of its own, with products on one thread: NumPy's other operations, which the
    linear algebra library's threads would leave to one core, gain as well. A row's outputs are the same bits on any
    number of cores.

    Raises
    ------
    InvalidArgument, InvalidType
        If the compiled engine is asked for and does not know the layers, or there is no such engine.
    MissingExtra
        If it is asked for and not installed.
    """
    if engine != "numpy":
        return _by_compiled_passes(architecture, theta, state, x, engine)
    if x.shape[-2] < 2 * BLOCK_ROWS or isinstance(x, SparseRows):
        return outputs(architecture, theta, state, x)
    operations, cores = 2 * x.shape[-2] * theta.size, allowed_cores()
    if operations < MANY_OPERATIONS or cores == 1:
        return outputs(architecture, theta, state, x)
    with limited_threads(1) as threads:
        if threads != 1:  # threads of the library's own, under threads of ours, would be in each other's way
            return outputs(architecture, theta, state, x)
        return _by_threads(architecture, theta, state, x, cores)


def _by_compiled_passes(architecture: Architecture, theta: Array, state: Array, x: Inputs, engine: str) -> Array:
    check_engine_name(engine, ("numpy", "compiled"))
    unknown = "sparse rows" if isinstance(x, SparseRows) else layers_not_compiled(architecture)
    if unknown:
        raise InvalidArgument(
            f"The compiled engine has no {unknown}: leave engine out, and NumPy computes the outputs."
        )
    require_compiled()
    from chainrule.engines.compiled.prediction import compiled_outputs

    return compiled_outputs(architecture, theta, state, x, allowed_cores())  # type: ignore[arg-type]


def _by_threads(architecture: Architecture, theta: Array, state: Array, x: Array, cores: int) -> Array:
    n = x.shape[-2]
    a = np.empty((*(theta.shape[:-1] or x.shape[:-2]), n, architecture.n_out), theta.dtype)
    n_blocks = -(-n // BLOCK_ROWS)
    bounds = [min(n, i * n_blocks // cores * BLOCK_ROWS) for i in range(cores + 1)]
    bounds[-1] = n

    def fill(start: int, stop: int) -> None:
        a[..., start:stop, :] = outputs(architecture, theta, state, x[..., start:stop, :])

    with ThreadPoolExecutor(cores) as pool:
        parts = [pool.submit(copy_context().run, fill, start, stop) for start, stop in itertools.pairwise(bounds)]
        for part in parts:
            part.result()
    return a
