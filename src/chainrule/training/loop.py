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
    training = run.training
    started: list[Callback] = []
    history = training.history
    kept = history.stopped, history.interrupted, training.recipe, training.best
    history.stopped, history.interrupted = "", False  # a resumed training goes on, whatever stopped it
    training.recipe = run.recipe
    with ExitStack() as at_the_end:
        at_the_end.callback(_end, run, started)
        try:
            check_schedules(run)
            run.try_metrics()
            run.restore_callbacks()
            for callback in run.callbacks:
                started.append(callback)
                callback.on_start(run)
            run.remember_callbacks()
            run.began = True
            training.engine = history.engine = run.engine.name
            history.engine_reason = run.engine_reason
            with stop_on_ctrl_c(run), limited_threads(_threads(run)) as training.threads:
                _learn(run)
        except BaseException:
            run.failed = True
            if not run.began:
                history.stopped, history.interrupted, training.recipe, training.best = kept
            raise


def _end(run: Run, started: Sequence[Callback]) -> None:
    """Call every on_end, in the callbacks' order, whatever another one raises."""
    with ExitStack() as in_order:
        if run.began:
            in_order.callback(run.remember_callbacks)
        for callback in reversed(started):
            in_order.callback(callback.on_end, run)


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
    if training.order is None or (training.position == 0 and len(training.order) != problem.n_rows):
        n = problem.n_rows
        training.order = training.streams["order"].permutation(n) if run.shuffle else np.arange(n)
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
    values = run.values(start, stop)
    try:
        with run.interruptible():
            losses = run.engine.run(run.problem, training.variables, training.order, start, stop, values)
    except BaseException:  # a second Ctrl-C, no memory: some of the steps are done, and nobody knows how many
        before.restore(training.variables)
        raise
    before.check(run, losses, start, stop)
    training.finish_steps(losses, steps)
    pace.took(steps, time.perf_counter() - began)
    if pace.one_by_one:
        for callback in run.callbacks:
            run.call(callback.on_batch)
    for callback in run.callbacks:
        run.call(callback.on_progress)


def _finish_epoch(run: Run) -> None:
    training, problem = run.training, run.problem
    sizes = np.full(problem.steps_per_epoch, problem.batch_size)
    sizes[-1] = problem.n_rows - problem.batch_size * (problem.steps_per_epoch - 1)
    last_rate = run.values(problem.steps_per_epoch - 1, problem.steps_per_epoch)["learning_rate"][0]
    run.finish_epoch(_mean(training.J, sizes), _mean(training.penalty, sizes), float(last_rate))


def _mean(values: list[Any], sizes: Any) -> Any:
    """The mean of one value for each batch, weighted by the batches' rows."""
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
