"""Schedules: how a value, such as the learning rate, changes from step to step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["Constant", "Schedule", "as_schedule"]


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


def as_schedule(value: float | Schedule) -> Schedule:
    """A number as a constant schedule; a schedule as it is."""
    return value if isinstance(value, Schedule) else Constant(value)
