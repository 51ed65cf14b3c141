"""Learning rates that change between epochs by scikit-learn's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules import Horizon, Schedule
from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["EpochRate", "InverseScaling"]


@dataclass(frozen=True)
class EpochRate(Schedule):
    """A rate that a callback sets between epochs, which the training's state keeps.

    Parameters
    ----------
    initial : float
        Where it starts.
    """

    name = "epoch_rate"
    formula = r"\eta_e"

    initial: float

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        return np.full(stop - start, state.get("value", self.initial), dtype=np.float64)

    def current(self, run: Run) -> float:
        """The rate of the epoch under way or, between two, of the next."""
        return float(run.training.schedules.get("learning_rate", {}).get("value", self.initial))

    def set(self, run: Run, value: float) -> None:
        """From the next epoch on."""
        run.training.schedules["learning_rate"] = {"value": value}


class InverseScaling(Callback):
    """After each epoch, rate = initial / (t + 1)^power, where t counts the rows that were seen until then.

    Parameters
    ----------
    rate : EpochRate
        What it sets.
    power : float
        The exponent.
    rows_seen : int
        Rows seen before this training.
    """

    def __init__(self, rate: EpochRate, power: float, rows_seen: int) -> None:
        self.rate, self.power, self.rows_seen = rate, power, rows_seen

    def on_epoch(self, run: Run) -> None:
        self.rows_seen += run.problem.n_rows
        self.rate.set(run, self.rate.initial / (self.rows_seen + 1) ** self.power)
