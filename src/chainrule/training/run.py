"""A run: one call of fit, as the loop and the callbacks see it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
        self.history.stopped = str(reason or "") or "Stopped."

    def checkpoint(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """The description and the arrays of the state as it is now, callbacks and schedules included."""
        self.remember_callbacks()
        return self.training.description(), self.training.arrays()

    def remember_callbacks(self) -> None:
        """Put what each callback remembers into the state."""
        self.training.callbacks = {callback.name: callback.state() for callback in self.callbacks}

    def restore_callbacks(self) -> None:
        """Give each callback what the state has for it; one that the state does not know starts anew."""
        for callback in self.callbacks:
            if callback.name in self.training.callbacks:
                callback.restore(self.training.callbacks[callback.name])

    def values(self, start: int, stop: int) -> dict[str, Array]:
        """The scheduled values of the steps from `start` up to `stop` of the epoch under way."""
        steps = self.problem.steps_per_epoch
        before = self.training.epoch * steps
        total = self.epochs * steps
        states = self.training.schedules
        return {
            name: schedule.values(before + start, before + stop, total, states.get(name, {}))
            for name, schedule in self.schedules.items()
        }

    def finish_epoch(self, row: Mapping[str, Any]) -> None:
        """Put an epoch's row into the history, show it to the schedules, and make ready for the next epoch."""
        training = self.training
        training.history.append(row)
        for name, schedule in self.schedules.items():
            if state := schedule.observe(row, training.schedules.get(name, {})):
                training.schedules[name] = state
        training.epoch, training.position, training.order = training.epoch + 1, 0, None
        training.J, training.penalty = [], []
