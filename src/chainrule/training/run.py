"""A run: one call of fit, as the loop and the callbacks see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.engines.engine import Engine
from chainrule.engines.problem import Problem
from chainrule.errors import WRONG_DATA, FileFormatError, InvalidArgument, InvalidType, TrainingDiverged
from chainrule.files.network_file import NetworkParts
from chainrule.functions.arrays import Array
from chainrule.optimizers.optimizer import StepOptimizer
from chainrule.optimizers.schedules import Horizon, Schedule
from chainrule.training.callback import Callback
from chainrule.training.evaluation import Evaluation
from chainrule.training.history import History
from chainrule.training.state import TrainingState

__all__ = ["Run"]

MOST_CHARACTERS = 500
"""Of a reason to stop: a checkpoint keeps it."""


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
    engine_reason : str
        Why that is not the engine that was asked for; empty if it is.
    schedules : mapping of str to Schedule
        The value of each step: ``learning_rate``, the optimizer's and ``dropout_factor``.
    callbacks : sequence of Callback
        Called in their order, those with `after_others` last.
    validation : Evaluation or None
        Rows to measure on after each epoch.
    measured : Evaluation or None
        The training rows, where metrics of them are wanted after each epoch.
    network : callable
        The network as it is now, as a file keeps it; where a network is trained.
    recipe : dict of str to str
        What is learned and how, to be compared when the training goes on.
    shuffle : bool
        Whether each epoch takes the rows in a new order, or as they were given.
    resumed : bool
        Whether the training was begun by an earlier call.
    began : bool
        Whether everything was found to be in order, so that the first step may be taken.
    ends_with_best : bool
        Whether the best parameters are the result, where some were kept, or the last.
    failed : bool
        Whether an exception ended it.
    ended : bool
        Whether it is over while others, with which it learned together, go on.
    divergence : TrainingDiverged or None
        What is to be raised, or told of, where its numbers became NaN or infinite.
    started : float
        When this call began, by `time.perf_counter`.
    """

    problem: Problem
    training: TrainingState
    epochs: int
    engine: Engine
    schedules: Mapping[str, Schedule]
    callbacks: tuple[Callback, ...] = ()
    validation: Evaluation | None = None
    measured: Evaluation | None = None
    network: Callable[[], NetworkParts] | None = None
    recipe: dict[str, str] = field(default_factory=dict)
    shuffle: bool = True
    engine_reason: str = ""
    resumed: bool = False
    began: bool = False
    ends_with_best: bool = False
    failed: bool = False
    ended: bool = False
    divergence: TrainingDiverged | None = None
    started: float = field(default_factory=lambda: time.perf_counter())

    def __post_init__(self) -> None:
        self._seconds_before = self.history.last().get("seconds", 0.0)
        self._can_be_interrupted = self._interrupted = False

    @property
    def seconds(self) -> float:
        """Time since the training began, that before it was resumed included."""
        return float(self._seconds_before) + time.perf_counter() - self.started

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the history."""
        asked = () if self.measured is None else tuple(metric.name for metric in self.measured.metrics)
        held_out = () if self.validation is None else tuple(f"val_{name}" for name in self.validation.names)
        return "epoch", "J", "penalty", "learning_rate", "seconds", *asked, *held_out

    def parameters(self) -> tuple[Array, Array]:
        """The parameters and the state as they are measured and kept: the optimizer's average where it keeps one."""
        variables, optimizer = self.training.variables, self.problem.optimizer
        if not isinstance(optimizer, StepOptimizer):
            return variables.theta, variables.state
        theta, state, remembered = variables.theta, variables.state, variables.remembered
        return optimizer.averaged(theta, remembered), (
            optimizer.averaged_statistics(state, remembered) if state.size else state
        )

    def result(self) -> tuple[Array, Array]:
        """The parameters and the state with which the training ends."""
        best = self.training.best
        if self.ends_with_best and best is not None and not self.failed:
            return best.theta, best.state
        return self.parameters()

    def try_metrics(self) -> None:
        """Find out whether a person's own metrics give numbers."""
        for evaluation in (self.measured, self.validation):
            if evaluation is not None:
                evaluation.try_metrics(*self.parameters())

    @property
    def shuffles(self) -> bool:
        """Whether each epoch has an order of its own: where all rows are one batch, no order differs from another."""
        return self.shuffle and self.problem.batch_size < self.problem.n_rows

    @property
    def goes_on(self) -> bool:
        """Whether there is another epoch to do."""
        return self.training.epoch < self.epochs and not self.stopped and not self.failed

    @property
    def history(self) -> History:
        """The finished epochs."""
        return self.training.history

    @property
    def stopped(self) -> str:
        """Why it is to stop before its last epoch; empty if it is not."""
        return self.history.stopped

    def stop(self, reason: str, *, interrupted: bool = False) -> None:
        """End the training after the step under way; the reason, and whether a person did it, go to the history."""
        self.history.stopped = (str(reason or "") or "Stopped.")[:MOST_CHARACTERS]
        self.history.interrupted = interrupted

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """A part of the training that a second Ctrl-C may break off, since the state is whole, or is set back."""
        self._can_be_interrupted = True
        try:
            self.raise_interruption()
            yield
        finally:
            self._can_be_interrupted = False

    def interrupt(self) -> None:
        """End the training now, or as soon as its state is whole."""
        self._interrupted = True
        if self._can_be_interrupted:
            self.raise_interruption()

    def raise_interruption(self) -> None:
        """Raise the KeyboardInterrupt that has been waiting, if one has."""
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def checkpoint(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """The description and the arrays of the state as it is now, callbacks and schedules included."""
        self.remember_callbacks()
        return self.training.description(), self.training.arrays()

    def remember_callbacks(self) -> None:
        """Put what each callback remembers into the state."""
        states: dict[str, dict[str, Any]] = {}
        for callback in self.callbacks:
            state = callback.state()
            if not isinstance(state, dict) or not isinstance(callback.name, str):
                raise InvalidType(
                    f"The state of the callback {callback.name!r} must be a dict, and its name a string, so that a "
                    f"checkpoint can keep them; it gives {repr(state)[:80]}."
                )
            if state:
                states[callback.name] = state
        self.training.callbacks = states

    def restore_callbacks(self) -> None:
        """Give each callback what the state has for it; one that the state does not know starts anew."""
        for callback in self.callbacks:
            if callback.name not in self.training.callbacks:
                continue
            try:
                callback.restore(self.training.callbacks[callback.name])
            except WRONG_DATA as error:
                raise FileFormatError(
                    f"{callback.name} cannot take up the state that the training has for it: {repr(error)[:200]}."
                ) from error

    def values(self, start: int, stop: int) -> dict[str, Array]:
        """The scheduled values of the steps from `start` up to `stop` of the epoch under way."""
        return {name: self.values_of(name, start, stop) for name in self.schedules}

    def values_of(self, name: str, start: int, stop: int) -> Array:
        """One of them by its name."""
        before, state = self.training.variables.step - self.training.position, self.training.schedules.get(name, {})
        given = self.schedules[name].values(before + start, before + stop, self.horizon, state)
        numbers = np.asarray(given, np.float64)
        if not np.isfinite(numbers).all():
            raise InvalidArgument(f"The schedule of {name} gives a number that is not finite.")
        return numbers

    @property
    def horizon(self) -> Horizon:
        """The steps of the whole training, of which so many are done and so many epochs are left."""
        training, steps = self.training, self.problem.steps_per_epoch
        before = training.variables.step - training.position
        return Horizon(before + max(0, self.epochs - training.epoch) * steps, steps)

    def finish_epoch(self, J: Any, penalty: Any, learning_rate: float, measured: Mapping[str, Any]) -> None:
        """Put an epoch into the history, show it to schedules and callbacks, and make ready for the next.

        Parameters
        ----------
        J, penalty : float
            What the epoch cost.
        learning_rate : float
            That of its last step.
        measured : mapping of str to float
            What `measured_columns` gives.
        """
        training = self.training
        row = {
            "epoch": training.epoch + 1,
            "J": J,
            "penalty": penalty,
            "learning_rate": learning_rate,
            "seconds": self.seconds,
            **measured,
        }
        states = {name: s.observe(row, training.schedules.get(name, {})) for name, s in self.schedules.items()}
        training.history.append(row)
        training.schedules = {name: state for name, state in states.items() if state}
        training.epoch, training.position, training.order = training.epoch + 1, 0, None
        training.J, training.penalty = [], []
        with ExitStack() as in_order:  # each hears of the epoch, whatever another one raises: it is finished
            for callback in reversed(self.callbacks):
                in_order.callback(self.call, callback.on_epoch)

    def finish_epochs(
        self, J: Sequence[float], penalty: Sequence[float], learning_rates: Sequence[float], seconds: Sequence[float]
    ) -> None:
        """Put epochs into the history whose ends nobody looks at; the arguments have a number for each."""
        training, done = self.training, len(J)
        columns = {
            "epoch": range(training.epoch + 1, training.epoch + done + 1),
            "J": J,
            "penalty": penalty,
            "learning_rate": learning_rates,
            "seconds": seconds,
        }
        training.history.extend(columns)
        training.epoch += done

    def call(self, hook: Callable[[Run], None]) -> None:
        """Call a callback at one of its moments."""
        with self.interruptible():
            hook(self)
