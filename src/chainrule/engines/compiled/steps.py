"""The program: the steps of a training, one after the other, as the records of a job and of its layers say.

A step has two halves. In the first, each thread takes some rows of the batch through the layers, forward and backward.
In the second, it makes the update of some of the parameters. What lies between is the gradient, in one of two ways:

- by rows: each thread sums the gradient of its own rows, block by block, while they are in its cache; the sums of all
  threads are added before the update. For few parameters and many rows.
- by units: when the derivatives of all rows are there, each thread makes the gradient of some units' weights from all
  rows, and updates these weights at once, while their gradient is in its cache. For many parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.engines.compiled.addresses import call, doubles_at, floats_at, layers_of, size_of, whole_numbers_at
from chainrule.engines.compiled.barrier import share, wait
from chainrule.engines.compiled.layer_passes import Block, compiled

__all__ = ["gather", "run_forward", "run_steps", "update_clipped", "update_part"]

SLICE, SLICE_OF_BLAS = 8192, 1 << 20
"""Parameters whose gradient is made and used at once, where it goes by units: few enough for the nearest cache, or for
the next one, where BLAS makes it, which is slow on narrow slices."""


@compiled
def run_steps(job: Any, like: Any) -> None:
    """Do the steps of a job; `like` is an array of the number type."""
    for network in range(job.first_network, job.last_network):
        for step in range(job.first_step, job.last_step):
            _step(job, network, step, like)


@compiled
def run_forward(job: Any, like: Any) -> None:
    """Write the outputs of a job's rows, block by block, for each of its networks."""
    layers, rows = layers_of(job), whole_numbers_at(job.order, job.row_block)
    output = layers[job.n_layers - 1]
    for network in range(job.first_network, job.last_network):
        for first in range(job.first_row, job.last_row, job.row_block):
            n = min(job.row_block, job.last_row - first)
            x = job.x + size_of(like) * first * job.x_row
            _take_rows(layers[0].input, x, job.x_row, job.x_column, job.n_inputs, rows[:n], like)
            for i in range(job.n_layers):
                if layers[i].forward:
                    call(layers[i].forward, (job.address, layers[i].address, network, 0, n, 0, 0, n))
            here = (network * job.n_rows + first) * output.n_out
            outputs = floats_at(job.outputs + size_of(like) * here, (n * output.n_out,), like)
            a = floats_at(output.output, (n * output.n_out,), like)
            for i in range(len(outputs)):
                outputs[i] = a[i]


@compiled
def _step(job: Any, network: Any, step: Any, like: Any) -> None:
    n = min(job.batch_size, job.n_rows - step % job.steps_per_epoch * job.batch_size)
    first, last = share(job, n, 8)
    if job.by_rows:
        _gradient_by_rows(job, network, step, n, first, last, like)
        wait(job)
        _add_threads(job, like)
        _update(job, network, step)
    else:
        block = Block(network, step, n, first, first, last - first)
        _derivatives(job, block, like)
        wait(job)
        _gradient_by_units(job, Block(network, step, n, 0, 0, n), like)
    if job.average_state and job.thread == 0:
        _average_statistics(job, network, step, like)
    wait(job)


@compiled
def _gradient_by_rows(job: Any, network: Any, step: Any, n: Any, first: Any, last: Any, like: Any) -> None:
    gradient = job.gradient + size_of(like) * job.thread * job.n_parameters
    if first == last:
        _fill(floats_at(gradient, (job.n_parameters,), like), 0.0)
    for start in range(first, last, job.row_block):
        block = Block(network, step, n, start, 0, min(job.row_block, last - start))
        _derivatives(job, block, like)
        layers = layers_of(job)
        for i in range(job.n_layers):
            _layer_gradient(job, layers[i], gradient, block, 0, layers[i].n_units, start > first)


@compiled
def _gradient_by_units(job: Any, block: Any, like: Any) -> None:
    """Make the gradient of this thread's units and, unless its norm is clipped first, use it at once.

    That of a whole small network stays in the nearest cache as it is: then it is used at the end, in one go.
    """
    layers = layers_of(job)
    at_the_end = job.clip_norm >= 0 or (job.n_threads == 1 and job.n_parameters <= SLICE)
    for i in range(job.n_layers):
        layer = layers[i]
        start, stop = share(job, layer.n_units, 8)
        size = SLICE_OF_BLAS if layer.gradient_by_blas else SLICE
        units = max(8, size // max(1, layer.unit_size) // 8 * 8)
        for unit in range(start, stop, units):
            end = min(unit + units, stop)
            _layer_gradient(job, layer, job.gradient, block, unit, end, False)
            if not at_the_end:
                _update_units(job, layer, unit, end, block)
    if at_the_end:
        wait(job)
        _update(job, block.network, block.step)


@compiled
def _layer_gradient(job: Any, layer: Any, gradient: Any, block: Any, start: Any, stop: Any, more: Any) -> None:
    """The gradient of a layer's units from `start` up to `stop`; with `more`, it is added to what is there."""
    if layer.gradient:
        network, step, n_batch, position, first, n = block
        call(
            layer.gradient,
            (job.address, layer.address, network, step, n_batch, position, first, n, gradient, start, stop, int(more)),
        )


@compiled
def _update_units(job: Any, layer: Any, start: Any, stop: Any, block: Any) -> None:
    """The update of what `_layer_gradient` has made; b, where it is not cut into units too, comes with the last."""
    size = layer.unit_size
    _update_part(job, layer.w + start * size, layer.w + stop * size, block.network, block.step)
    if layer.b_by_units:
        _update_part(job, layer.b + start, layer.b + stop, block.network, block.step)
    elif layer.b >= 0 and stop == layer.n_units:
        _update_part(job, layer.b, layer.b + layer.n_out, block.network, block.step)


@compiled
def _derivatives(job: Any, block: Any, like: Any) -> None:
    """Bring rows into the buffers, and take them forward, through the loss, and backward."""
    network, step, n_batch, position, first, n = block
    call(job.gather, (job.address, network, step, n_batch, position, first, n))
    layers = layers_of(job)
    for i in range(job.n_layers):
        if layers[i].forward:
            call(layers[i].forward, (job.address, layers[i].address, network, step, n_batch, position, first, n))
    _loss(job, layers[job.n_layers - 1], block, like)
    for i in range(job.n_layers - 1, -1, -1):
        if layers[i].backward:
            call(layers[i].backward, (job.address, layers[i].address, network, step, n_batch, position, first, n))


@compiled
def _loss(job: Any, output: Any, block: Any, like: Any) -> None:
    """Add the loss of these rows to J, and write its derivatives behind the output layer."""
    k = output.n_out
    here, rows = size_of(like) * block.first, size_of(like) * block.first * k
    place = (block.network * job.n_threads + job.thread) * job.n_steps + block.step - job.first_step
    y, z, a, delta = job.batch_y + rows, output.z + rows, output.output + rows, output.d_output + rows
    equal = int(job.weights == 0)
    call(job.loss, (y, z, a, job.shares + here, equal, block.n, k, job.loss_settings, delta, job.J + 8 * place))


@compiled
def gather(job: Any, block: Any, like: Any) -> None:
    """Copy the block's rows of x, y and weights, in the order of the epoch."""
    size, k = size_of(like), job.n_targets
    order = _order(job, block, block.position, block.n)
    x, y = layers_of(job)[0].input + size * block.first * job.n_inputs, job.batch_y + size * block.first * k
    _take_rows(x, job.x, job.x_row, job.x_column, job.n_inputs, order, like)
    _take_rows(y, job.y, job.y_row, job.y_column, k, order, like)
    shares = floats_at(job.shares + size * block.first, (block.n,), like)
    _fill(shares, 1.0 / block.n_batch)
    if job.weights:
        for r in range(block.n):
            shares[r] = floats_at(job.weights + size * order[r], (1,), like)[0] / block.n_batch
    if job.uses_norm_shares:
        _norm_shares(job, block, like)


@compiled
def _order(job: Any, block: Any, position: Any, n: Any) -> Any:
    """The numbers of n rows of the block's batch, from a position in it on."""
    epoch, step = divmod(block.step, job.steps_per_epoch)
    place = block.network * job.order_of_network + epoch * job.order_of_epoch + step * job.batch_size + position
    return whole_numbers_at(job.order + 8 * place, n)


@compiled
def _fill(array: Any, number: Any) -> None:
    for i in range(len(array)):
        array[i] = number


@compiled
def _take_rows(to: Any, array: Any, row_step: Any, column_step: Any, width: Any, order: Any, like: Any) -> None:
    """Copy the rows of these numbers, of an array whose rows and columns are so many numbers apart."""
    target = floats_at(to, (len(order) * width,), like)
    for r in range(len(order)):
        row = floats_at(array + size_of(like) * order[r] * row_step, ((width - 1) * column_step + 1,), like)
        if column_step == 1:
            for j in range(width):
                target[r * width + j] = row[j]
        else:
            for j in range(width):
                target[r * width + j] = row[j * column_step]


@compiled
def _norm_shares(job: Any, block: Any, like: Any) -> None:
    """The shares of a mean over the whole batch, which every thread sums for itself and writes for its own rows."""
    shares = floats_at(job.norm_shares + size_of(like) * block.first, (block.n,), like)
    if not job.weights:
        _fill(shares, 1.0 / block.n_batch)
        return
    order = _order(job, block, 0, block.n_batch)
    total = 0.0
    for r in range(block.n_batch):
        total += floats_at(job.weights + size_of(like) * order[r], (1,), like)[0]
    for r in range(block.n):
        weight = floats_at(job.weights + size_of(like) * order[block.position + r], (1,), like)[0]
        shares[r] = like.dtype.type(weight / total)


@compiled
def _part(address: Any, start: Any, stop: Any, like: Any) -> Any:
    """The numbers from `start` up to `stop`, counted from 0, without which no vectors would be made."""
    return floats_at(address + size_of(like) * start, (stop - start,), like)


@compiled
def _add_threads(job: Any, like: Any) -> None:
    """Add the gradients of the other threads to the first one's, each thread a part."""
    start, stop = share(job, job.n_parameters, 16)
    total = _part(job.gradient, start, stop, like)
    for thread in range(1, job.n_threads):
        other = _part(job.gradient, thread * job.n_parameters + start, thread * job.n_parameters + stop, like)
        for p in range(len(total)):
            total[p] += other[p]


@compiled
def _update(job: Any, network: Any, step: Any) -> None:
    """The update of this thread's part of theta."""
    start, stop = share(job, job.n_parameters, 16)
    _update_part(job, start, stop, network, step)


@compiled
def _update_part(job: Any, start: Any, stop: Any, network: Any, step: Any) -> None:
    call(job.update_part, (job.address, network, step, start, stop))


@compiled
def update_part(job: Any, network: Any, step: Any, start: Any, stop: Any, like: Any) -> None:
    """The update of the parameters from `start` up to `stop`, where the norm is not clipped."""
    gradient = _part(job.gradient, start, stop, like)
    _add_penalty(job, gradient, start, stop, network, step, like)
    if job.clip_value >= 0:
        _clip_values(gradient, _values(job, network, step)[job.clip_value])
    _move(job, start, stop, network, step, like)


@compiled
def update_clipped(job: Any, network: Any, step: Any, start: Any, stop: Any, like: Any) -> None:
    """The same where the norm is clipped, which all threads find together, each from its part of the gradient."""
    gradient, values = _part(job.gradient, start, stop, like), _values(job, network, step)
    _add_penalty(job, gradient, start, stop, network, step, like)
    if job.clip_value >= 0 and job.value_first:
        _clip_values(gradient, values[job.clip_value])
    bound, norm = values[job.clip_norm], np.sqrt(_sum_of_squares(job, gradient))
    if not norm <= bound:
        factor = like.dtype.type(bound / norm)
        for p in range(len(gradient)):
            gradient[p] *= factor
    if job.clip_value >= 0 and not job.value_first:
        _clip_values(gradient, values[job.clip_value])
    _move(job, start, stop, network, step, like)


@compiled
def _sum_of_squares(job: Any, gradient: Any) -> Any:
    """Over the parts of all threads, each of which adds them up in the same order."""
    own = 0.0
    for p in range(len(gradient)):
        own += np.float64(gradient[p]) * np.float64(gradient[p])
    sums = doubles_at(job.sums, job.n_threads)
    sums[job.thread] = own
    wait(job)
    total = 0.0
    for thread in range(job.n_threads):
        total += sums[thread]
    return total


@compiled
def _values(job: Any, network: Any, step: Any) -> Any:
    """The learning rate and the other values of a step."""
    return doubles_at(_values_address(job, network, step), job.n_values)


@compiled
def _values_address(job: Any, network: Any, step: Any) -> Any:
    return job.values + 8 * (network * job.values_of_network + (step - job.first_step) * job.n_values)


@compiled
def _add_penalty(job: Any, gradient: Any, start: Any, stop: Any, network: Any, step: Any, like: Any) -> None:
    """Add the penalty's gradient, and its value to that of the step."""
    if not job.mask:
        return
    theta = _part(job.theta, network * job.n_parameters + start, network * job.n_parameters + stop, like)
    mask = _part(job.mask, start, stop, like)
    l1, l2, total = like.dtype.type(job.l1), like.dtype.type(job.l2), 0.0
    for p in range(len(gradient)):
        w = theta[p] * mask[p]
        gradient[p] += l1 * np.sign(w) + l2 * w
    for p in range(len(gradient)):
        w = theta[p] * mask[p]
        total += job.l1 * abs(np.float64(w)) + job.l2 / 2 * np.float64(w) * np.float64(w)
    place = (network * job.n_threads + job.thread) * job.n_steps + step - job.first_step
    doubles_at(job.penalty + 8 * place, 1)[0] += total


@compiled
def _clip_values(gradient: Any, bound: Any) -> None:
    highest = gradient.dtype.type(bound)
    for p in range(len(gradient)):
        gradient[p] = highest if gradient[p] > highest else -highest if gradient[p] < -highest else gradient[p]


@compiled
def _move(job: Any, start: Any, stop: Any, network: Any, step: Any, like: Any) -> None:
    """Move theta by the optimizer's rule, and let the average follow."""
    offset, number = size_of(like) * network * job.n_parameters, job.number + step - job.first_step + 1
    values = _values_address(job, network, step)
    call(job.update, (job.theta + offset, job.gradient, job.remembered, offset, start, stop, number, values))
    if job.average:
        theta = _part(job.theta + offset, start, stop, like)
        _follow(_part(job.average + offset, start, stop, like), theta, _values(job, network, step), job, number)


@compiled
def _follow(average: Any, array: Any, values: Any, job: Any, number: Any) -> None:
    decay = values[job.average_decay]
    part = average.dtype.type((1 - decay) / (1 - decay ** np.float64(number)))
    for p in range(len(average)):
        average[p] += part * (array[p] - average[p])


@compiled
def _average_statistics(job: Any, network: Any, step: Any, like: Any) -> None:
    start, stop = network * job.n_statistics, (network + 1) * job.n_statistics
    state, average = _part(job.state, start, stop, like), _part(job.average_state, start, stop, like)
    _follow(average, state, _values(job, network, step), job, job.number + step - job.first_step + 1)
