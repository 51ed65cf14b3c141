"""A value that rises and falls, each time in half as much of the training as the next time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number, whole_number

__all__ = ["CosLog"]


@dataclass(frozen=True)
class CosLog(Schedule):
    """`initial` times coslog_k(t) = 1/2 (1 - cos(2 pi log2(1 + (2^k - 1) t))): k cycles, each of twice the length.

    Holzmueller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data",
    NeurIPS 2024, section 3, with k = 4. It starts at 0 and rises to `initial` once in a cycle.

    Parameters
    ----------
    initial : float
        The height of a cycle, at least 0.
    cycles : int
        How many there are, at least 1.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or of the wrong kind.
    """

    name = "cos_log"
    formula = r"\tfrac{1}{2} c \, (1 - \cos(2 \pi \log_2(1 + (2^k - 1) t)))"

    initial: float
    cycles: int = 4

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", finite_number("initial", self.initial, minimum=0))
        object.__setattr__(self, "cycles", whole_number("cycles", self.cycles, minimum=1))

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        t = np.arange(start, stop) / horizon.total
        values: Array = 0.5 * self.initial * (1 - np.cos(2 * np.pi * np.log2(1 + (2.0**self.cycles - 1) * t)))
        return values
