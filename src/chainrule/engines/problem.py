"""What an engine works on: a problem, which it reads, and variables, which it changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from chainrule.data.labelled_rows import LabelledRows
from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.network.layer import Randomness
from chainrule.network.objective import Objective
from chainrule.optimizers.optimizer import Optimizer, StepOptimizer

__all__ = ["Problem", "Variables"]


@dataclass(frozen=True)
class Problem:
    """Rows to learn from, and how.

    Attributes
    ----------
    objective : Objective
        Architecture, loss and penalty.
    optimizer : Optimizer
        How the parameters move.
    rows : LabelledRows
        Inputs, targets and weights, in the dtype of theta.
    batch_size : int
        Rows of a step, from 1 to n; the last step of an epoch takes what is left.
    """

    objective: Objective
    optimizer: Optimizer
    rows: LabelledRows
    batch_size: int

    @property
    def step_optimizer(self) -> StepOptimizer:
        """The optimizer, where it is a rule of a step, which engines need.

        Raises
        ------
        InvalidType
            If it is not: L-BFGS, for one, asks for values and gradients over all rows instead.
        """
        if not isinstance(self.optimizer, StepOptimizer):
            raise InvalidType(f"{type(self.optimizer).__name__} does not move by steps over batches, as this needs.")
        return self.optimizer

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @cached_property
    def steps_per_epoch(self) -> int:
        """Number of batches, the last short one counted."""
        return -(-self.n_rows // self.batch_size)

    def rows_before(self, step: int) -> int:
        """How many rows the steps before this one take, where steps are counted on from epoch to epoch."""
        epochs, steps = divmod(step, self.steps_per_epoch)
        return epochs * self.n_rows + steps * self.batch_size

    def batch_rows(self, start: int, stop: int) -> slice:
        """Which entries of an epoch's order belong to its steps from `start` up to `stop`."""
        return slice(start * self.batch_size, min(stop * self.batch_size, self.n_rows))


@dataclass
class Variables:
    """What a step changes.

    Attributes
    ----------
    theta : array of shape (..., P)
        Parameters.
    state : array of shape (..., S)
        The layers' statistics.
    remembered : dict of str to array
        The optimizer's arrays.
    masks : Randomness
        The stream of dropout masks.
    step : int
        Steps done since the training began.
    """

    theta: Array
    state: Array
    remembered: dict[str, Array]
    masks: Randomness
    step: int = 0

    @classmethod
    def started(cls, problem: Problem, theta: Array, state: Array, masks: Randomness) -> Variables:
        """Before the first step, with what the optimizer remembers then; theta and the state are not copied."""
        optimizer, layout = problem.optimizer, problem.objective.architecture.parameters
        if not isinstance(optimizer, StepOptimizer):
            return cls(theta, state, {}, masks)
        remembered = optimizer.start(theta, layout)
        if state.size:
            remembered |= optimizer.start_statistics(state)
        return cls(theta, state, remembered, masks)
