"""The training loop: epochs of steps, in chunks short enough that somebody who waits is heard."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from chainrule.engines.threads import available_cores, limited_threads, threads_for
from chainrule.optimizers import LBFGS
from chainrule.training.callback import Callback
from chainrule.training.divergence import Snapshot
from chainrule.training.full_batch import minimize
from chainrule.training.interruption import stop_on_ctrl_c
from chainrule.training.run import Run
from chainrule.training.schedule_check import check_schedules

__all__ = ["train"]

CHUNK_SECONDS = 0.1
"""Time that one call of the engine is to take, so that Ctrl-C, time limits and pages stay prompt."""


def train(run: Run) -> None:
    """Go on until ``run.epochs`` epochs are finished or the run is stopped.

    Raises
    ------
    TrainingDiverged
        If numbers become NaN or infinite; the last finite parameters are kept.
    """
    run.training.history.stopped = ""  # a resumed training goes on, whatever stopped it
    with ExitStack() as at_the_end:  # every on_end is called, in the callbacks' order, whatever another one raises
        at_the_end.callback(run.remember_callbacks)
        for callback in reversed(run.callbacks):
            at_the_end.callback(callback.on_end, run)
        try:
            check_schedules(run)
            run.restore_callbacks()
            for callback in run.callbacks:
                callback.on_start(run)
            with stop_on_ctrl_c(run), limited_threads(_threads(run)) as run.training.threads:
                _learn(run)
        except BaseException:
            run.failed = True
            raise


def _learn(run: Run) -> None:
    if isinstance(run.problem.optimizer, LBFGS):
        minimize(run, run.problem.optimizer)
        return
    pace = _Pace(run.callbacks)
    while run.training.epoch < run.epochs and not run.stopped:
        _epoch(run, pace)


def _threads(run: Run) -> int:
    """As many as before where the training is resumed, since their number changes the last bits of sums."""
    problem = run.problem
    return run.training.threads or threads_for(problem.objective.architecture, problem.batch_size, available_cores())


def _epoch(run: Run, pace: _Pace) -> None:
    training, problem = run.training, run.problem
    if training.order is None:
        training.order = training.streams["order"].permutation(problem.n_rows)
    while training.position < problem.steps_per_epoch:
        _chunk(run, pace.steps(problem.steps_per_epoch - training.position), pace)
        if run.stopped and training.position < problem.steps_per_epoch:
            return
    _finish_epoch(run)


def _chunk(run: Run, steps: int, pace: _Pace) -> None:
    training = run.training
    assert training.order is not None
    start, stop = training.position, training.position + steps
    before = Snapshot.of(training.variables)
    began = time.perf_counter()
    losses = run.engine.run(run.problem, training.variables, training.order, start, stop, run.values(start, stop))
    before.check(run, losses, start, stop)
    pace.took(steps, time.perf_counter() - began)
    training.finish_steps(losses, steps)
    if pace.one_by_one:
        for callback in run.callbacks:
            callback.on_batch(run)
    for callback in run.callbacks:
        callback.on_progress(run)


def _finish_epoch(run: Run) -> None:
    training, problem = run.training, run.problem
    sizes = np.full(problem.steps_per_epoch, problem.batch_size)
    sizes[-1] = problem.n_rows - problem.batch_size * (problem.steps_per_epoch - 1)
    last_rate = run.values(problem.steps_per_epoch - 1, problem.steps_per_epoch)["learning_rate"][0]
    run.finish_epoch(_mean(training.J, sizes), _mean(training.penalty, sizes), float(last_rate))


def _mean(values: list[Any], sizes: Any) -> Any:
    """The mean of one value (or K values) for each batch, weighted by the batches' rows."""
    return (sizes @ np.asarray(values) / sizes.sum()).tolist()


class _Pace:
    """How many steps one call of the engine is given: about `CHUNK_SECONDS` of work, or one for a batch hook."""

    def __init__(self, callbacks: Sequence[Callback]) -> None:
        self.one_by_one = any(type(callback).on_batch is not Callback.on_batch for callback in callbacks)
        self._next = 1

    def steps(self, left: int) -> int:
        return min(self._next, left)

    def took(self, steps: int, seconds: float) -> None:
        if not self.one_by_one:
            wanted = int(steps * CHUNK_SECONDS / max(seconds, 1e-6))
            self._next = max(1, min(wanted, 4 * self._next))
