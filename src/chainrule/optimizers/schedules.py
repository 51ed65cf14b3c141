"""Schedules: how a value, such as the learning rate, changes from step to step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array
from chainrule.validation import finite_number

__all__ = ["Constant", "Schedule", "step_schedules"]


@dataclass(frozen=True)
class Schedule(ABC):
    """A value for every step of a training.

    A schedule is a description. One that looks at how the training goes, such as a rate that falls on a plateau, keeps
    what it needs in a state beside it, which the training's state holds.
    """

    @abstractmethod
    def values(self, start: int, stop: int, total: int, state: Mapping[str, Any]) -> Array:
        """The float64 values of the steps from `start` up to `stop` of `total`, of shape (stop - start,)."""

    def observe(self, row: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
        """The state after an epoch with this row of the history, as data that JSON can hold; at first it is empty."""
        return dict(state)


@dataclass(frozen=True)
class Constant(Schedule):
    """The same value at every step."""

    value: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", finite_number("The value of a schedule", self.value))

    def values(self, start: int, stop: int, total: int, state: Mapping[str, Any]) -> Array:
        return np.full(stop - start, self.value)


def step_schedules(
    learning_rate: float | Schedule, scheduled: Mapping[str, float], given: Mapping[str, Schedule] | None = None
) -> dict[str, Schedule]:
    """The schedules of a training: of the learning rate, the optimizer's other values, and the factor on dropout.

    Parameters
    ----------
    learning_rate : float or Schedule
        A number stands for a constant.
    scheduled : mapping of str to float
        The optimizer's other values, constant where `given` has no schedule for them.
    given : mapping of str to Schedule, optional
        Schedules by the names of `scheduled`, or for ``dropout_factor``.

    Raises
    ------
    InvalidArgument, InvalidType
        If the learning rate is no finite number above 0, or a name is unknown.
    """
    if not isinstance(learning_rate, Schedule) or isinstance(learning_rate, Constant):
        value = learning_rate.value if isinstance(learning_rate, Constant) else learning_rate
        learning_rate = Constant(finite_number("learning_rate", value, above=0))
    constants = {name: Constant(value) for name, value in {**scheduled, "dropout_factor": 1.0}.items()}
    for name, schedule in (given or {}).items():
        if name not in constants:
            raise InvalidArgument(f"There is no value {name!r} to schedule; {nearest_names(name, constants)}")
        if not isinstance(schedule, Schedule):
            raise InvalidType(f"{schedule!r} is not a schedule for {name}: give an instance, such as Constant(0.5).")
    return {"learning_rate": learning_rate, **constants, **(given or {})}
