"""A value that falls in stairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number, whole_number

__all__ = ["StepDecay"]


@dataclass(frozen=True)
class StepDecay(Schedule):
    """Multiplied by `factor` after every so many epochs; He et al., "Deep residual learning", CVPR 2016, and others.

    Parameters
    ----------
    initial : float
        Where it starts, at least 0.
    factor : float
        By which it is multiplied, above 0.
    every : int
        Epochs of a stair, at least 1.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or of the wrong kind.
    """

    name = "step_decay"
    formula = r"c \, q^{\lfloor e / k \rfloor}"

    initial: float
    factor: float = 0.1
    every: int = 30

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", finite_number("initial", self.initial, minimum=0))
        object.__setattr__(self, "factor", finite_number("factor", self.factor, above=0))
        object.__setattr__(self, "every", whole_number("every", self.every, minimum=1))

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        stairs = np.arange(start, stop) // (horizon.epoch * self.every)
        values: Array = self.initial * self.factor**stairs
        return values
