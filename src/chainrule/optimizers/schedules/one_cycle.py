"""One cycle: up, and then far down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number

__all__ = ["OneCycle"]


@dataclass(frozen=True)
class OneCycle(Schedule):
    """From `initial` up to `peak`, then down to `final`, each along half a cosine, over the whole training.

    Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018, with
    the two phases and the cosines of PyTorch's ``OneCycleLR``. The momentum goes the other way:
    ``OneCycle(0.85, initial=0.95, final=0.95)``.

    Parameters
    ----------
    peak : float
        Where the cycle turns, above 0.
    initial : float, optional
        The first step's value, at least 0; by default peak / 25.
    final : float, optional
        The last step's value, at least 0; by default initial / 10000. The ``end`` of `Cosine` and `Polynomial` comes
        one step later.
    rise : float
        Share of the training that leads up to the peak, at least 0 and below 1.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or no number.
    """

    name = "one_cycle"
    formula = (
        r"a + \tfrac{1}{2} (b - a) (1 - \cos \pi u), \text{ with } u \text{ from 0 to 1 and } "
        r"(a, b) = (\text{initial}, \text{peak}), \text{ then } (\text{peak}, \text{final})"
    )

    peak: float
    initial: float | None = None
    final: float | None = None
    rise: float = 0.3

    def __post_init__(self) -> None:
        object.__setattr__(self, "peak", finite_number("peak", self.peak, above=0))
        for name in ("initial", "final"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, finite_number(name, getattr(self, name), minimum=0))
        object.__setattr__(self, "rise", finite_number("rise", self.rise, minimum=0, below=1))

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        initial = self.peak / 25 if self.initial is None else self.initial
        final = initial / 1e4 if self.final is None else self.final
        last = horizon.total - 1
        top = max(self.rise * horizon.total - 1, 0)  # steps; a training too short to rise starts at its peak
        step = np.arange(start, stop)
        rising = step <= top if top else np.zeros(len(step), bool)
        # a training of one step has no way up or down: its share of either is 0, and it stays at the peak
        share = np.where(rising, step / (top or 1), (step - top) / (last - top or 1))
        a, b = np.where(rising, initial, self.peak), np.where(rising, self.peak, final)
        values: Array = a + 0.5 * (b - a) * (1 - np.cos(np.pi * share))
        return values
