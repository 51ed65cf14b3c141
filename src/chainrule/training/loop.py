"""The training loop: epochs of steps, in chunks short enough that somebody who waits is heard."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext

import numpy as np

from chainrule.engines.threads import available_cores
from chainrule.optimizers import LBFGS
from chainrule.training.callback import Callback
from chainrule.training.divergence import Snapshot
from chainrule.training.epoch_mean import epoch_mean
from chainrule.training.full_batch import minimize
from chainrule.training.interruption import stop_on_ctrl_c
from chainrule.training.lockstep import Lockstep, interruptible
from chainrule.training.measured_columns import measured_columns
from chainrule.training.run import Run
from chainrule.training.schedule_check import check_schedules
from chainrule.training.shared_progress import SharedProgress
from chainrule.training.unobserved_epochs import do_epochs, unobserved_epochs

__all__ = ["train", "train_together", "wanted_threads"]

CHUNK_SECONDS = 0.1
"""Time that one call of the engine is to take, so that Ctrl-C, time limits and pages stay prompt."""

CALLS_SHARE, MOST_CHUNK_SECONDS = 30, 0.6
"""So many times what is done around it is what a call takes at least, but no longer than this: with millions of
parameters, the copy to go back to takes as long as a part of a step."""


def train(run: Run) -> None:
    """Go on until ``run.epochs`` epochs are finished or the run is stopped.

    Raises
    ------
    TrainingDiverged
        If numbers become NaN or infinite; the last finite parameters are kept.
    """
    train_together((run,))
    if run.divergence is not None:
        raise run.divergence


def train_together(runs: Sequence[Run], progress: SharedProgress | None = None) -> None:
    """The same for several runs of one problem and engine, which stand at the same step; the steps are done at once.

    A run that is stopped, or whose numbers become NaN or infinite, leaves the others, which go on. Of the latter kind,
    `Run.divergence` says what happened, and nothing is raised.
    """
    starts = [_Start(run) for run in runs]
    with ExitStack() as at_the_end:
        for start in reversed(starts):
            at_the_end.callback(start.end)
        try:
            for start in starts:
                start.begin()
            for run in runs:
                run.began = True
                run.training.engine = run.history.engine = run.engine.name
                run.history.engine_reason = run.engine_reason
            with stop_on_ctrl_c(runs), runs[0].engine.using_threads(_threads(runs)) as threads:
                for run in runs:
                    run.training.threads = threads
                _learn(runs, progress)
        except BaseException:
            for start in starts:
                start.fail()
            raise


class _Start:
    """The beginning of a run, which leaves the training as it was where it is refused, and its end."""

    def __init__(self, run: Run) -> None:
        training, history = run.training, run.history
        self.run, self._started = run, list[Callback]()
        self._kept = history.stopped, history.interrupted, training.recipe, training.best
        history.stopped, history.interrupted = "", False  # a resumed training goes on, whatever stopped it
        training.recipe = run.recipe
        run.failed, run.ended, run.divergence = False, False, None

    def begin(self) -> None:
        """Find out whether everything is in order."""
        run = self.run
        check_schedules(run)
        run.try_metrics()
        run.restore_callbacks()
        for callback in run.callbacks:
            self._started.append(callback)
            callback.on_start(run)
        run.remember_callbacks()

    def fail(self) -> None:
        """Take note of an exception, which a run that had ended before has nothing to do with."""
        run = self.run
        if not run.began:
            run.failed = True
            run.history.stopped, run.history.interrupted, run.training.recipe, run.training.best = self._kept
        elif not run.ended:
            run.failed = True

    def end(self) -> None:
        """Call every on_end, in the callbacks' order, whatever another one raises."""
        with ExitStack() as in_order:
            if self.run.began:
                in_order.callback(self.run.remember_callbacks)
            for callback in reversed(self._started):
                in_order.callback(callback.on_end, self.run)


def _learn(runs: Sequence[Run], progress: SharedProgress | None) -> None:
    if isinstance(runs[0].problem.optimizer, LBFGS):
        minimize(runs[0], runs[0].problem.optimizer)
        return
    with nullcontext() if progress is None else progress:
        pace, lockstep = _Pace([callback for run in runs for callback in run.callbacks]), None
        while going := [run for run in runs if run.goes_on]:
            for run in runs:
                run.ended = not run.goes_on
            done = _unobserved_epochs(going, lockstep, pace) if progress is None else None
            lockstep = done or _epoch(going, lockstep, pace, progress)
            for run in going if len(runs) > 1 else ():
                if run.divergence is not None:
                    run.stop(str(run.divergence))


def _threads(runs: Sequence[Run]) -> int:
    """As many as before where the training is resumed, since their number changes the last bits of sums.

    Not more than there are cores, though: threads that wait for one that has none make a training many times as slow.
    """
    before = [run.training.threads for run in runs if run.training.threads]
    return min(*before, available_cores()) if before else wanted_threads(runs)


def wanted_threads(runs: Sequence[Run]) -> int:
    """As many as the engine's rule says."""
    variables = runs[0].training.variables
    n_networks = len(runs) * math.prod(variables.theta.shape[:-1])
    return runs[0].engine.threads_for(runs[0].problem, n_networks, available_cores())


def _unobserved_epochs(runs: list[Run], lockstep: Lockstep | None, pace: _Pace) -> Lockstep | None:
    """Do several epochs in one call of the engine, where nobody looks at their ends; None where nothing was done.

    Where numbers go bad, `_epoch` does them again, one by one, and says in which it was.
    """
    epochs = unobserved_epochs(runs, pace.next_steps)
    if epochs < 2:
        return None
    lockstep = lockstep if lockstep is not None and lockstep.is_of(runs) else Lockstep(runs)
    began = time.perf_counter()
    if not do_epochs(lockstep, epochs):
        return None
    pace.took(epochs * runs[0].problem.steps_per_epoch, time.perf_counter() - began)
    for run in runs:
        for callback in run.callbacks:
            run.call(callback.on_progress)
    return lockstep


def _epoch(runs: list[Run], lockstep: Lockstep | None, pace: _Pace, progress: SharedProgress | None) -> Lockstep | None:
    """Do an epoch, or what is left of it; the lockstep at its end, for the next one."""
    steps = runs[0].problem.steps_per_epoch
    for run in runs:
        _order_rows(run)
    position = runs[0].training.position
    while runs and position < steps:
        lockstep = lockstep if lockstep is not None and lockstep.is_of(runs) else Lockstep(runs)
        position = _chunk(lockstep, pace.steps(steps - position), pace)
        runs = [run for run in runs if (position == steps and not run.failed) or run.goes_on]
        if progress is not None:
            progress.show_position(position)
    if runs:
        _finish_epoch(runs)
    if progress is not None:
        progress.show_epoch()
    return lockstep


def _order_rows(run: Run) -> None:
    training, n = run.training, run.problem.n_rows
    if training.order is None or (training.position == 0 and len(training.order) != n):
        training.order = training.streams["order"].permutation(n) if run.shuffles else np.arange(n)


def _chunk(lockstep: Lockstep, steps: int, pace: _Pace) -> int:
    """Do so many steps, or fewer where the numbers of a run went bad; the position in the epoch behind them."""
    runs, start = lockstep.runs, lockstep.position
    problem, variables, stop = lockstep.problem, lockstep.variables, start + steps
    lockstep.fetch()
    copying = time.perf_counter()
    before = lockstep.snapshot = Snapshot.of(variables, lockstep.snapshot)
    began = time.perf_counter()
    values = lockstep.values(start, stop)
    try:
        with interruptible(runs):
            losses = lockstep.engine.run(problem, variables, lockstep.order, start, stop, values)
    except BaseException:  # a second Ctrl-C, no memory: some of the steps are done, and nobody knows how many
        before.restore(variables)
        raise
    diverged = before.diverged(lockstep, losses, start, stop)
    lockstep.bring_home()
    for number, error in diverged.items():
        runs[number].failed, runs[number].divergence = True, error
    if diverged:
        return lockstep.position
    pace.took(steps, time.perf_counter() - began, began - copying)
    for run in runs:
        for callback in run.callbacks:
            if pace.one_by_one:
                run.call(callback.on_batch)
    for run in runs:
        for callback in run.callbacks:
            run.call(callback.on_progress)
    return lockstep.position


def _finish_epoch(runs: Sequence[Run]) -> None:
    problem = runs[0].problem
    with interruptible(runs):
        measured = measured_columns(runs)
    for run, columns in zip(runs, measured, strict=True):
        J, penalty = (float(epoch_mean(values, problem)) for values in (run.training.J, run.training.penalty))
        last_rate = run.values_of("learning_rate", problem.steps_per_epoch - 1, problem.steps_per_epoch)[0]
        run.finish_epoch(J, penalty, float(last_rate), columns)


class _Pace:
    """How many steps one call of the engine is given: about `CHUNK_SECONDS` of work, or one for a batch hook."""

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self.one_by_one = any(type(callback).on_batch is not Callback.on_batch for callback in callbacks)
        self.next_steps = 1

    def steps(self, left: int) -> int:
        return min(self.next_steps, left)

    def took(self, steps: int, seconds: float, around: float = 0.0) -> None:
        """Take note of the time of some steps, and of what a call costs around them."""
        if not self.one_by_one:
            worthwhile = max(CHUNK_SECONDS, min(CALLS_SHARE * around, MOST_CHUNK_SECONDS))
            wanted = int(steps * worthwhile / max(seconds, 1e-6))
            self.next_steps = max(1, min(wanted, 4 * self.next_steps))
