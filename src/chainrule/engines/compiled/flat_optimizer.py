"""An optimizer and the wrappers around it, laid out flat: one rule, what is clipped before it, what follows it."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.optimizers import Clip, MovingAverage
from chainrule.optimizers.optimizer import ElementwiseOptimizer, Optimizer
from chainrule.optimizers.wrapper import Wrapper

__all__ = ["FlatOptimizer"]


@dataclass(frozen=True)
class FlatOptimizer:
    """What a step does with a gradient.

    Attributes
    ----------
    rule : ElementwiseOptimizer
        What moves the parameters.
    values : tuple of str
        Names of the values of a step: the learning rate, those of the rule, those of the wrappers.
    value_first : bool
        Whether entries are clipped before the norm is, where both are.
    averages : bool
        Whether a moving average follows the parameters.
    """

    rule: ElementwiseOptimizer
    values: tuple[str, ...]
    value_first: bool
    averages: bool

    @classmethod
    def of(cls, optimizer: Optimizer) -> FlatOptimizer:
        """Of an optimizer that `not_compiled` has nothing against."""
        values = ("learning_rate", *optimizer.scheduled)
        clips: list[str] = []
        averages = False
        while isinstance(optimizer, Wrapper):
            if isinstance(optimizer, Clip):
                clips += optimizer.own_values  # the norm before the value
            averages |= isinstance(optimizer, MovingAverage)
            optimizer = optimizer.optimizer
        assert isinstance(optimizer, ElementwiseOptimizer)
        return cls(optimizer, values, clips == ["clip_value", "clip_norm"], averages)

    @property
    def remembered(self) -> tuple[str, ...]:
        """Names of the arrays that the rule and the average go on with."""
        return (*self.rule.remembers, "average", "average_statistics") if self.averages else self.rule.remembers

    def place(self, name: str) -> int:
        """Where among the values one is, or -1."""
        return self.values.index(name) if name in self.values else -1
