"""A value that falls along half a cosine, once or again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number

__all__ = ["Cosine"]

ROUNDING = 1e-9
"""A step that is so near to the next period, in periods, starts it: 0.3 epochs of 0.1 are three periods."""


@dataclass(frozen=True)
class Cosine(Schedule):
    """From `initial` to `end` along half a cosine, over the whole training or, with restarts, over each period.

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, eq. 5.

    Parameters
    ----------
    initial : float
        Where a period starts, at least 0.
    end : float
        What the step after a period's last would have, did no other begin there, at least 0; the ``final`` of
        `OneCycle` is the last step's own value.
    period : float, optional
        Epochs until the first restart, above 0. Without it there is none.
    growth : float
        How many times as long as the one before each period is, at least 1.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or no number, or there is growth without a period.
    """

    name = "cosine"
    formula = r"c_1 + \tfrac{1}{2} (c - c_1) (1 + \cos \pi t)"

    initial: float
    end: float = 0.0
    period: float | None = None
    growth: float = 1.0

    def __post_init__(self) -> None:
        for name in ("initial", "end"):
            object.__setattr__(self, name, finite_number(name, getattr(self, name), minimum=0))
        object.__setattr__(self, "growth", finite_number("growth", self.growth, minimum=1))
        if self.period is not None:
            object.__setattr__(self, "period", finite_number("period", self.period, above=0))
        elif self.growth != 1:
            raise InvalidArgument(f"growth={self.growth:g} makes periods longer, and there is no period: give one.")

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        step = np.arange(start, stop)
        share = step / horizon.total if self.period is None else self._share(step / (self.period * horizon.epoch))
        values: Array = self.end + 0.5 * (self.initial - self.end) * (1 + np.cos(np.pi * share))
        return values

    def _share(self, first_periods: Array) -> Array:
        """How much of its period each step has behind it, from 0 to 1, given its place in first periods."""
        growth = self.growth - 1
        if growth == 0:
            share: Array = np.maximum(first_periods - np.floor(first_periods + ROUNDING), 0)
            return share
        # period n is growth^n first periods long, and starts where (growth^n - 1) / (growth - 1) of them are over
        periods = np.floor(np.log1p(first_periods * growth) / np.log1p(growth) + ROUNDING)
        begun = np.expm1(periods * np.log1p(growth)) / growth
        share = np.maximum((first_periods - begun) / self.growth**periods, 0)
        return share
