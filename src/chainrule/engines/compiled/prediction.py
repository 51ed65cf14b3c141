"""The outputs for many rows, by the compiled passes of the layers and all cores."""

from __future__ import annotations

import math

import numpy as np

from chainrule.engines.compiled.kernels import forward_kernel, product_kernel
from chainrule.engines.compiled.program import ROW_BLOCK, addresses, blas_address, walkable
from chainrule.engines.compiled.records import JOB
from chainrule.engines.compiled.table import LayerTable
from chainrule.engines.compiled.thread_team import ThreadTeam
from chainrule.engines.threads import limited_threads
from chainrule.functions.arrays import Array
from chainrule.network.architecture import Architecture

__all__ = ["compiled_outputs"]

OPERATIONS_OF_A_THREAD = 4_000_000
"""Of the products for all rows, for each thread."""


def compiled_outputs(architecture: Architecture, theta: Array, state: Array, x: Array, cores: int) -> Array:
    """The a of the output layer for rows x (n, d_1), of shape (..., n, k) with the leading axis of theta (..., P).

    A row's outputs are the same bits on any number of cores.
    """
    n, n_networks, number_type = len(x), math.prod(theta.shape[:-1]), theta.dtype.type
    outputs = np.empty((*theta.shape[:-1], n, architecture.n_out), theta.dtype)
    operations = 2 * n * theta.size
    n_threads = int(max(1, min(cores, n // ROW_BLOCK, operations // OPERATIONS_OF_A_THREAD)))
    x = walkable(x)
    tables = [LayerTable(architecture, number_type, min(ROW_BLOCK, n), training=False) for _ in range(n_threads)]
    jobs, kept = np.zeros(n_threads, JOB), _constants(architecture, number_type, n_threads)
    jobs["address"] = addresses(jobs)
    jobs["layers"], jobs["n_layers"] = [t.records.ctypes.data for t in tables], len(tables[0].records)
    jobs["last_network"], jobs["n_threads"], jobs["n_steps"] = n_networks, 1, 1
    blocks = -(-n // ROW_BLOCK)
    bounds = np.minimum(np.arange(n_threads + 1) * blocks // n_threads * ROW_BLOCK, n)
    jobs["first_row"], jobs["last_row"], jobs["row_block"], jobs["n_rows"] = bounds[:-1], bounds[1:], ROW_BLOCK, n
    jobs["x"], jobs["n_inputs"], jobs["outputs"] = x.ctypes.data, x.shape[1], outputs.ctypes.data
    jobs["x_row"], jobs["x_column"] = (step // x.itemsize for step in x.strides)
    jobs["theta"], jobs["n_parameters"] = theta.ctypes.data, theta.shape[-1]
    jobs["state"], jobs["n_statistics"] = state.ctypes.data, state.shape[-1]
    for name, array in kept.items():
        jobs[name] = addresses(array) if len(array) == n_threads else array.ctypes.data
    jobs["product"] = product_kernel(number_type)
    if any(table.uses_blas for table in tables):
        jobs["blas"] = blas_address(number_type)
    with limited_threads(1), ThreadTeam(n_threads) as team:
        team.run(forward_kernel(number_type), jobs["address"].tolist())
    return outputs


def _constants(architecture: Architecture, number_type: type, n_threads: int) -> dict[str, Array]:
    """What the passes read besides: dropout that drops nothing, zeros, the order of a block, and scratch memory."""
    return {
        "dropout_factors": np.zeros((1, 1)),
        "zeros": np.zeros((1, max(architecture.dimensions) + 64), number_type),
        "order": np.arange(ROW_BLOCK)[np.newaxis],
        "scratch": np.zeros((n_threads, 8), np.int64),
    }
