"""A run: one call of fit, as the loop and the callbacks see it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from chainrule.engines.engine import Engine
from chainrule.engines.problem import Problem
from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules import Schedule
from chainrule.training.callback import Callback
from chainrule.training.evaluation import Evaluation
from chainrule.training.history import History
from chainrule.training.state import TrainingState

__all__ = ["Run"]


@dataclass
class Run:
    """What is learned, how long, by which engine, and where it stands.

    Attributes
    ----------
    problem : Problem
        Rows, objective and optimizer.
    training : TrainingState
        Where the training stands.
    epochs : int
        Epochs to have finished at the end.
    engine : Engine
        What carries out the steps.
    schedules : mapping of str to Schedule
        The value of each step: ``learning_rate``, the optimizer's and ``dropout``.
    callbacks : sequence of Callback
        Called in their order.
    validation : Evaluation or None
        Rows to measure on after each epoch.
    """

    problem: Problem
    training: TrainingState
    epochs: int
    engine: Engine
    schedules: Mapping[str, Schedule]
    callbacks: tuple[Callback, ...] = ()
    validation: Evaluation | None = None
    started: float = field(default_factory=time.perf_counter)

    @property
    def history(self) -> History:
        """The finished epochs."""
        return self.training.history

    @property
    def stopped(self) -> str:
        """Why it is to stop before its last epoch; empty if it is not."""
        return self.history.stopped

    def stop(self, reason: str) -> None:
        """End the training after the step under way; `reason` goes to the history."""
        self.history.stopped = reason

    def values(self, start: int, stop: int) -> dict[str, Array]:
        """The scheduled values of the steps from `start` up to `stop` of the epoch under way."""
        steps = self.problem.steps_per_epoch
        before = self.training.epoch * steps
        total = self.epochs * steps
        return {name: s.values(before + start, before + stop, total) for name, s in self.schedules.items()}
