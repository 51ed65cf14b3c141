"""A value that stays for half of the training, then falls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number

__all__ = ["FlatCosine"]


@dataclass(frozen=True)
class FlatCosine(Schedule):
    """`initial` times flat_cos(t) = 1/2 (1 + cos(pi (max(1, 2 t) - 1))): constant, then down to 0 along half a cosine.

    Holzmueller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data",
    NeurIPS 2024, appendix A, for the dropout and the decay.

    Parameters
    ----------
    initial : float
        The value of the first half, at least 0.

    Raises
    ------
    InvalidArgument, InvalidType
        If it is below 0 or no number.
    """

    name = "flat_cosine"
    formula = r"\tfrac{1}{2} c \, (1 + \cos(\pi (\max(1, 2 t) - 1)))"

    initial: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", finite_number("initial", self.initial, minimum=0))

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        t = np.arange(start, stop) / horizon.total
        values: Array = 0.5 * self.initial * (1 + np.cos(np.pi * (np.maximum(1, 2 * t) - 1)))
        return values
