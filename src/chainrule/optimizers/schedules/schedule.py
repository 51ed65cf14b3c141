"""The contract of a schedule: how a value, such as the learning rate, changes from step to step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from chainrule.functions.arrays import Array

__all__ = ["Horizon", "Schedule"]


class Horizon(NamedTuple):
    """How far a training goes.

    Attributes
    ----------
    total : int
        Steps of the whole training.
    epoch : int
        Steps of an epoch.
    """

    total: int
    epoch: int


@dataclass(frozen=True)
class Schedule(ABC):
    """A value for every step of a training.

    A schedule is a description. One that looks at how the training goes, such as a rate that falls on a plateau, keeps
    what it needs in a state beside it, which the training's state holds.

    Attributes
    ----------
    name : str
        Its name in settings and files.
    formula : str
        The value in LaTeX: at step s of S, counted from 0, which is t = s / S of the training and e of its epochs.
    tier : int
        1: works everywhere; 2: in the NumPy engine only.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    tier: ClassVar[int] = 1

    @property
    def watched(self) -> tuple[str, ...]:
        """The columns of the history that `observe` looks at."""
        return ()

    @abstractmethod
    def values(self, start: int, stop: int, horizon: Horizon, state: Mapping[str, Any]) -> Array:
        """The float64 values of the steps from `start` up to `stop`, of shape (stop - start,).

        The value of a step does not depend on which others are asked for with it.
        """

    def observe(self, row: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
        """The state after an epoch with this row of the history, as data that JSON can hold; at first it is empty."""
        return dict(state)
