"""Several epochs as one call of the engine, where nobody looks at their ends.

An epoch's end costs as much as a dozen steps of a small network. Where no callback listens to it, nothing is to be
measured and no schedule watches, the engine goes on from one epoch to the next, and the history gets all their rows at
once. The numbers are the same to the last bit, but for the column ``seconds``, which is shared out evenly among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from chainrule.functions.arrays import Array, Rows
from chainrule.optimizers.schedules import Schedule
from chainrule.training.callback import Callback
from chainrule.training.divergence import Snapshot, not_finite
from chainrule.training.epoch_mean import epoch_mean
from chainrule.training.lockstep import Lockstep, interruptible
from chainrule.training.run import Run

__all__ = ["do_epochs", "unobserved_epochs"]

MOST_ORDERED = 1 << 18
"""Numbers of rows that are put into order at once, 2 MB of them: the epochs of one call, for all networks."""


def unobserved_epochs(runs: Sequence[Run], steps: int) -> int:
    """How many whole epochs of so many steps in all lie ahead whose ends nobody looks at."""
    if not all(_is_unobserved(run) for run in runs):
        return 0
    problem = runs[0].problem
    left = min(run.epochs - run.training.epoch for run in runs)
    return min(left, steps // problem.steps_per_epoch, MOST_ORDERED // (problem.n_rows * len(runs)))


def _is_unobserved(run: Run) -> bool:
    return (
        (run.training.position == 0 and run.training.order is None)
        and (run.measured is None and run.validation is None)
        and all(type(each).on_epoch is Callback.on_epoch for each in run.callbacks)
        and all(type(each).on_batch is Callback.on_batch for each in run.callbacks)
        and all(type(schedule).observe is Schedule.observe for schedule in run.schedules.values())
    )


def do_epochs(lockstep: Lockstep, epochs: int) -> bool:
    """Do whole epochs in one call of the engine; False, and nothing is done, where numbers become NaN or infinite."""
    runs, problem = lockstep.runs, lockstep.problem
    steps, seconds = epochs * problem.steps_per_epoch, [run.seconds for run in runs]
    lockstep.fetch()
    set_back = _way_back(lockstep)
    try:
        with interruptible(runs):
            values = lockstep.values(0, steps)
            losses = lockstep.engine.run_epochs(problem, lockstep.variables, _orders(runs, epochs), values)
    except BaseException:  # some of the steps are done, and nobody knows how many
        set_back()
        raise
    if len(losses.J) < steps or not np.isfinite(losses.J[-1]).all() or not_finite(lockstep):
        set_back()
        return False
    lockstep.bring_home()
    rates = values["learning_rate"][problem.steps_per_epoch - 1 :: problem.steps_per_epoch]
    for number, run in enumerate(runs):
        J, penalty = (_by_epoch(lockstep.own_column(column, number), run, epochs) for column in losses)
        own_rates = rates if rates.ndim == 1 else rates[:, number]
        ends = np.linspace(seconds[number], run.seconds, epochs + 1)[1:]
        run.finish_epochs(J, penalty, own_rates.tolist(), ends.tolist())
    return True


def _way_back(lockstep: Lockstep) -> Callable[[], None]:
    """What sets the variables and the streams of orders back to where they are now."""
    before = lockstep.snapshot = Snapshot.of(lockstep.variables, lockstep.snapshot)
    streams = [run.training.streams["order"] for run in lockstep.runs]
    positions = [stream.bit_generator.state for stream in streams]

    def set_back() -> None:
        before.restore(lockstep.variables)
        for stream, position in zip(streams, positions, strict=True):
            stream.bit_generator.state = position

    return set_back


def _orders(runs: Sequence[Run], epochs: int) -> Rows:
    """Every epoch's order of the rows: (epochs, n), or (epochs, K, n)."""
    n = runs[0].problem.n_rows
    if not runs[0].shuffles:
        return np.broadcast_to(np.arange(n), (epochs, n))
    orders = np.empty((epochs, len(runs), n), np.intp)
    for number, run in enumerate(runs):
        stream = run.training.streams["order"]
        for epoch in range(epochs):
            orders[epoch, number] = stream.permutation(n)
    return orders[:, 0] if len(runs) == 1 else orders


def _by_epoch(values: Array, run: Run, epochs: int) -> list[float]:
    """The mean of each epoch, from the values of all steps."""
    means: list[float] = epoch_mean(run.training.step_values(values).reshape(epochs, -1), run.problem).tolist()
    return means
