"""The compiled engine: whole chunks of steps inside machine code, for everything of tier 1."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.engines.compiled.program import Program
from chainrule.engines.engine import StepLosses
from chainrule.engines.numpy_engine import NumpyEngine
from chainrule.engines.problem import Problem, Variables
from chainrule.functions.arrays import Array, Rows

__all__ = ["CompiledEngine"]


class CompiledEngine(NumpyEngine):
    """The steps of the NumPy engine as one compiled program, driven by a table of layers.

    `value_and_gradient`, which L-BFGS and the gradient check ask for, is NumPy's.
    """

    name = "compiled"

    def __init__(self) -> None:
        self.n_threads = 1
        self._program: Program | None = None

    def run(
        self,
        problem: Problem,
        variables: Variables,
        order: Rows,
        start: int,
        stop: int,
        schedule: Mapping[str, Array],
    ) -> StepLosses:
        if problem.objective.architecture.couples_rows and _has_a_batch_of_one(problem, start, stop):
            return super().run(problem, variables, order, start, stop, schedule)  # which refuses it
        if self._program is None or not self._program.is_for(problem, variables, self.n_threads):
            self._program = Program(problem, variables, self.n_threads)
        return self._program.run(order, start, stop, schedule)


def _has_a_batch_of_one(problem: Problem, start: int, stop: int) -> bool:
    rows = problem.batch_rows(stop - 1, stop)
    return stop > start and rows.stop - rows.start == 1
