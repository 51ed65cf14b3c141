"""The program for one training: its records and buffers, laid out once, and its calls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numba.extending import get_cython_function_address

from chainrule.engines.compiled.aligned_arrays import aligned_zeros
from chainrule.engines.compiled.flat_optimizer import FlatOptimizer
from chainrule.engines.compiled.kernels import loss_kernel, product_kernel, step_kernels, update_kernel
from chainrule.engines.compiled.records import JOB
from chainrule.engines.compiled.table import LARGEST_TRANSPOSED, LayerTable
from chainrule.engines.compiled.thread_team import ThreadTeam, yield_core
from chainrule.engines.engine import StepLosses
from chainrule.engines.problem import Problem, Variables
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import CrossEntropy, Loss
from chainrule.functions.losses.loss import ElementwiseLoss

__all__ = ["ROW_BLOCK", "Program", "addresses", "blas_address", "goes_by_rows", "walkable"]

ROW_BLOCK = 256
"""Rows that go forward and backward together where the gradient is made by rows: their numbers stay in cache."""

MOST_DRAWS = 1 << 20
"""Numbers that are drawn for dropout before the steps that use them."""


def goes_by_rows(problem: Problem) -> bool:
    """Whether the gradient is made by rows: where the parameters are few beside the numbers of a batch."""
    architecture = problem.objective.architecture
    widths = sum(layer.n_in + layer.n_out for layer in architecture.dense_layers.values())
    return not architecture.couples_rows and 4 * architecture.parameters.size <= problem.batch_size * widths


class Program:
    """The compiled steps of one training, for as many calls as its problem and its arrays stay the same.

    Parameters
    ----------
    problem : Problem
        What to learn; `not_compiled` has found nothing in it.
    variables : Variables
        What the steps change, in place.
    n_threads : int
        Threads that share the work: of a single network the rows of a batch, of several networks the networks.
    """

    def __init__(self, problem: Problem, variables: Variables, n_threads: int) -> None:
        _check_arrays(problem, variables)
        self.problem, self.variables, self.asked_threads = problem, variables, n_threads
        self.arrays = variables.theta, variables.state, dict(variables.remembered)
        self.number_type = variables.theta.dtype.type
        self.n_networks = math.prod(variables.theta.shape[:-1])
        self.n_threads = n_threads if self.n_networks == 1 else min(n_threads, self.n_networks)
        self.sharing = self.n_threads if self.n_networks == 1 else 1
        self.by_rows = goes_by_rows(problem)
        self.optimizer = FlatOptimizer.of(problem.optimizer)
        self.kept: list[Array] = []
        self.jobs = np.zeros(self.n_threads, JOB)
        self.jobs["address"] = addresses(self.jobs)
        self._fill_layers()
        self._fill_rows()
        self._fill_parameters()
        self._fill_optimizer()
        self._fill_constants()

    def is_for(self, problem: Problem, variables: Variables, n_threads: int) -> bool:
        """Whether this program is for these arrays and settings."""
        theta, state, remembered = self.arrays
        return (
            (problem is self.problem and variables is self.variables and n_threads == self.asked_threads)
            and (variables.theta is theta and variables.state is state)
            and variables.remembered.keys() == remembered.keys()
            and all(variables.remembered[name] is array for name, array in remembered.items())
        )

    def _new(self, *shape: int, dtype: Any = None) -> Array:
        array = aligned_zeros(shape, self.number_type if dtype is None else dtype)
        self.kept.append(array)  # the records have its address alone
        return array

    def _fill_layers(self) -> None:
        """The layers' tables: one where threads work on different rows of the same buffers, else one for each."""
        objective, jobs = self.problem.objective, self.jobs
        output = objective.architecture.output_layer.activation
        loss, delta_is_given = loss_kernel(objective.loss, output, self.number_type)
        n_rows = min(ROW_BLOCK, self.problem.batch_size) if self.by_rows else self.problem.batch_size
        own = self.by_rows or self.sharing == 1
        tables = [
            LayerTable(objective.architecture, self.number_type, n_rows, delta_is_given=delta_is_given)
            for _ in range(self.n_threads if own else 1)
        ]
        self.tables, self.buffer_rows = tables, n_rows
        jobs["layers"] = [table.records.ctypes.data for table in tables]
        jobs["n_layers"], jobs["units_drawn"] = len(tables[0].records), tables[0].units_drawn
        jobs["loss"], jobs["by_rows"], jobs["row_block"] = loss, self.by_rows, n_rows
        self.loss_settings = _loss_settings(objective.loss, objective.architecture.n_out)
        jobs["loss_settings"] = self.loss_settings.ctypes.data

    def _fill_rows(self) -> None:
        jobs, rows, n = self.jobs, self.problem.rows, self.buffer_rows
        assert isinstance(rows.x, np.ndarray)  # sparse rows have no compiled form
        x, y = walkable(rows.x), walkable(rows.y)
        jobs["n_rows"], jobs["batch_size"] = self.problem.n_rows, self.problem.batch_size
        jobs["steps_per_epoch"] = self.problem.steps_per_epoch
        jobs["n_inputs"], jobs["n_targets"] = x.shape[1], y.shape[1]
        for name, array in (("x", x), ("y", y)):
            jobs[name] = array.ctypes.data
            jobs[f"{name}_row"], jobs[f"{name}_column"] = (step // array.itemsize for step in array.strides)
        weights = None if rows.weights is None else np.ascontiguousarray(rows.weights, self.number_type)
        jobs["weights"] = 0 if weights is None else weights.ctypes.data
        self.kept += [x, y] if weights is None else [x, y, weights]
        own = len(self.tables)
        jobs["batch_y"] = addresses(self._new(own, n, y.shape[1]))
        jobs["shares"] = addresses(self._new(own, n))
        jobs["norm_shares"] = addresses(self._new(own, n))
        jobs["uses_norm_shares"] = self.problem.objective.architecture.couples_rows

    def _fill_parameters(self) -> None:
        jobs, theta, state = self.jobs, self.variables.theta, self.variables.state
        jobs["theta"], jobs["n_parameters"] = theta.ctypes.data, theta.shape[-1]
        jobs["state"], jobs["n_statistics"] = state.ctypes.data, state.shape[-1]
        if self.sharing > 1:
            jobs["gradient"] = self._new(self.sharing if self.by_rows else 1, theta.shape[-1]).ctypes.data
        else:
            jobs["gradient"] = addresses(self._new(self.n_threads, theta.shape[-1]))
        penalty = self.problem.objective.penalty
        if penalty:
            mask = self.problem.objective.penalised.astype(theta.dtype)
            self.kept.append(mask)
            jobs["mask"], jobs["l1"], jobs["l2"] = mask.ctypes.data, penalty.l1, penalty.l2

    def _fill_optimizer(self) -> None:
        jobs, optimizer, remembered = self.jobs, self.optimizer, self.variables.remembered
        jobs["update"] = update_kernel(optimizer.rule, self.number_type)
        arrays = [remembered[name].ctypes.data for name in optimizer.rule.remembers]
        self.remembered = np.array([*arrays, 0])
        jobs["remembered"] = self.remembered.ctypes.data
        jobs["n_values"] = len(optimizer.values)
        jobs["clip_norm"], jobs["clip_value"] = optimizer.place("clip_norm"), optimizer.place("clip_value")
        jobs["value_first"], jobs["average_decay"] = optimizer.value_first, optimizer.place("average_decay")
        if optimizer.averages:
            jobs["average"] = remembered["average"].ctypes.data
            if "average_statistics" in remembered:
                jobs["average_state"] = remembered["average_statistics"].ctypes.data

    def _fill_constants(self) -> None:
        jobs = self.jobs
        jobs["thread"] = np.arange(self.n_threads) if self.sharing > 1 else 0
        jobs["n_threads"] = self.sharing
        jobs["barrier"] = self._new(32, dtype=np.int64).ctypes.data
        jobs["yield_core"] = yield_core()
        clipped = self.optimizer.place("clip_norm") >= 0
        self.run_address, jobs["gather"], jobs["update_part"] = step_kernels(self.number_type, clipped)
        jobs["product"] = product_kernel(self.number_type)
        if any(table.uses_blas for table in self.tables):
            jobs["blas"] = blas_address(self.number_type)
        widest = max(self.problem.objective.architecture.dimensions) + 64
        jobs["zeros"] = self._new(widest).ctypes.data
        one = self._new(1)
        one[0] = 1
        jobs["one"] = one.ctypes.data
        sums = self._new(self.n_threads, 8, dtype=np.float64)  # a cache line for each thread, or room for all
        jobs["sums"] = addresses(sums) if self.sharing == 1 else sums.ctypes.data
        jobs["transposed"] = addresses(self._new(self.n_threads, LARGEST_TRANSPOSED))
        jobs["scratch"] = addresses(self._new(self.n_threads, 8, dtype=np.int64))

    # --- calls -------------------------------------------------------------------------------------------------

    def run(self, team: ThreadTeam, orders: Rows, start: int, stop: int, schedule: Mapping[str, Array]) -> StepLosses:
        """Do steps, counted on from epoch to epoch, by the threads of a team.

        Parameters
        ----------
        team : ThreadTeam
            As many threads as the program was made for.
        orders : array of shape (epochs, n), or (epochs, K, n)
            Each epoch's order of the rows.
        start, stop, schedule
            As in `Engine.run`.
        """
        orders = np.ascontiguousarray(orders, np.int64)
        n = self.problem.n_rows
        if orders.shape[-1] != n or orders.min() < 0 or orders.max() >= n:
            raise InvalidArgument(f"An order of the rows has each of their numbers, from 0 to {n - 1}; this is none.")
        self.jobs["order"], self.jobs["order_of_epoch"] = orders.ctypes.data, orders[0].size
        self.jobs["order_of_network"] = orders.shape[-1] if orders.ndim == 3 else 0
        parts = []
        for first, last in self._parts(start, stop, schedule["dropout_factor"]):
            part = {name: values[first - start : last - start] for name, values in schedule.items()}
            parts.append(self._run_part(team, first, last, part))
            if not np.isfinite(parts[-1].J).all():
                break
        J, penalty = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        finite = np.isfinite(J).reshape(len(J), -1).all(axis=1)
        done = len(J) if finite.all() else int(np.argmin(finite)) + 1
        return StepLosses(J[:done], penalty[:done])

    def _parts(self, start: int, stop: int, factors: Array) -> Iterator[tuple[int, int]]:
        """Where dropout draws, so many steps as `MOST_DRAWS` allows, and none that draw with some that do not."""
        units = int(self.jobs[0]["units_drawn"])
        if not units:
            yield start, stop
            return
        draws = (factors != 0).reshape(len(factors), -1)
        changes = 1 + np.flatnonzero((draws[1:] != draws[:-1]).any(axis=1))
        most = max(1, MOST_DRAWS // (self.problem.batch_size * units * self.n_networks))
        for first, last in pairwise([start, *(start + changes).tolist(), stop]):
            for begin in range(first, last, most):
                yield begin, min(begin + most, last)

    def _run_part(self, team: ThreadTeam, first: int, last: int, schedule: Mapping[str, Array]) -> StepLosses:
        jobs, steps, variables = self.jobs, last - first, self.variables
        jobs["first_step"], jobs["last_step"], jobs["n_steps"] = first, last, steps
        bounds = np.linspace(0, self.n_networks, self.n_threads // self.sharing + 1).astype(int)
        jobs["first_network"], jobs["last_network"] = bounds[:-1], bounds[1:]
        values = _by_network([schedule[name] for name in self.optimizer.values])
        jobs["values"], jobs["values_of_network"] = values.ctypes.data, values[0].size if len(values) > 1 else 0
        factors = _by_network([schedule["dropout_factor"]])
        jobs["dropout_factors"], jobs["factors_of_network"] = factors.ctypes.data, steps if len(factors) > 1 else 0
        draws = self._draws(first, last, factors)
        jobs["draws"], jobs["draws_of_network"] = draws.ctypes.data, draws.shape[1] if len(draws) > 1 else 0
        J, penalty = np.zeros((2, self.n_networks, self.sharing, steps))
        jobs["J"], jobs["penalty"], jobs["number"] = J.ctypes.data, penalty.ctypes.data, variables.step
        team.run(self.run_address, jobs["address"].tolist())
        variables.step += steps
        shape = (steps, *variables.theta.shape[:-1])
        return StepLosses(J.sum(axis=1).T.reshape(shape), penalty.sum(axis=1).T.reshape(shape))

    def _draws(self, first: int, last: int, factors: Array) -> Array:
        """The numbers of dropout: what NumPy would draw step by step and layer by layer, in the same order."""
        masks, units = self.variables.masks, int(self.jobs[0]["units_drawn"])
        n = (self.problem.rows_before(last) - self.problem.rows_before(first)) * units
        streams = [masks] if isinstance(masks, np.random.Generator) else list(masks or ())
        draws = np.empty((max(1, len(streams)), n), np.float32)
        for k, stream in enumerate(streams):
            own = factors[k if len(factors) > 1 else 0] if len(streams) > 1 else factors
            if n and own.any():  # networks that share a stream draw from it as soon as one of them drops units
                stream.random(out=draws[k], dtype=np.float32)
        return draws


def _check_arrays(problem: Problem, variables: Variables) -> None:
    """Refuse what compiled code would take for something else: it knows addresses alone.

    Raises
    ------
    InvalidArgument
        If theta, the state or what the optimizer remembers has another shape, type or order in memory than it must.
    """
    architecture, number_type = problem.objective.architecture, variables.theta.dtype
    leading = variables.theta.shape[:-1]
    wanted = {"theta": (variables.theta, architecture.parameters.size)}
    wanted |= {"the state": (variables.state, architecture.statistics.size)}
    for name in FlatOptimizer.of(problem.optimizer).remembered:
        size = architecture.statistics.size if name == "average_statistics" else architecture.parameters.size
        if size:
            wanted[f"the optimizer's {name}"] = (variables.remembered[name], size)
    for name, (array, size) in wanted.items():
        fits = array.shape == (*leading, size) and array.dtype == number_type == problem.rows.y.dtype
        if not (fits and array.flags.c_contiguous and array.flags.aligned and array.flags.writeable):
            raise InvalidArgument(
                f"The compiled engine works on the numbers of {name} where they lie, and they are {array.dtype} of the "
                f"shape {array.shape}, not {problem.rows.y.dtype} of the shape {(*leading, size)}, one behind the "
                "other: assign to theta[...] instead of replacing the array."
            )


def blas_address(number_type: type) -> int:
    """The address of the general matrix product of SciPy's BLAS."""
    name = "sgemm" if number_type is np.float32 else "dgemm"
    return int(get_cython_function_address("scipy.linalg.cython_blas", name))


def addresses(array: Array) -> Array:
    """The address of each entry along the first axis."""
    return array.ctypes.data + np.arange(len(array)) * array.strides[0]


def walkable(array: Array) -> Array:
    """The array, or a copy where its steps are no whole numbers of entries, or its columns go backwards."""
    whole = all(step % array.itemsize == 0 for step in array.strides) and array.flags.aligned
    return array if whole and array.strides[1] >= 0 else np.ascontiguousarray(array)


def _by_network(columns: list[Array]) -> Array:
    """Values (steps,) or (steps, K), by name, as an array (1 or K, steps, names)."""
    shape = np.broadcast_shapes(*(column.reshape(len(column), -1).shape for column in columns))
    wide = [np.broadcast_to(column.reshape(len(column), -1), shape) for column in columns]
    return np.ascontiguousarray(np.stack(wide, axis=-1).swapaxes(0, 1), np.float64)


def _loss_settings(loss: Loss, k: int) -> Array:
    """The settings of a loss: for each output its own, or the label smoothing."""
    if isinstance(loss, CrossEntropy):
        return np.array([loss.label_smoothing])
    assert isinstance(loss, ElementwiseLoss)
    settings = loss.settings_for(np.empty((1, k)))
    return np.array([np.broadcast_to(setting, k) for setting in settings], np.float64).T.copy().reshape(k, -1)
