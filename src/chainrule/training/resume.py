"""Going on: what a training needs to be taken up where it stands, and what must not have changed."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.engines import ENGINE_NAMES, EngineChoice, engine_for
from chainrule.engines.problem import Problem, Variables
from chainrule.errors import InvalidArgument, MissingExtra
from chainrule.files.descriptions import to_data
from chainrule.functions.arrays import Array
from chainrule.network.architecture import Architecture
from chainrule.network.sparse_rows import stored_arrays
from chainrule.optimizers.schedules import Constant, Horizon, Schedule
from chainrule.training.run import Run
from chainrule.training.state import TrainingState

__all__ = ["check_fits", "engine_to_go_on_with", "recipe", "same_layers", "warn_of_changes"]


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
    before = training.recipe.get("optimizer", repr(optimizer))
    expected = Variables.started(problem, theta, variables.state, variables.masks).remembered
    if before.partition("(")[0] != type(optimizer).__name__ or _shapes(expected) != _shapes(variables.remembered):
        raise InvalidArgument(
            f"The training to go on with began with {before}, which remembers other things than {optimizer!r}: give "
            "the optimizer that it began with."
        )
    _check_epoch_under_way(training, problem)


def engine_to_go_on_with(
    name: Any, problem: Problem, epochs: int, variables: Variables, training: TrainingState
) -> EngineChoice:
    """The engine that is asked for or, with ``"auto"``, the one that the training had, since another has other bits.

    Raises
    ------
    InvalidArgument, InvalidType, MissingExtra
        For what is not the name of an engine, or one that is not installed.
    """
    before = training.engine
    if name != "auto" or before not in ENGINE_NAMES:
        return engine_for(name, problem, epochs, variables)
    try:
        choice = engine_for(before, problem, epochs, variables)
    except MissingExtra:  # the machine that it began on had it: the change is warned of
        return engine_for("auto", problem, epochs, variables)
    same = choice.engine.name == before
    return choice._replace(reason=training.history.engine_reason) if same else choice


def same_layers(one: Architecture, other: Architecture) -> bool:
    """Whether two architectures compute alike, however their numbers started."""
    return bool(_without_start(to_data(one.layers)) == _without_start(to_data(other.layers)))


def _without_start(data: Any) -> Any:
    if isinstance(data, list):
        return [_without_start(each) for each in data]
    if isinstance(data, dict):
        return {key: _without_start(value) for key, value in data.items() if not key.endswith("initializer")}
    return data


def _check_epoch_under_way(training: TrainingState, problem: Problem) -> None:
    if training.order is None or not training.position:
        return
    same_rows = len(training.order) == problem.n_rows and training.position <= problem.steps_per_epoch
    if not same_rows or training.recipe.get("batch_size", str(problem.batch_size)) != str(problem.batch_size):
        size = training.recipe.get("batch_size", "other")
        raise InvalidArgument(
            f"The training stands in the middle of epoch {training.epoch + 1}, after {training.position} batches of "
            f"{size} of {len(training.order)} rows; {problem.n_rows} rows in batches of {problem.batch_size} cannot "
            "finish that epoch: give the rows and the batch_size that it began with."
        )


def recipe(problem: Problem, schedules: Mapping[str, Schedule], epochs: int, shuffle: bool = True) -> dict[str, str]:
    """What is learned and how, as text for each setting, to be compared when a training goes on."""
    objective, own = problem.objective, problem.optimizer.scheduled
    scheduled = {name: schedule for name, schedule in schedules.items() if not _is_setting(name, schedule, own)}
    described = {
        "loss": repr(objective.loss),
        "l1": repr(objective.penalty.l1),
        "l2": repr(objective.penalty.l2),
        "optimizer": repr(problem.optimizer),
        "batch_size": str(problem.batch_size),
        **{name: repr(s.value) if isinstance(s, Constant) else repr(s) for name, s in scheduled.items()},
        "rows": f"{problem.n_rows} rows with the checksum {_checksum(problem.rows):08x}",
        "epochs": str(epochs),
        **({} if shuffle else {"shuffle": "False"}),
    }
    return {name: _short(text) for name, text in described.items()}


def _short(text: str) -> str:
    """A text as it is or, where it is long, its beginning and a checksum of all of it."""
    if len(text) <= 500:
        return text
    return f"{text[:200]} ... (checksum {zlib.crc32(text.encode()):08x})"


def _is_setting(name: str, schedule: Schedule, own: Mapping[str, float]) -> bool:
    """Whether a schedule is but the optimizer's own setting, which its text says already."""
    return isinstance(schedule, Constant) and schedule.value == {**own, "dropout_factor": 1.0}.get(name)


def warn_of_changes(run: Run, *, with_rows: bool) -> None:
    """Say with which settings a training goes on that are not those that it began with, or that nothing is left to do.

    Parameters
    ----------
    run : Run
        What goes on, with its new recipe.
    with_rows : bool
        Whether rows and batch size must be the same, too, as where a training from a file is to become what it would
        have been.
    """
    before, now = run.training.recipe, run.recipe
    same_rows = before.get("rows") == now["rows"]
    ignored = {"epochs"} if with_rows or same_rows else {"epochs", "rows", "batch_size"}
    names = [name for name in {**now, **before} if name not in ignored]
    changed = [
        f"{name} was {before.get(name, 'none')}, now {now.get(name, 'none')}"
        for name in names
        if before and before.get(name) != now.get(name)
    ]
    changed += [
        f"{name} is spread over {run.epochs} epochs, and was over {before['epochs']}"
        for name in _stretched(run, before.get("epochs", now["epochs"]))
    ]
    if before and run.training.engine != run.engine.name:
        changed.append(f"engine was {run.training.engine}, now {run.engine.name}")
    if changed:
        warnings.warn(
            f"The training goes on with other settings than it began with: {'; '.join(changed)}. What comes of it is "
            "not what it would have been without the interruption.",
            stacklevel=3,
        )
    if run.training.epoch >= run.epochs and not with_rows:
        warnings.warn(
            f"All {run.epochs} epochs are finished already: give more epochs to go on with this training.", stacklevel=3
        )


def _stretched(run: Run, epochs: str) -> list[str]:
    """The scheduled values that would have been others until now, had there been as many epochs as there now are."""
    training, now = run.training, run.horizon
    last = training.variables.step - 1
    if last < 0 or not epochs.isdecimal() or int(epochs) == run.epochs:
        return []
    before = Horizon(now.total + (int(epochs) - run.epochs) * now.epoch, now.epoch)

    def value(schedule: Schedule, horizon: Horizon) -> float:
        return float(schedule.values(last, last + 1, horizon, {})[0])

    without_state = {name: s for name, s in run.schedules.items() if name not in training.schedules}
    return [name for name, schedule in without_state.items() if value(schedule, before) != value(schedule, now)]


def _checksum(rows: LabelledRows) -> int:
    checksum = 0
    for array in (*stored_arrays(rows.x), rows.y, rows.weights):
        if array is not None:
            checksum = zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, checksum)
    return checksum


def _shapes(arrays: dict[str, Array]) -> dict[str, tuple[Any, ...]]:
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}
