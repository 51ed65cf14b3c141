"""The NumPy engine: the specification of a step, and the default way to carry it out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines.dense_stack import DenseStack
from chainrule.engines.engine import Engine, FullGradient, StepLosses
from chainrule.engines.problem import Problem, Variables
from chainrule.engines.row_blocks import RowBlocks, blocks_of_batch
from chainrule.engines.scheduled_values import dropout_factors, values_by_network, values_of_steps
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.cache_blocks import blocks_in_cache
from chainrule.functions.penalties import Penalty
from chainrule.network import sequence
from chainrule.network.layer import Mode, Randomness
from chainrule.network.objective import BatchGradient, row_shares
from chainrule.network.prediction import blocks_of
from chainrule.network.sparse_rows import SparseRows
from chainrule.network.workspace import Workspace

__all__ = ["LayerSteps", "NumpyEngine"]

GATHERED_BYTES = 1 << 20
"""Rows of so many bytes are brought into the epoch's order at once: one gather costs less than one for each step."""


class NumpyEngine(Engine):
    """Forward, backward and update as NumPy calls on whole batches."""

    name = "numpy"

    def run(
        self,
        problem: Problem,
        variables: Variables,
        order: Rows,
        start: int,
        stop: int,
        schedule: Mapping[str, Array],
    ) -> StepLosses:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # every J is looked at instead
            stack = DenseStack.fits(problem, variables) and _move_alike(problem, variables, schedule)
            path = DenseStack if stack else LayerSteps
            return path(problem, variables).run(order, start, stop, schedule)

    def value_and_gradient(
        self, problem: Problem, theta: Array, state: Array, *, training: bool = True, rng: Randomness | None = None
    ) -> FullGradient:
        objective, rows = problem.objective, problem.rows
        gradient = np.empty_like(theta)
        mode = Mode(training, rng, workspace=Workspace())
        blocks = blocks_of(rows.x, whole=training and objective.architecture.couples_rows)
        shares = row_shares(problem.n_rows, rows.weights, theta.dtype)
        J = RowBlocks(objective, theta, state, gradient).value_and_gradient(rows, shares, mode, blocks)
        penalty = np.zeros_like(J)
        if objective.penalty:
            penalty += _add_penalty(objective.penalty, theta, objective.penalised, gradient)
        return FullGradient(J, penalty, gradient)


class LayerSteps:
    """The steps of one call of `run`: what can be done before the first of them is done here, once."""

    def __init__(self, problem: Problem, variables: Variables) -> None:
        objective = problem.objective
        architecture = objective.architecture
        theta, self.layout = variables.theta, architecture.parameters
        self.optimizer = problem.step_optimizer
        self.problem, self.variables, self.objective = problem, variables, objective
        self.layers = architecture.layers
        self.parameters = architecture.bind_parameters(theta)
        self.state = architecture.bind_statistics(variables.state)
        self.statistics = architecture.statistics.views(variables.state)
        self.gradient = np.empty_like(theta)
        self.gradients = architecture.bind_parameters(self.gradient)
        self.penalised = objective.penalised.astype(theta.dtype) if objective.penalty else None
        self.workspace = Workspace()
        self.architecture, self.blocks = architecture, None
        blocks = blocks_of_batch(architecture, problem.batch_size, theta.dtype)
        if theta.ndim == 1 and len(blocks) > 1:
            self.blocks = blocks
            self.row_blocks = RowBlocks(objective, theta, variables.state, self.gradient)

    def run(self, order: Rows, start: int, stop: int, schedule: Mapping[str, Array]) -> StepLosses:
        """As `Engine.run`."""
        leading = self.variables.theta.shape[:-1]
        names = tuple(self.optimizer.scheduled)
        values: Sequence[Any] | None = values_of_steps(schedule, names, self.variables.theta.dtype)
        if values is None:
            self._check_remembered_by_network()
            values = values_by_network(schedule, names, *leading)
        dropout = dropout_factors(schedule)
        all_finite = _all_finite if leading else math.isfinite
        J, penalty = np.zeros((2, stop - start, *leading))
        for first, last in self._gathers(order, start, stop):
            x, y, weights = self._gathered(order[..., self.problem.batch_rows(first, last)])
            for s in range(first, last):
                done = s - start
                batch = slice((s - first) * self.problem.batch_size, (s + 1 - first) * self.problem.batch_size)
                found = self._value_and_gradient(
                    x[..., batch, :],
                    y[..., batch, :],
                    None if weights is None else weights[..., batch],
                    dropout[done],
                )
                J[done] = found.J
                if not all_finite(found.J):
                    return StepLosses(J[: done + 1], penalty[: done + 1])
                if self.penalised is not None:
                    theta = self.variables.theta
                    penalty[done] = _add_penalty(self.objective.penalty, theta, self.penalised, self.gradient)
                self._update(found, values[done])
        return StepLosses(J, penalty)

    def _gathers(self, order: Rows, start: int, stop: int) -> list[tuple[int, int]]:
        x = self.problem.rows.x
        networks = len(order) if order.ndim == 2 else 1
        steps = max(1, GATHERED_BYTES // (networks * self.problem.batch_size * x.shape[1] * x.itemsize))
        return [(first, min(first + steps, stop)) for first in range(start, stop, steps)]

    def _gathered(self, numbers: Rows) -> tuple[Array, Array, Array | None]:
        rows = self.problem.rows
        x = rows.x.take(numbers, axis=0) if isinstance(rows.x, SparseRows) else self._taken("x", rows.x, numbers)
        return x, self._taken("y", rows.y, numbers), None if rows.weights is None else rows.weights[numbers]

    def _taken(self, name: str, array: Array, numbers: Rows) -> Array:
        out = self.workspace.array(name, (*numbers.shape, array.shape[1]), array.dtype)
        return np.take(array, numbers, axis=0, out=out, mode="clip")  # "raise" would fill a copy of `out` first

    def _value_and_gradient(self, x: Array, y: Array, weights: Array | None, dropout: Array | float) -> BatchGradient:
        mode = Mode(True, self.variables.masks, weights, dropout, self.workspace)
        n, dtype = x.shape[-2], self.variables.theta.dtype
        shares = row_shares(n, weights, dtype)
        if self.blocks is not None:
            blocks = self.blocks if n == self.problem.batch_size else blocks_of_batch(self.architecture, n, dtype)
            rows = LabelledRows(x, y, weights)
            return BatchGradient(self.row_blocks.value_and_gradient(rows, shares, mode, blocks), (), ())
        return self.objective.value_and_gradient(self.parameters, self.state, x, y, shares, mode, self.gradients)

    def _check_remembered_by_network(self) -> None:
        k = len(self.variables.theta)
        for name, array in self.variables.remembered.items():
            if array.shape[:1] != (k,):
                raise InvalidArgument(
                    f"{type(self.optimizer).__name__} remembers one {name!r} of shape {array.shape} for all {k} "
                    "networks, so its scheduled values besides the learning rate must be the same for all of them."
                )

    def _update(self, found: BatchGradient, values: Any) -> None:
        variables = self.variables
        if self.statistics:
            new = sequence.updated_statistics(self.layers, self.state, found.caches)
            for view, value in zip(self.statistics, new, strict=True):
                view[...] = value
        if isinstance(values, tuple):
            self._move(variables.theta, self.gradient, variables.state, variables.remembered, values)
        else:  # each network moves with its own
            for k, own in enumerate(values):
                remembered = {name: array[k] for name, array in variables.remembered.items()}
                self._move(variables.theta[k], self.gradient[k], variables.state[k], remembered, own)
        variables.step += 1

    def _move(
        self, theta: Array, gradient: Array, state: Array, remembered: dict[str, Array], values: tuple[Any, ...]
    ) -> None:
        number = self.variables.step
        if self.statistics:
            self.optimizer.follow_statistics(state, remembered, values, number)
        self.optimizer.step(theta, gradient, remembered, values, number, self.layout)


def _move_alike(problem: Problem, variables: Variables, schedule: Mapping[str, Array]) -> bool:
    """Whether one step of the optimizer moves all networks, as it does where they differ in the learning rate alone."""
    names = tuple(problem.optimizer.scheduled)
    return variables.theta.ndim == 1 or values_of_steps(schedule, names, variables.theta.dtype) is not None


def _add_penalty(penalty: Penalty, theta: Array, penalised: Array, gradient: Array) -> Array:
    """The penalty, whose gradient is added to `gradient`, by blocks of theta that stay in cache."""
    value = np.zeros(theta.shape[:-1])
    for part in blocks_in_cache(theta.shape[-1], theta.nbytes):
        own = theta[..., part], penalised[part]
        gradient[..., part] += penalty.gradient(*own)
        value += penalty.value(*own)
    return value


def _all_finite(J: Array) -> bool:
    return bool(np.isfinite(J).all())
