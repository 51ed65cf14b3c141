"""A value that falls where the training no longer gets better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array
from chainrule.optimizers.schedules.schedule import Horizon, Schedule
from chainrule.validation import finite_number, whole_number

__all__ = ["Plateau"]

LOWER_IS_BETTER = ("J", "val_J", "penalty")
"""Columns whose mode is known; those of metrics belong to the training, which is not in sight from here."""


@dataclass(frozen=True)
class Plateau(Schedule):
    """Multiplied by `factor` where a column of the history has not become better for more than `patience` epochs.

    What counts as better, and when it falls, is as in PyTorch's ``ReduceLROnPlateau``.

    Parameters
    ----------
    initial : float
        Where it starts, at least 0.
    factor : float
        By which it is multiplied, above 0 and below 1.
    patience : int
        Epochs without a better value that pass before it falls in the next, at least 0.
    monitor : str
        Column of the history to look at, such as ``"val_J"`` or ``"J"``.
    mode : {"min", "max"}, optional
        ``"min"`` where lower is better, ``"max"`` where higher is. It can be left out for ``"J"``, ``"val_J"`` and
        ``"penalty"``, where lower is.
    threshold : float
        Share of the best value by which a better one must differ from it, in [0, 1): relative, as PyTorch's is by
        default, where the ``min_delta`` of early stopping is a difference.
    cooldown : int
        Epochs after a fall that do not count, at least 0.
    minimum : float
        Below this it does not fall; at least 0.

    Raises
    ------
    InvalidArgument, InvalidType
        If one is out of its range or of the wrong kind, or mode is left out where it is not known; in training, if the
        history has no such column.
    """

    name = "plateau"
    formula = r"c \, q^{\text{falls}}"

    initial: float
    factor: float = 0.1
    patience: int = 10
    monitor: str = "val_J"
    mode: Literal["min", "max"] | None = None
    threshold: float = 1e-4
    cooldown: int = 0
    minimum: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "initial", finite_number("initial", self.initial, minimum=0))
        object.__setattr__(self, "factor", finite_number("factor", self.factor, above=0, below=1))
        for name in ("patience", "cooldown"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), minimum=0))
        if not isinstance(self.monitor, str):
            raise InvalidType(f'monitor must be the name of a column, such as "val_J", not {self.monitor!r}.')
        if self.mode not in (None, "min", "max"):
            raise InvalidArgument(f'mode must be "min" or "max", not {self.mode!r}.')
        if self.mode is None and self.monitor not in LOWER_IS_BETTER:
            raise InvalidArgument(
                f"Whether a high {self.monitor!r} is good is not known: give mode='min' or mode='max'."
            )
        object.__setattr__(self, "threshold", finite_number("threshold", self.threshold, minimum=0, below=1))
        object.__setattr__(self, "minimum", finite_number("minimum", self.minimum, minimum=0))

    @property
    def watched(self) -> tuple[str, ...]:
        return (self.monitor,)

    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        return np.full(stop - start, state.get("value", self.initial), dtype=np.float64)

    def observe(self, row: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
        """The value from here on, the best so far, and how many epochs were not better or are still to cool down."""
        if self.monitor not in row:
            raise InvalidArgument(
                f"A Plateau looks at {self.monitor!r}, which is no column of this history; "
                f"{nearest_names(self.monitor, row)}"
            )
        measured = float(row[self.monitor])
        value, best = state.get("value", self.initial), state.get("best")
        waited, cooling = state.get("waited", 0), state.get("cooling", 0)
        if self._is_better(measured, best):
            best, waited = measured, 0
        else:
            waited += 1
        if cooling:
            cooling, waited = cooling - 1, 0
        if waited > self.patience:
            value, waited, cooling = min(value, max(value * self.factor, self.minimum)), 0, self.cooldown
        return {"value": value, "best": best, "waited": waited, "cooling": cooling}

    def _is_better(self, measured: float, best: float | None) -> bool:
        if best is None:
            return bool(np.isfinite(measured))
        margin = self.threshold * abs(best)
        return measured > best + margin if self.mode == "max" else measured < best - margin
