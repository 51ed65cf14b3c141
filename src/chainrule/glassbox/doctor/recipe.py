"""The recipe of a fit: how the network was taught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chainrule.functions.losses import Loss
from chainrule.functions.penalties import Penalty
from chainrule.optimizers import Optimizer
from chainrule.optimizers.schedules import Constant, Schedule

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """How the network was taught.

    Attributes
    ----------
    loss : Loss
        What was made small.
    epochs, batch_size : int
        As in `Network.fit`.
    schedules : mapping of str to Schedule
        Those of the learning rate and the optimizer's other values.
    optimizer : Optimizer
        The rule of a step.
    penalty : Penalty
        The L1 and L2 terms.
    shuffle : bool
        Whether each epoch took the rows in a new order.
    seed : int
        From which the network started.
    """

    loss: Loss
    epochs: int
    batch_size: int
    schedules: Mapping[str, Schedule]
    optimizer: Optimizer
    penalty: Penalty = field(default_factory=Penalty)
    shuffle: bool = True
    seed: int = 0

    @property
    def learning_rate(self) -> float | None:
        """The learning rate, where it is one number."""
        schedule = self.schedules.get("learning_rate")
        return float(schedule.value) if isinstance(schedule, Constant) else None

    @property
    def rate_in_words(self) -> str:
        """The learning rate as the beginning of a sentence, with its number where it is one."""
        return "The learning rate" if self.learning_rate is None else f"The learning rate of {self.learning_rate:g}"

    def rate_times(self, factor: float) -> str:
        """The learning rate times a factor, as a person would type it."""
        if self.learning_rate is None:
            return f"{factor:g} times the learning rate, all along its schedule"
        return f"learning_rate={self.learning_rate * factor:.3g}"
