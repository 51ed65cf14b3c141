"""A value that stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number

__all__ = ["Constant"]


@dataclass(frozen=True)
class Constant(Schedule):
    """The same value at every step."""

    name = "constant"
    formula = r"c"

    value: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", finite_number("The value of a schedule", self.value))

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        return np.full(stop - start, self.value)
