"""A value that falls by the same share all the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number

__all__ = ["Exponential"]


@dataclass(frozen=True)
class Exponential(Schedule):
    """Multiplied by `factor` in every epoch, smoothly from step to step.

    Senior et al., "An empirical study of learning rates in deep neural networks for speech recognition", ICASSP 2013,
    and others.

    Parameters
    ----------
    initial : float
        Where it starts, at least 0.
    factor : float
        By which an epoch multiplies it, above 0.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or no number.
    """

    name = "exponential"
    formula = r"c \, q^e"

    initial: float
    factor: float = 0.95

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", finite_number("initial", self.initial, minimum=0))
        object.__setattr__(self, "factor", finite_number("factor", self.factor, above=0))

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        values: Array = self.initial * self.factor ** (np.arange(start, stop) / horizon.epoch)
        return values
