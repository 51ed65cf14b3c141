"""A schedule that starts gently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.constant import Constant
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number

__all__ = ["WarmUp"]


@dataclass(frozen=True)
class WarmUp(Schedule):
    """A schedule, multiplied by a factor that rises on a straight line from `start` to 1.

    Goyal et al., "Accurate, large minibatch SGD", 2017, section 2.2. The schedule inside does not wait for the end of
    the warm-up: its own steps go on from the first.

    Parameters
    ----------
    schedule : Schedule or float
        What is multiplied; a number, at least 0, stands for a constant.
    epochs : float
        How long the factor rises, above 0.
    start : float
        The factor of the first step, at least 0 and below 1.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or of the wrong kind.
    """

    name = "warm_up"
    formula = r"\text{schedule} \cdot \min(1, \; u + (1 - u) \, e / k)"

    schedule: Schedule
    epochs: float = 5.0
    start: float = 0.1

    def __post_init__(self) -> None:
        if isinstance(self.schedule, type):
            raise InvalidType(f"{self.schedule.__name__} needs its settings: give an instance of it to WarmUp.")
        if not isinstance(self.schedule, Schedule) or isinstance(self.schedule, Constant):
            value = self.schedule.value if isinstance(self.schedule, Constant) else self.schedule
            constant = Constant(finite_number("The value to warm up to", value, minimum=0))
            object.__setattr__(self, "schedule", constant)
        object.__setattr__(self, "epochs", finite_number("epochs", self.epochs, above=0))
        object.__setattr__(self, "start", finite_number("start", self.start, minimum=0, below=1))

    @property
    def watched(self) -> tuple[str, ...]:
        return self.schedule.watched

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        risen = np.minimum(np.arange(start, stop) / (self.epochs * horizon.epoch), 1)
        return self.schedule.values(start, stop, horizon, state) * (self.start + (1 - self.start) * risen)

    def observe(self, row: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
        return self.schedule.observe(row, state)
