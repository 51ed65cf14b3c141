"""The contract of an optimizer.

An optimizer is a frozen description. What it remembers between steps is a dict of arrays beside theta, handed in at
every step. It never sees a network: theta, its gradient and their layout are all that it is told.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeAlias

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout

__all__ = ["Optimizer", "OptimizerLike"]


@dataclass(frozen=True)
class Optimizer(ABC):
    """A rule that moves theta along its gradient.

    The fields of an optimizer, behind the learning rate, are the values that a schedule may change at every step.

    Attributes
    ----------
    name : str
        Its name in settings and files.
    formula : str
        The step in LaTeX.
    remembers : tuple of str
        Names of the arrays that it keeps, each of the shape of theta and 0 at the start.
    rule : callable
        The step of one parameter as a pure expression, valid for one number and for an array:
        ``rule(theta, gradient, *remembered, number, learning_rate, *fields) -> (theta, *remembered)``, where `number`
        counts the steps from 1.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    remembers: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[Callable[..., Any]]

    @property
    def scheduled(self) -> dict[str, float]:
        """The values besides the learning rate that a schedule may change, with their constants."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        """The arrays to remember, before the first step with parameters `theta` (..., P) in this layout.

        A rule that treats kinds of arrays differently (no decay on biases, say) puts its mask among them.
        """
        return {name: np.zeros_like(theta) for name in self.remembers}

    def step(
        self, theta: Array, gradient: Array, remembered: dict[str, Array], values: Sequence[float], number: int
    ) -> None:
        """Move `theta`, and what is remembered, in place.

        Parameters
        ----------
        theta : array of shape (..., P)
            Parameters, written to.
        gradient : array of the shape of theta
            dJ/dtheta.
        remembered : dict of str to array
            What `start` gave, written to.
        values : sequence of float
            The learning rate and the `scheduled` values of this step.
        number : int
            How many steps came before.
        """
        moved = self.rule(theta, gradient, *remembered.values(), number + 1, *values)
        theta[...] = moved[0]
        if remembered:
            for array, value in zip(remembered.values(), moved[1:], strict=True):
                array[...] = value


OptimizerLike: TypeAlias = Optimizer | type[Optimizer] | str
"""An optimizer as a person gives it: an instance, a class or a name."""
