"""The compiled engine: whole chunks of steps inside machine code, for everything of tier 1."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from chainrule.engines.compiled.program import Program
from chainrule.engines.compiled.thread_team import ThreadTeam
from chainrule.engines.coverage import not_compiled
from chainrule.engines.engine import StepLosses
from chainrule.engines.numpy_engine import NumpyEngine
from chainrule.engines.problem import Problem, Variables
from chainrule.engines.threads import available_cores, limited_threads
from chainrule.functions.arrays import Array, Rows

__all__ = ["CompiledEngine"]

OPERATIONS_OF_A_THREAD = 4_000_000
"""Operations of a step's products for each thread, below which meeting at the barriers costs more than it gains."""

ROWS_OF_A_THREAD = 8
"""Rows of a batch that a thread has at least."""


class CompiledEngine(NumpyEngine):
    """The steps of the NumPy engine as one compiled program, driven by a table of layers.

    An engine belongs to one training at a time: it keeps the training's program and its team of threads.

    What `not_compiled` names, and `value_and_gradient`, which L-BFGS and the gradient check ask for, are NumPy's.
    """

    name = "compiled"

    def __init__(self) -> None:
        self._team = ThreadTeam(1)
        self._program: Program | None = None

    def threads_for(self, problem: Problem, n_networks: int, cores: int) -> int:
        """One for so many operations of a step's products; of several networks, each has a thread of its own."""
        if n_networks > 1:
            return min(cores, n_networks)
        layers = problem.objective.architecture.dense_layers.values()
        operations = sum(6 * problem.batch_size * layer.n_in * layer.n_out for layer in layers)
        return int(max(1, min(cores, operations // OPERATIONS_OF_A_THREAD, problem.batch_size // ROWS_OF_A_THREAD)))

    @contextmanager
    def using_threads(self, threads: int) -> Iterator[int]:
        threads, before = max(1, threads), self._team
        with limited_threads(1), ThreadTeam(threads) as self._team:  # each calls BLAS for itself
            try:
                yield threads
            finally:
                self._team = before

    def run(
        self,
        problem: Problem,
        variables: Variables,
        order: Rows,
        start: int,
        stop: int,
        schedule: Mapping[str, Array],
    ) -> StepLosses:
        program = self._program_for(problem, variables, start, stop)
        if program is None:
            return super().run(problem, variables, order, start, stop, schedule)
        return program.run(self._team, order[np.newaxis], start, stop, schedule)

    def run_epochs(
        self, problem: Problem, variables: Variables, orders: Rows, schedule: Mapping[str, Array]
    ) -> StepLosses:
        steps = problem.steps_per_epoch
        program = self._program_for(problem, variables, 0, steps)
        if program is None:
            return super().run_epochs(problem, variables, orders, schedule)
        return program.run(self._team, orders, 0, len(orders) * steps, schedule)

    def prepare(self, problem: Problem, variables: Variables) -> None:
        """Compile what this training needs, or load it: what takes time, before anybody's clock starts."""
        if not not_compiled(problem):
            n_networks = math.prod(variables.theta.shape[:-1])
            threads = self.threads_for(problem, n_networks, available_cores())
            self._program = Program(problem, variables, threads)

    def _program_for(self, problem: Problem, variables: Variables, start: int, stop: int) -> Program | None:
        """The program for these steps of an epoch; None where NumPy carries them out, or refuses them."""
        if problem.objective.architecture.couples_rows and _has_a_batch_of_one(problem, start, stop):
            return None
        if self._program is None or not self._program.is_for(problem, variables, self._team.n_threads):
            if not_compiled(problem):
                return None
            self._program = Program(problem, variables, self._team.n_threads)
        return self._program


def _has_a_batch_of_one(problem: Problem, start: int, stop: int) -> bool:
    rows = problem.batch_rows(stop - 1, stop)
    return stop > start and rows.stop - rows.start == 1
