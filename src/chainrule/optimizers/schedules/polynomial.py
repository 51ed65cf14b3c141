"""A value that goes to its end along a power; a straight line by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number

__all__ = ["Polynomial"]


@dataclass(frozen=True)
class Polynomial(Schedule):
    """From `initial` to `end` over the whole training, as (1 - t)^power.

    Chen et al., "DeepLab", IEEE TPAMI 40 (2018), with 0.9 as the power, and others.

    Parameters
    ----------
    initial : float
        Where it starts, at least 0.
    end : float
        What the step after the last would have, at least 0; the ``final`` of `OneCycle` is the last step's own value.
    power : float
        1 for a straight line; more falls faster at first; above 0.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or no number.
    """

    name = "polynomial"
    formula = r"c_1 + (c - c_1) (1 - t)^p"

    initial: float
    end: float = 0.0
    power: float = 1.0

    def __post_init__(self) -> None:
        for name in ("initial", "end"):
            object.__setattr__(self, name, finite_number(name, getattr(self, name), minimum=0))
        object.__setattr__(self, "power", finite_number("power", self.power, above=0))

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        left = 1 - np.arange(start, stop) / horizon.total
        values: Array = self.end + (self.initial - self.end) * left**self.power
        return values
