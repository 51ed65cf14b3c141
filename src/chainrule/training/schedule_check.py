"""Schedules, tried before the first step: the columns that they look at are there, and their values are in range."""

from __future__ import annotations

import numpy as np

from chainrule.errors import InvalidArgument, nearest_names
from chainrule.network.architecture import walk
from chainrule.network.layers import Dropout
from chainrule.optimizers.optimizer import StepOptimizer
from chainrule.optimizers.schedules import Constant, Schedule
from chainrule.training.run import Run
from chainrule.validation import finite_number

__all__ = ["check_schedules"]

SAMPLES = 50
"""Steps, spread over the training, whose values are looked at."""


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
                advice = " Give fit validation=(x, y) for it." if column.startswith("val_") else ""
                raise InvalidArgument(
                    f"The schedule of {name} looks at {column!r}, which is no column of this training; "
                    f"{nearest_names(column, run.columns)}{advice}"
                )
        for value in _extremes(run, name, schedule):
            _check(run, name, value)


def _extremes(run: Run, name: str, schedule: Schedule) -> tuple[float, float]:
    """The smallest and the largest of its values at `SAMPLES` steps of what is left of the training."""
    horizon, state = run.horizon, run.training.schedules.get(name, {})
    first = min(run.training.variables.step, horizon.total - 1)
    steps = np.unique(np.linspace(first, horizon.total - 1, SAMPLES).astype(int)).tolist()
    values = np.concatenate([schedule.values(step, step + 1, horizon, state) for step in steps])
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
