"""Going on: what a training needs to be taken up where it stands, and what must not have changed."""

from __future__ import annotations

import warnings
import zlib
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines.problem import Problem, Variables
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.optimizers.optimizer import StepOptimizer
from chainrule.training.state import TrainingState

__all__ = ["check_fits", "recipe", "taken_up"]


def taken_up(
    training: TrainingState, problem: Problem, described: dict[str, str], theta: Array, *, warn: bool
) -> TrainingState:
    """A training that was begun, ready to go on with this problem.

    Parameters
    ----------
    training : TrainingState
        Where it stands.
    problem : Problem
        What to go on with.
    described : dict of str to str
        The problem's `recipe`.
    theta : array of shape (P,)
        The parameters of the network that is to go on.
    warn : bool
        Whether settings that are not those that it began with are named in a warning.

    Raises
    ------
    InvalidArgument
        If it cannot go on with this problem.
    """
    check_fits(training, problem, theta)
    if warn:
        _warn_of_changes(training.recipe, described)
    if training.order is not None and not training.position and len(training.order) != problem.n_rows:
        training.order = None  # it was drawn for other rows, and no step was taken by it
    training.recipe = described
    return training


def check_fits(training: TrainingState, problem: Problem, theta: Array) -> None:
    """Make sure that a training can go on with this problem from these parameters' shape and dtype.

    Raises
    ------
    InvalidArgument
        With what does not fit.
    """
    variables, optimizer = training.variables, problem.optimizer
    if (variables.theta.shape, variables.theta.dtype) != (theta.shape, theta.dtype):
        raise InvalidArgument(
            f"The training to go on with has {variables.theta.size} parameters in {variables.theta.dtype}, and this "
            f"network {theta.size} in {theta.dtype}: give the network that it began with."
        )
    if not isinstance(optimizer, StepOptimizer):
        raise InvalidArgument(
            f"{type(optimizer).__name__} cannot go on with a training, since SciPy keeps what it remembers to itself: "
            "leave resume out to start it anew from the parameters as they are."
        )
    expected = Variables.started(problem, theta, variables.state, variables.masks).remembered
    if _shapes(expected) != _shapes(variables.remembered):
        raise InvalidArgument(
            f"The training to go on with had another optimizer: it remembers {_named(variables.remembered)}, and "
            f"{type(optimizer).__name__} {_named(expected)}. Give the optimizer that it began with."
        )
    _check_epoch_under_way(training, problem)


def _check_epoch_under_way(training: TrainingState, problem: Problem) -> None:
    if training.order is None or not training.position:
        return
    same_rows = len(training.order) == problem.n_rows
    if not same_rows or training.recipe.get("batch_size", str(problem.batch_size)) != str(problem.batch_size):
        size = training.recipe.get("batch_size", "other")
        raise InvalidArgument(
            f"The training stands in the middle of epoch {training.epoch + 1}, after {training.position} batches of "
            f"{size} of {len(training.order)} rows; {problem.n_rows} rows in batches of {problem.batch_size} cannot "
            "finish that epoch: give the rows and the batch_size that it began with."
        )


def recipe(problem: Problem, settings: dict[str, Any]) -> dict[str, str]:
    """What is learned and how, as text for each setting, to be compared when a training goes on."""
    objective = problem.objective
    return {
        "loss": repr(objective.loss),
        "penalty": repr(objective.penalty),
        "optimizer": repr(problem.optimizer),
        "batch_size": str(problem.batch_size),
        **{name: repr(value) for name, value in settings.items()},
        "rows": f"{problem.n_rows} rows with the checksum {_checksum(problem.rows):08x}",
    }


def _warn_of_changes(before: dict[str, str], now: dict[str, str]) -> None:
    """Say with which settings a training from a file goes on that are not those that it began with."""
    changed = [
        f"{name} was {before[name]}, now {now[name]}" for name in now if before.get(name, now[name]) != now[name]
    ]
    if changed:
        warnings.warn(
            f"The training goes on with other settings than it began with: {'; '.join(changed)}. What comes of it is "
            "not what it would have been without the interruption.",
            stacklevel=5,  # the line that called fit
        )


def _checksum(rows: LabelledRows) -> int:
    checksum = 0
    for array in (rows.x, rows.y, rows.weights):
        if array is not None:
            checksum = zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, checksum)
    return checksum


def _shapes(arrays: dict[str, Array]) -> dict[str, tuple[Any, ...]]:
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}


def _named(arrays: dict[str, Array]) -> str:
    return ", ".join(arrays) or "nothing"
