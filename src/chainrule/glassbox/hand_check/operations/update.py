"""The update: a parameter after the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.operations.operation import Index, Operation, Values, number
from chainrule.network.layout import Layout
from chainrule.optimizers import SGD
from chainrule.optimizers.optimizer import StepOptimizer

__all__ = ["Rule", "Update"]


@dataclass(frozen=True)
class Rule:
    """By which rule the parameters move.

    Attributes
    ----------
    optimizer : StepOptimizer
        The rule.
    values : tuple of float
        The learning rate and what else may be scheduled.
    remembered : dict of str to array
        What the optimizer remembers before the step.
    layout : Layout
        Which slice of theta is which parameter.
    """

    optimizer: StepOptimizer
    values: tuple[float, ...]
    remembered: dict[str, Array]
    layout: Layout

    @property
    def is_plain(self) -> bool:
        """Whether it is the post's: new w = w - learning_rate * dw."""
        return isinstance(self.optimizer, SGD)

    def moved(self, theta: Array, gradient: Array, learning_rate: float) -> Array:
        """All parameters after the step."""
        new, values = theta.copy(), (learning_rate, *self.values[1:])
        remembered = {name: np.array(array, np.float64) for name, array in self.remembered.items()}
        self.optimizer.step(new, gradient, remembered, values, 0, self.layout)
        return new


@dataclass(frozen=True)
class Update(Operation):
    """new w = w - learning_rate * dw, or what another rule makes of it."""

    by_row: ClassVar[bool] = False

    parameter: str
    gradient: str
    rule: Rule
    others: tuple[tuple[str, str], ...]

    @property
    def ingredients(self) -> tuple[str, ...]:
        if self.rule.is_plain:
            return self.gradient, self.parameter
        rest = (name for pair in self.others for name in reversed(pair))
        return self.gradient, self.parameter, *(name for name in rest if name not in (self.gradient, self.parameter))

    def right(self, v: Values) -> Array:
        return self.with_rate(v, self.rule.values[0])

    def with_rate(self, v: Values, learning_rate: float) -> Array:
        """The parameter after a step of this size."""
        if self.rule.is_plain:
            return v[self.parameter] - learning_rate * v[self.gradient]
        theta = np.concatenate([v[parameter].ravel() for parameter, _ in self.others])
        gradient = np.concatenate([v[d].ravel() for _, d in self.others])
        moved = self.rule.moved(theta, gradient, learning_rate)
        return self.rule.layout[self.parameter].view(moved).copy()

    @property
    def formula(self) -> str:
        if self.rule.is_plain:
            return f"{self.parameter} - {self.rule.values[0]:g} * {self.gradient}"
        return f"{self.parameter} moved by {self.rule.optimizer.name} along {self.gradient}"

    def terms(self, v: Values, index: Index) -> str:
        if not self.rule.is_plain:
            return ""
        return f"{v[self.parameter][index]:.5g} - {self.rule.values[0]:g} * {number(v[self.gradient][index])}"
