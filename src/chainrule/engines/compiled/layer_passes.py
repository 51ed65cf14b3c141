"""Each kind of layer, forward and backward and its parameters' gradient, over rows in the buffers of its record.

The formulas are those of `network/layers/`, where they are explained; here they are loops. A `Block` says which rows.
Layers that couple the rows of a batch work on all of them, each thread on some of the units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from chainrule.engines.compiled.addresses import call, doubles_at, floats_at, singles_at, size_of
from chainrule.engines.compiled.barrier import share, wait
from chainrule.engines.compiled.products import blas_product, transpose

__all__ = [
    "Block",
    "batch_norm_backward",
    "batch_norm_forward",
    "batch_norm_predict",
    "compiled",
    "dense_backward",
    "dense_forward",
    "dense_gradient",
    "dropout_backward",
    "dropout_forward",
    "layer_norm_backward",
    "layer_norm_forward",
    "norm_gradient",
    "residual_end_backward",
    "residual_end_forward",
    "residual_start_backward",
    "rows_before",
    "theta_of",
]


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function when it is used, with sums in any order, so that they can be taken many at once."""
    return njit(function, fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")


class Block(NamedTuple):
    """Rows that pass through the network together.

    Attributes
    ----------
    network, step : int
        Whose rows, and in which step of the epoch.
    n_batch : int
        Rows of the whole batch.
    position : int
        Of the first row, within the batch.
    first, n : int
        Where they are in the buffers, and how many.
    """

    network: int
    step: int
    n_batch: int
    position: int
    first: int
    n: int


@compiled
def _rows(address: Any, block: Any, width: Any, like: Any) -> Any:
    """The rows of a block in a buffer of so many columns."""
    return floats_at(address + size_of(like) * block.first * width, (block.n, width), like)


@compiled
def theta_of(job: Any, network: Any, like: Any) -> Any:
    """The address of a network's parameters."""
    return job.theta + size_of(like) * network * job.n_parameters


@compiled
def rows_before(job: Any, step: Any) -> Any:
    """How many rows the steps before this one take."""
    return step // job.steps_per_epoch * job.n_rows + step % job.steps_per_epoch * job.batch_size


@compiled
def _fill(target: Any, row: Any) -> None:
    for r in range(target.shape[0]):
        for j in range(target.shape[1]):
            target[r, j] = row[j]


@compiled
def _copy(target: Any, source: Any) -> None:
    for r in range(target.shape[0]):
        for j in range(target.shape[1]):
            target[r, j] = source[r, j]


@compiled
def _sum(total: Any, x: Any, y: Any) -> None:
    for r in range(total.shape[0]):
        for j in range(total.shape[1]):
            total[r, j] = x[r, j] + y[r, j]


@compiled
def dense_forward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """The layer: z = x @ w + b and a = f(z)."""
    size, n_in, n_out = size_of(like), layer.n_in, layer.n_out
    x, z = layer.input + size * block.first * n_in, layer.z + size * block.first * n_out
    theta = theta_of(job, block.network, like)
    w, bias = theta + size * layer.w, theta + size * layer.b if layer.b >= 0 else job.zeros
    if layer.forward_by_blas:
        _fill(_rows(layer.z, block, n_out, like), floats_at(bias, (n_out,), like))
        blas_product(like, job.blas, job.scratch, z, n_out, x, n_in, 0, w, n_out, 0, block.n, n_out, n_in, 1)
    else:
        call(job.product, (z, n_out, x, n_in, 1, w, n_out, block.n, n_out, n_in, bias, 0))
    if layer.f:
        a = layer.output + size * block.first * n_out
        call(layer.f, (z, a, block.n, n_out, layer.settings))


@compiled
def dense_backward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """The chain rule: delta = dJ/da * f'(z), unless the loss has given it, and dJ/dx = delta @ w.T."""
    size, n_in, n_out = size_of(like), layer.n_in, layer.n_out
    delta = layer.d_output + size * block.first * n_out
    if layer.f_backward and not layer.delta_is_given:
        z, a = layer.z + size * block.first * n_out, layer.output + size * block.first * n_out
        call(layer.f_backward, (delta, z, a, block.n, n_out, layer.settings))
    if layer.d_input == 0:
        return
    w = theta_of(job, block.network, like) + size * layer.w
    d_input = layer.d_input + size * block.first * n_in
    if layer.backward_by_blas:
        blas_product(like, job.blas, job.scratch, d_input, n_in, delta, n_out, 0, w, n_out, 1, block.n, n_in, n_out, 0)
    else:
        transpose(like, job.transposed, w, n_in, n_out)
        w_t = job.transposed
        call(job.product, (d_input, n_in, delta, n_out, 1, w_t, n_in, block.n, n_in, n_out, job.zeros, 0))


@compiled
def dense_gradient(
    job: Any, layer: Any, gradient: Any, block: Any, start: Any, stop: Any, accumulate: Any, like: Any
) -> None:
    """Both gradients: dw = x.T @ delta and, with the last units, db = the sum of delta over the rows."""
    size, n_in, n_out, n = size_of(like), layer.n_in, layer.n_out, stop - start
    x = layer.input + size * (block.first * n_in + start)
    delta, dw = layer.d_output + size * block.first * n_out, gradient + size * (layer.w + start * n_out)
    if layer.gradient_by_blas:
        blas_product(like, job.blas, job.scratch, dw, n_out, x, n_in, 1, delta, n_out, 0, n, n_out, block.n, accumulate)
    elif accumulate:
        call(job.product, (dw, n_out, x, 1, n_in, delta, n_out, n, n_out, block.n, dw, n_out))
    else:
        call(job.product, (dw, n_out, x, 1, n_in, delta, n_out, n, n_out, block.n, job.zeros, 0))
    if layer.b >= 0 and stop == n_in:  # db is the product of a row of ones and delta
        db = gradient + size * layer.b
        start_at = db if accumulate else job.zeros
        call(job.product, (db, n_out, job.one, 0, 0, delta, n_out, 1, n_out, block.n, start_at, 0))


@compiled
def dropout_forward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """Units are dropped, and the others enlarged."""
    _dropout(job, layer, layer.input, layer.output, block, like)


@compiled
def dropout_backward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """The derivatives of dropped units are dropped, and the others enlarged."""
    _dropout(job, layer, layer.d_output, layer.d_input, block, like)


@compiled
def _dropout(job: Any, layer: Any, source: Any, target: Any, block: Any, like: Any) -> None:
    """Both ways: what is dropped forward gets no derivative backward, the rest the same factor."""
    d = layer.n_in
    x, y = _rows(source, block, d, like), _rows(target, block, d, like)
    factors = doubles_at(job.dropout_factors + 8 * block.network * job.factors_of_network, job.n_steps)
    rate = layer.rate * factors[block.step - job.first_step]
    if rate == 0:
        _copy(y, x)
        return
    rows = rows_before(job, block.step) - rows_before(job, job.first_step)
    before = rows * job.units_drawn + block.network * job.draws_of_network
    here = before + block.n_batch * layer.units_before + block.position * d
    u = singles_at(job.draws + 4 * here, (block.n, d))
    factor, limit = like.dtype.type(1 / (1 - rate)), np.float32(rate)
    for r in range(block.n):
        for j in range(d):
            y[r, j] = x[r, j] * factor if u[r, j] >= limit else x[r, j] * 0


@compiled
def _units(address: Any, start: Any, n: Any, like: Any) -> Any:
    """The numbers of n units from `start` on, of one row."""
    return floats_at(address + size_of(like) * start, (n,), like)


@compiled
def batch_norm_forward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """Over all rows of the batch, each thread for some of the units, counted from its first."""
    d = layer.n_in
    first, last = share(job, d, 16)
    n, theta = last - first, theta_of(job, block.network, like)
    shares = floats_at(job.norm_shares, (block.n_batch,), like)
    mean, variance = _units(layer.mean, first, n, like), _units(layer.variance, first, n, like)
    inverse = _units(layer.inverse_deviation, first, n, like)
    wait(job)  # for the other threads' rows
    for j in range(n):
        mean[j], variance[j] = 0, 0
    for r in range(block.n_batch):
        x = _units(layer.input, r * d + first, n, like)
        for j in range(n):
            mean[j] += shares[r] * x[j]
    for r in range(block.n_batch):
        x = _units(layer.input, r * d + first, n, like)
        for j in range(n):
            variance[j] += shares[r] * (x[j] - mean[j]) * (x[j] - mean[j])
    one, epsilon = like.dtype.type(1), like.dtype.type(layer.epsilon)
    for j in range(n):
        inverse[j] = one / np.sqrt(variance[j] + epsilon)
    scale, shift = _units(theta, layer.w + first, n, like), _units(theta, layer.b + first, n, like)
    for r in range(block.n_batch):
        x, y = _units(layer.input, r * d + first, n, like), _units(layer.output, r * d + first, n, like)
        normalised = _units(layer.normalised, r * d + first, n, like)
        for j in range(n):
            normalised[j] = (x[j] - mean[j]) * inverse[j]
            y[j] = scale[j] * normalised[j] + shift[j]
    running = job.state + size_of(like) * (block.network * job.n_statistics + layer.state)
    _keep_running(_units(running, first, n, like), mean, layer.momentum)
    _keep_running(_units(running, d + first, n, like), variance, layer.momentum)
    wait(job)  # for the other threads' units


@compiled
def batch_norm_predict(job: Any, layer: Any, block: Any, like: Any) -> None:
    """With the running statistics, for which no row depends on another."""
    d, size = layer.n_in, size_of(like)
    theta = theta_of(job, block.network, like)
    scale, shift = _units(theta, layer.w, d, like), _units(theta, layer.b, d, like)
    running = job.state + size * (block.network * job.n_statistics + layer.state)
    mean, variance = _units(running, 0, d, like), _units(running, d, d, like)
    one, epsilon = like.dtype.type(1), like.dtype.type(layer.epsilon)
    for r in range(block.n):
        x, y = _units(layer.input, r * d, d, like), _units(layer.output, r * d, d, like)
        for j in range(d):
            y[j] = scale[j] * ((x[j] - mean[j]) * (one / np.sqrt(variance[j] + epsilon))) + shift[j]


@compiled
def _keep_running(running: Any, batch: Any, momentum: Any) -> None:
    keep, take = running.dtype.type(momentum), running.dtype.type(1 - momentum)
    for j in range(len(running)):
        running[j] = keep * running[j] + take * batch[j]


@compiled
def batch_norm_backward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """Mean and variance depend on every row, so that their part of the derivative is shared out among the rows."""
    d = layer.n_in
    first, last = share(job, d, 16)
    n, shares = last - first, floats_at(job.norm_shares, (block.n_batch,), like)
    scale = _units(theta_of(job, block.network, like), layer.w + first, n, like)
    inverse = _units(layer.inverse_deviation, first, n, like)
    along_mean, along_deviation = _units(layer.mean, first, n, like), _units(layer.variance, first, n, like)
    wait(job)
    for j in range(n):
        along_mean[j], along_deviation[j] = 0, 0
    for r in range(block.n_batch):
        d_y, normalised = (
            _units(layer.d_output, r * d + first, n, like),
            _units(layer.normalised, r * d + first, n, like),
        )
        for j in range(n):
            along_mean[j] += d_y[j] * scale[j]
            along_deviation[j] += d_y[j] * scale[j] * normalised[j]
    for r in range(block.n_batch):
        d_y, normalised = (
            _units(layer.d_output, r * d + first, n, like),
            _units(layer.normalised, r * d + first, n, like),
        )
        d_x = _units(layer.d_input, r * d + first, n, like)
        for j in range(n):
            shared = shares[r] * (along_mean[j] + normalised[j] * along_deviation[j])
            d_x[j] = (d_y[j] * scale[j] - shared) * inverse[j]
    wait(job)


@compiled
def layer_norm_forward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """Each row is centred and scaled over its units."""
    d, size = layer.n_in, size_of(like)
    theta = theta_of(job, block.network, like)
    x, y = _rows(layer.input, block, d, like), _rows(layer.output, block, d, like)
    normalised, inverse = _rows(layer.normalised, block, d, like), _rows(layer.inverse_deviation, block, 1, like)
    scale, shift = floats_at(theta + size * layer.w, (d,), like), floats_at(theta + size * layer.b, (d,), like)
    width, one, epsilon = like.dtype.type(d), like.dtype.type(1), like.dtype.type(layer.epsilon)
    for r in range(block.n):
        total = like.dtype.type(0)
        for j in range(d):
            total += x[r, j]
        mean = total / width
        squares = like.dtype.type(0)
        for j in range(d):
            squares += (x[r, j] - mean) * (x[r, j] - mean)
        inverse[r, 0] = one / np.sqrt(squares / width + epsilon)
        for j in range(d):
            normalised[r, j] = (x[r, j] - mean) * inverse[r, 0]
            y[r, j] = scale[j] * normalised[r, j] + shift[j]


@compiled
def layer_norm_backward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """Mean and deviation depend on all units of a row, among which their part is shared out."""
    d, size = layer.n_in, size_of(like)
    d_y, d_x = _rows(layer.d_output, block, d, like), _rows(layer.d_input, block, d, like)
    normalised, inverse = _rows(layer.normalised, block, d, like), _rows(layer.inverse_deviation, block, 1, like)
    theta, width = theta_of(job, block.network, like), like.dtype.type(d)
    scale = floats_at(theta + size * layer.w, (d,), like)
    for r in range(block.n):
        along_mean, along_deviation = like.dtype.type(0), like.dtype.type(0)
        for j in range(d):
            along_mean += d_y[r, j] * scale[j]
            along_deviation += d_y[r, j] * scale[j] * normalised[r, j]
        along_mean, along_deviation = along_mean / width, along_deviation / width
        for j in range(d):
            d_centred = d_y[r, j] * scale[j] - along_mean - normalised[r, j] * along_deviation
            d_x[r, j] = d_centred * inverse[r, 0]


@compiled
def norm_gradient(
    job: Any, layer: Any, gradient: Any, block: Any, start: Any, stop: Any, accumulate: Any, like: Any
) -> None:
    """Of the scale and the shift of a norm: sums over the rows."""
    d, n = layer.n_in, stop - start
    d_scale, d_shift = _units(gradient, layer.w + start, n, like), _units(gradient, layer.b + start, n, like)
    if not accumulate:
        for j in range(n):
            d_scale[j], d_shift[j] = 0, 0
    for r in range(block.n):
        row = (block.first + r) * d + start
        d_y, normalised = _units(layer.d_output, row, n, like), _units(layer.normalised, row, n, like)
        for j in range(n):
            d_scale[j] += d_y[j] * normalised[j]
            d_shift[j] += d_y[j]


@compiled
def residual_end_forward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """What went in where the connection branches off is added to what the layers inside have made of it."""
    d = layer.n_in
    _sum(
        _rows(layer.output, block, d, like),
        _rows(layer.input, block, d, like),
        _rows(layer.other_input, block, d, like),
    )


@compiled
def residual_end_backward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """What comes back goes into the layers inside; `residual_start_backward` takes it past them."""
    _copy(_rows(layer.d_input, block, layer.n_in, like), _rows(layer.d_output, block, layer.n_in, like))


@compiled
def residual_start_backward(job: Any, layer: Any, block: Any, like: Any) -> None:
    """Both ways have a derivative with respect to the input, which add up."""
    d, other = layer.n_in, layer.other_d_output
    _sum(_rows(layer.d_input, block, d, like), _rows(layer.d_output, block, d, like), _rows(other, block, d, like))
