"""A column of the history that is watched: which way is better, and which epoch was best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.training.metrics import METRICS

__all__ = ["Direction", "Monitor", "remedy"]

Direction = Literal["min", "max"]


@dataclass(frozen=True)
class Monitor:
    """A column and its direction.

    Attributes
    ----------
    column : str
        Such as ``"val_J"`` or ``"accuracy"``.
    mode : {"min", "max"} or None
        Whether low or high is good; None where the column's name says it: J, the penalty and chainrule's metrics.
    min_delta : float
        What is better by no more than this is no better.
    """

    column: str
    mode: Direction | None = None
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.column, str):
            raise InvalidType(f"monitor is the name of a column of the history, such as 'val_J', not {self.column!r}.")
        if self.mode not in (None, "min", "max"):
            raise InvalidArgument(f"mode is 'min' or 'max', not {self.mode!r}.")

    def check(self, columns: Sequence[str]) -> None:
        """Make sure that the training will have this column, and that its direction is known.

        Raises
        ------
        InvalidArgument
            If not, with the columns that there will be.
        """
        if self.column not in columns:
            raise InvalidArgument(f"There is no column {self.column!r} to monitor; {remedy(self.column, columns)}")
        if self._direction is None:
            raise InvalidArgument(
                f"Whether a high {self.column!r} is good is not known: give mode='min' or mode='max'."
            )

    @property
    def _direction(self) -> Direction | None:
        name = self.column.removeprefix("val_")
        if self.mode is not None or name in ("J", "penalty", "seconds", "learning_rate", "epoch"):
            return self.mode or "min"
        if name not in METRICS.names:
            return None
        return "max" if METRICS[name].higher_is_better else "min"

    def better(self, value: Any, best: float | None) -> bool:
        """Whether a value is better than the best so far, None for none; NaN never is."""
        number = float(value)
        if math.isnan(number):
            return False
        if best is None:
            return True
        gain = best - number if self._direction == "min" else number - best
        return gain > self.min_delta

    def best_epoch(self, values: Sequence[Any]) -> int:
        """The number of the best epoch, counted from 1; the first of equals; 0 where there is none."""
        best: float | None = None
        epoch = 0
        for number, value in enumerate(values, 1):
            if self.better(value, best):
                best, epoch = float(value), number
        return epoch


def remedy(column: str, columns: Sequence[str]) -> str:
    """The end of a sentence: what to give fit so that there is the column, or the nearest ones that there are."""
    name, held_out = column.removeprefix("val_"), column.startswith("val_")
    needed = ["validation=(x, y)"] if held_out and "val_J" not in columns else []
    needed += [f"metrics=[{name!r}]"] if name in METRICS.names and name not in columns else []
    nearest = nearest_names(column, columns)
    return f"give fit {' and '.join(needed)} for it, or {nearest}" if needed else nearest
