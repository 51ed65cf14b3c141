"""Training by L-BFGS: every iteration takes all rows at once and counts as an epoch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, TrainingDiverged
from chainrule.functions.arrays import Array
from chainrule.network import sequence
from chainrule.network.architecture import Architecture, walk
from chainrule.network.layer import Mode
from chainrule.network.layers import Dropout
from chainrule.network.sparse_rows import dense
from chainrule.optimizers import LBFGS
from chainrule.training.measured_columns import measured_columns
from chainrule.training.run import Run

__all__ = ["check_full_batch", "minimize"]


def check_full_batch(
    architecture: Architecture, batch_size: int | None, learning_rate: Any, schedules: Any, resume: Any, n_networks: int
) -> None:
    """Refuse what makes no sense where every iteration takes all rows and finds its own step.

    Raises
    ------
    InvalidArgument
        For batches, a learning rate, schedules, resuming, several networks, and dropout, under which J differs from
        call to call.
    """
    if n_networks > 1:
        raise InvalidArgument(
            f"L-BFGS searches along one line, and {n_networks} members would need as many: fit networks of their own, "
            "or choose another optimizer."
        )
    if batch_size is not None:
        raise InvalidArgument(f"L-BFGS takes all rows at once: leave batch_size={batch_size!r} out.")
    if learning_rate is not None or schedules:
        what = "learning_rate" if learning_rate is not None else "schedules"
        raise InvalidArgument(f"L-BFGS finds the size of each step by a line search: leave {what} out.")
    if resume is not False:
        raise InvalidArgument(
            "L-BFGS cannot go on with a training, since SciPy keeps what it remembers to itself: leave resume out to "
            "start it anew from the parameters as they are."
        )
    for layer in walk(architecture.layers):
        if isinstance(layer, Dropout) and layer.rate > 0:
            raise InvalidArgument(
                f"L-BFGS compares J from one set of parameters to the next, which the random masks of {layer.label} "
                "make impossible: leave dropout out, or choose another optimizer."
            )


def minimize(run: Run, optimizer: LBFGS) -> None:
    """Minimise J plus the penalty over all rows until ``run.epochs`` iterations are done or the run is stopped.

    As with steps, an epoch's J is that before its update.

    Raises
    ------
    TrainingDiverged
        If J is not finite to begin with; later, the line search takes no step that makes it so.
    """
    descent = _Descent(run)
    reason = optimizer.minimize(descent.value_and_gradient, descent.start, run.epochs, descent.finish_iteration)
    if reason and not run.stopped:
        run.stop(reason)


class _Descent:
    """J over all rows as SciPy asks for it, in float64, and what an iteration leaves in the run."""

    def __init__(self, run: Run) -> None:
        self.run, self.variables, self.objective = run, run.training.variables, run.problem.objective
        self.start = self.variables.theta.astype(np.float64).ravel()  # an ensemble of one has a leading axis
        value, _ = self.value_and_gradient(self.start)
        if not np.isfinite(value):
            raise TrainingDiverged(
                "J over all rows is not finite at the parameters that L-BFGS is to start from: bring inputs and "
                "targets to about -1 to 1 first, or make a new network.",
                layer=max(self.objective.architecture.dense_layers) + 1,
                epoch=run.training.epoch + 1,
                batch=1,
            )
        self.before = self._J_and_penalty(value)

    def value_and_gradient(self, theta: Array) -> tuple[float, Array]:
        """J plus the penalty at `theta` (P,), and their gradient."""
        run, variables = self.run, self.variables
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            given = theta.astype(variables.theta.dtype).reshape(variables.theta.shape)
            found = run.engine.value_and_gradient(run.problem, given, variables.state)
        return float(np.sum(found.J + found.penalty)), found.gradient.astype(np.float64).ravel()

    def finish_iteration(self, theta: Array, value: float) -> bool:
        """Take over the parameters of an iteration, count it as an epoch, and say whether to stop."""
        run = self.run
        self.variables.theta[...] = theta.reshape(self.variables.theta.shape)
        self.variables.step += 1
        _update_statistics(run)
        for callback in run.callbacks:
            run.call(callback.on_progress)
        with run.interruptible():
            (measured,) = measured_columns([run])
        run.finish_epoch(*self.before, learning_rate=math.nan, measured=measured)  # there is no rate
        self.before = self._J_and_penalty(value)
        return bool(run.stopped)

    def _J_and_penalty(self, value: float) -> tuple[float, float]:
        penalty = float(np.sum(self.objective.penalty.value(self.variables.theta, self.objective.penalised)))
        return value - penalty, penalty


def _update_statistics(run: Run) -> None:
    """The running statistics after an iteration, as after a step over all rows."""
    architecture, variables = run.problem.objective.architecture, run.training.variables
    if not architecture.statistics.size:
        return
    parameters, state = architecture.bind_parameters(variables.theta), architecture.bind_statistics(variables.state)
    mode = Mode(True, weights=run.problem.rows.weights)
    _, caches = sequence.forward(architecture.layers, parameters, state, dense(run.problem.rows.x), mode)
    new = sequence.updated_statistics(architecture.layers, state, caches)
    for view, array in zip(architecture.statistics.views(variables.state), new, strict=True):
        view[...] = array
