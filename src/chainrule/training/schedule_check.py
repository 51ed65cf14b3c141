"""Schedules, tried before the first step: the columns that they look at are there, and their values are in range."""

from __future__ import annotations

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.network.architecture import walk
from chainrule.network.layers import Dropout
from chainrule.optimizers.optimizer import StepOptimizer
from chainrule.optimizers.schedules import Constant, Schedule
from chainrule.training.monitor import remedy
from chainrule.training.run import Run
from chainrule.validation import finite_number

__all__ = ["check_schedules"]

MOST_STEPS = 1_000_000
"""Steps whose values are looked at; those of later ones are looked at when it is their turn."""


def check_schedules(run: Run) -> None:
    """Make sure that the schedules of a run can give what its steps take.

    Raises
    ------
    InvalidArgument
        If one looks at a column that the history will not have, or gives a value out of range.
    """
    own = run.problem.optimizer.scheduled | {"dropout_factor": 1.0}
    for name, schedule in run.schedules.items():
        if isinstance(schedule, Constant) and schedule.value == own.get(name):
            continue  # the optimizer's own setting
        for column in schedule.watched:
            if column not in run.columns:
                raise InvalidArgument(
                    f"The schedule of {name} looks at {column!r}, which is no column of this training; "
                    f"{remedy(column, run.columns)}"
                )
        for value in _extremes(run, name, schedule):
            _check(run, name, value)


def _extremes(run: Run, name: str, schedule: Schedule) -> tuple[float, float]:
    """The smallest and the largest of its values in what is left of the training, or in its next `MOST_STEPS` steps."""
    horizon, state = run.horizon, run.training.schedules.get(name, {})
    first = min(run.training.variables.step, horizon.total - 1)
    last = min(horizon.total, first + MOST_STEPS)
    try:
        with np.errstate(all="ignore"):
            values = np.asarray(schedule.values(first, last, horizon, state), np.float64)
            if state:
                schedule.observe(run.history.last(), state)
    except (TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
        raise InvalidArgument(f"The schedule of {name} cannot give its values: {repr(error)[:200]}.") from error
    if values.shape != (last - first,):
        raise InvalidArgument(
            f"The schedule of {name} gives values of the shape {values.shape} for {last - first} steps: give one "
            "number for each."
        )
    return float(values.min()), float(values.max())


def _check(run: Run, name: str, value: float) -> None:
    optimizer = run.problem.optimizer
    try:
        if name == "learning_rate":
            finite_number(name, value, minimum=0)
        elif name == "dropout_factor":
            _check_dropout(run, value)
        elif isinstance(optimizer, StepOptimizer):
            optimizer.check_value(name, value)
    except InvalidArgument as error:
        raise InvalidArgument(f"The schedule of {name} gives {value:g}: {error}") from None


def _check_dropout(run: Run, factor: float) -> None:
    finite_number("dropout_factor", factor, minimum=0)
    for layer in walk(run.problem.objective.architecture.layers):
        if isinstance(layer, Dropout):
            finite_number(f"the rate of {layer.label}, times it,", layer.rate * factor, minimum=0, below=1)
