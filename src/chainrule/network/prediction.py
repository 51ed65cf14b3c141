"""The outputs for all rows, block by block, so that memory does not grow with the width of the hidden layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network import sequence
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Mode
from chainrule.network.layers.dense import DenseCache
from chainrule.network.sparse_rows import Inputs, SparseRows
from chainrule.network.workspace import Workspace

__all__ = ["BLOCK_ROWS", "Prediction", "blocks", "blocks_of", "mean_output", "outputs", "predict"]

BLOCK_ROWS = 1024
"""Rows that pass through the network at once where all rows are wanted: enough for BLAS, small enough for caches."""

BLOCK_BYTES = 1 << 26
"""Of the rows that are made dense at once, where they are sparse."""

PREDICTION = Mode()
"""A pass without buffers, whose outputs are the caller's."""


class Prediction(NamedTuple):
    """The output layer before and after its activation, each of shape (..., n, k)."""

    z: Array
    a: Array


def blocks_of(x: Inputs, whole: bool = False) -> Iterator[slice]:
    """`blocks` of rows, smaller ones where the rows are sparse and wide, since they are made dense."""
    n = x.shape[-2]
    if whole or not isinstance(x, SparseRows):
        return blocks(n, whole)
    return blocks(n, most=max(1, BLOCK_BYTES // max(1, x.shape[1] * x.itemsize)))


def blocks(n: int, whole: bool = False, most: int | None = None) -> Iterator[slice]:
    """Slices over n rows of at most `BLOCK_ROWS`, or fewer, each; one slice for `whole`."""
    size = n if whole else min(BLOCK_ROWS, most or BLOCK_ROWS)
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def predict(architecture: Architecture, theta: Array, state: Array, x: Inputs) -> Prediction:
    """The output layer for all rows, block by block: z and a of shape (..., n, k)."""
    a = _empty_outputs(architecture, theta, x)
    z = np.empty_like(a)
    for rows, cache in _output_blocks(architecture, theta, state, x):
        z[..., rows, :], a[..., rows, :] = cache.z, cache.a
    return Prediction(z, a)


def outputs(architecture: Architecture, theta: Array, state: Array, x: Inputs) -> Array:
    """The a of `predict` alone."""
    if isinstance(x, np.ndarray) and x.shape[-2] <= BLOCK_ROWS:
        bound = architecture.bind_parameters(theta), architecture.bind_statistics(state)
        return sequence.forward(architecture.layers, *bound, x, PREDICTION)[0]
    a = _empty_outputs(architecture, theta, x)
    for rows, cache in _output_blocks(architecture, theta, state, x):
        a[..., rows, :] = cache.a
    return a


def _empty_outputs(architecture: Architecture, theta: Array, x: Inputs) -> Array:
    return np.empty((*(theta.shape[:-1] or x.shape[:-2]), x.shape[-2], architecture.n_out), theta.dtype)


def _output_blocks(
    architecture: Architecture, theta: Array, state: Array, x: Inputs
) -> Iterator[tuple[slice, DenseCache]]:
    """For each block of rows, which they are and what the output layer made of them, until the next block."""
    parameters, statistics = architecture.bind_parameters(theta), architecture.bind_statistics(state)
    mode = Mode(workspace=Workspace())
    for rows in blocks_of(x):
        block = x[rows] if isinstance(x, SparseRows) else x[..., rows, :]
        _, caches = sequence.forward(architecture.layers, parameters, statistics, block, mode)
        yield rows, caches[-1]


def mean_output(a: Array) -> Array:
    """Outputs of shape (n, k): those of one network, or the mean of those of K networks (K, n, k)."""
    if a.ndim == 2:
        return a
    mean: Array = a.mean(axis=0)
    return mean
