"""Schedules: how a value, such as the learning rate, changes from step to step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.validation import finite_number

__all__ = ["Constant", "Schedule", "schedules"]


@dataclass(frozen=True)
class Schedule(ABC):
    """A value for every step of a training, known before it starts."""

    @abstractmethod
    def values(self, start: int, stop: int, total: int) -> Array:
        """The float64 values of the steps from `start` up to `stop` of `total`, of shape (stop - start,)."""


@dataclass(frozen=True)
class Constant(Schedule):
    """The same value at every step."""

    value: float

    def values(self, start: int, stop: int, total: int) -> Array:
        return np.full(stop - start, self.value)


def schedules(learning_rate: float | Schedule, others: Mapping[str, float]) -> dict[str, Schedule]:
    """The schedules of a training: of the learning rate, the optimizer's other values, and the factor on dropout.

    Raises
    ------
    InvalidArgument, InvalidType
        If the learning rate is no finite number above 0.
    """
    if not isinstance(learning_rate, Schedule):
        learning_rate = Constant(finite_number("learning_rate", learning_rate, above=0))
    constants = {name: Constant(value) for name, value in {**others, "dropout": 1.0}.items()}
    return {"learning_rate": learning_rate, **constants}
