"""The NumPy engine's fast path: steps of a network that is nothing but dense layers with biases.

It computes what the general path does, layer by layer. On small networks it takes half the time, and from steps of
`SMALL_STEP` on it gains too little to be used (benchmarks/results/engine_paths.json). Three rearrangements do it:

- w[i] and b[i] stand one behind the other in theta, so they are one matrix of d_i + 1 rows. With a column of ones
  behind the inputs, z = [a 1] @ [w; b], and one product gives dw and db.
- A step does not need its own J to go on. The output layer's z and a of many steps are kept, and the loss takes them
  all at once.
- Views and buffers are made once for a call, not at every step, and `np.dot` starts sooner than `np.matmul`, which
  several networks need.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from chainrule.engines.engine import StepLosses
from chainrule.engines.problem import Problem, Variables
from chainrule.engines.scheduled_values import values_of_steps
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import LOSSES
from chainrule.network.layers import Dense
from chainrule.network.objective import row_shares

__all__ = ["DenseStack"]

GATHERED_BYTES = 1 << 20
"""Rows of so many bytes are brought into the epoch's order at once."""

SMALL_STEP = 1_000_000
"""Rows of a batch times parameters up to which the path gained 1.3 times or more."""


class _Layer(NamedTuple):
    """A dense layer: [w; b] and its gradient as matrices of n_in + 1 rows, w transposed, f and its chain rule."""

    w_and_b: Array
    gradient: Array
    w_transposed: Array
    f: Callable[[Array], Array]
    backward: Callable[[Array, Array, Array], Array]


class _Buffers(NamedTuple):
    """For a hidden layer: z; the next layer's input [a 1], its part a, and it transposed."""

    z: Array
    a_and_one: Array
    a: Array
    transposed: Array


class DenseStack:
    """The steps of one call of `NumpyEngine.run`, for one network of dense layers, or K of them."""

    @staticmethod
    def fits(problem: Problem, variables: Variables) -> bool:
        """Whether this path can do these steps."""
        architecture = problem.objective.architecture
        dense = all(type(layer) is Dense and layer.bias for layer in architecture.layers)
        # a person's own functions may return another dtype, which the general path takes
        known = type(problem.objective.loss) in LOSSES and all(
            type(layer.activation) in ACTIVATIONS for layer in architecture.dense_layers.values()
        )
        work = problem.batch_size * architecture.parameters.size
        return dense and known and work <= SMALL_STEP

    def __init__(self, problem: Problem, variables: Variables) -> None:
        objective = problem.objective
        self.problem, self.variables, self.objective = problem, variables, objective
        self.loss, self.output = objective.loss, objective.architecture.output_layer.activation
        self.gradient = np.empty_like(variables.theta)
        self.layers = list(_bound(problem, variables.theta, self.gradient))
        self.penalised = objective.penalised.astype(variables.theta.dtype)
        self.leading = variables.theta.shape[:-1]
        self.product = np.matmul if self.leading else np.dot
        self.hidden: dict[int, list[tuple[_Layer, _Buffers]]] = {}

    def run(self, order: Rows, start: int, stop: int, schedule: Mapping[str, Array]) -> StepLosses:
        """As `Engine.run`; the values besides the learning rate are the same for all networks."""
        values = values_of_steps(schedule, tuple(self.problem.optimizer.scheduled), self.variables.theta.dtype)
        assert values is not None
        penalty = np.zeros((stop - start, *self.leading))
        J = [np.empty((0, *self.leading))]
        for first, last, size in self._blocks(start, stop):
            rows = order[..., first * self.problem.batch_size :][..., : (last - first) * size]
            found = self._block(rows, size, values[first - start : last - start], penalty[first - start : last - start])
            finite = np.isfinite(found.reshape(len(found), -1)).all(axis=1)
            if not finite.all():
                J.append(found[: int(np.argmin(finite)) + 1])
                break
            J.append(found)
        losses = np.concatenate(J)
        return StepLosses(losses, penalty[: len(losses)])

    def _blocks(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """First and last step of each block of equal batches, and their size; the short last batch is its own block."""
        batch_size, n = self.problem.batch_size, self.problem.n_rows
        whole = min(stop, n // batch_size)
        rows = self.problem.rows
        row_numbers = rows.x.shape[1] + 3 * rows.y.shape[1]  # x, y and the z and a that are kept
        networks = math.prod(self.leading)
        steps = max(1, GATHERED_BYTES // (networks * batch_size * row_numbers * rows.x.itemsize))
        for first in range(start, whole, steps):
            yield first, min(first + steps, whole), batch_size
        if stop > whole:
            yield stop - 1, stop, n % batch_size

    def _block(self, rows: Rows, size: int, values: list[tuple[Any, ...]], penalty: Array) -> Array:
        """Do the steps of equal batches, and return their J."""
        given, dtype, steps = self.problem.rows, self.variables.theta.dtype, len(values)
        rows = _by_step(rows, steps)
        x = np.empty((*rows.shape, given.x.shape[1] + 1), dtype)
        x[..., :-1] = given.x.take(rows.ravel(), axis=0).reshape(*rows.shape, -1)  # faster than given.x[rows]
        x[..., -1] = 1
        y = given.y.take(rows, axis=0)
        weights = None if given.weights is None else given.weights[rows]
        shares = row_shares(size, weights, dtype)
        factors = [dtype.type(shares)] * steps if isinstance(shares, float) else list(shares[..., np.newaxis])
        z, a = np.empty((2, steps, *self.leading, size, y.shape[-1]), dtype)
        if size not in self.hidden:
            self.hidden[size] = [(layer, _hidden_buffers(size, layer)) for layer in self.layers[:-1]]
        hidden = self.hidden[size]
        penalised = bool(self.objective.penalty)
        optimizer, variables = self.problem.step_optimizer, self.variables
        layout = self.objective.architecture.parameters
        for s, batch in enumerate(zip(x, y, z, a, factors, strict=True)):
            self._backpropagate(hidden, *batch)
            if penalised:
                penalty[s] = self._add_penalty()
            optimizer.step(variables.theta, self.gradient, variables.remembered, values[s], variables.step, layout)
            variables.step += 1
        if y.ndim < z.ndim:  # K networks share the batches
            y, shares = y[:, np.newaxis], shares[:, np.newaxis] if isinstance(shares, np.ndarray) else shares
        flat = (-1, z.shape[-1])
        y = np.broadcast_to(y, z.shape)
        losses = self.loss.rows(y.reshape(flat), z.reshape(flat), a.reshape(flat), self.output)
        J: Array = (losses.reshape(z.shape[:-1]) * shares).sum(axis=-1)
        return J

    def _backpropagate(
        self, hidden: list[tuple[_Layer, _Buffers]], x: Array, y: Array, z: Array, a: Array, share: Array | float
    ) -> None:
        """Forward and backward for one batch; z and a of the output layer, and the gradient, are written."""
        below, activated, product = x, [], self.product
        for (w_and_b, _, _, f, _), (own_z, a_and_one, own_a, _) in hidden:
            product(below, w_and_b, out=own_z)
            own_a[...] = hidden_a = f(own_z)
            activated.append(hidden_a)
            below = a_and_one
        w_and_b, gradient, w_transposed, f, _ = self.layers[-1]
        product(below, w_and_b, out=z)
        a[...] = f(z)
        delta = self.loss.delta(y, z, a, self.output)
        delta *= share
        for (_, own_gradient, own_w_transposed, _, backward), (own_z, _, _, transposed) in reversed(hidden):
            product(transposed, delta, out=gradient)
            delta = backward(product(delta, w_transposed), own_z, activated.pop())
            gradient, w_transposed = own_gradient, own_w_transposed
        product(x.swapaxes(-1, -2), delta, out=gradient)

    def _add_penalty(self) -> Array:
        theta, penalty = self.variables.theta, self.objective.penalty
        self.gradient += penalty.gradient(theta, self.penalised)
        return penalty.value(theta, self.penalised)


def _bound(problem: Problem, theta: Array, gradient: Array) -> Iterator[_Layer]:
    architecture = problem.objective.architecture
    for i, layer in architecture.dense_layers.items():
        both = (..., slice(architecture.parameters[f"w[{i}]"].start, architecture.parameters[f"b[{i}]"].stop))
        shape = (*theta.shape[:-1], layer.n_in + 1, layer.n_out)
        w_and_b, d_both = theta[both].reshape(shape), gradient[both].reshape(shape)  # views: the last axis is split
        w_transposed = w_and_b[..., :-1, :].swapaxes(-1, -2)
        yield _Layer(w_and_b, d_both, w_transposed, layer.activation.f, layer.activation.backward)


def _hidden_buffers(size: int, layer: _Layer) -> _Buffers:
    *leading, _, n_out = layer.w_and_b.shape
    dtype = layer.w_and_b.dtype
    a_and_one = np.ones((*leading, size, n_out + 1), dtype)
    z = np.empty((*leading, size, n_out), dtype)
    return _Buffers(z, a_and_one, a_and_one[..., :-1], a_and_one.swapaxes(-1, -2))


def _by_step(rows: Rows, steps: int) -> Rows:
    """Numbers of rows (steps * size,) or (K, steps * size) as (steps, size) or (steps, K, size)."""
    batches = rows.reshape(*rows.shape[:-1], steps, -1)
    return batches if rows.ndim == 1 else np.ascontiguousarray(batches.swapaxes(0, 1))
