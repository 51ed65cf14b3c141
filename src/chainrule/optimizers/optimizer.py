"""The contract of an optimizer.

An optimizer is a frozen description. What it remembers between steps is a dict of arrays beside theta, handed in at
every step. It never sees a network: theta, its gradient and their layout are all that it is told.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array
from chainrule.functions.cache_blocks import CACHED_BYTES, blocks_in_cache
from chainrule.network.layout import Layout
from chainrule.validation import finite_number

__all__ = ["ElementwiseOptimizer", "Optimizer", "OptimizerLike", "StepOptimizer"]


@dataclass(frozen=True)
class Optimizer(ABC):
    """A way to bring J down by moving theta.

    Attributes
    ----------
    name : str
        Its name in settings and files.
    formula : str
        What it does, in LaTeX.
    tier : int
        1: works everywhere; 2: in the NumPy engine only.
    default_learning_rate : float
        The learning rate where none is given.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    tier: ClassVar[int] = 1
    default_learning_rate: ClassVar[float]

    def __new__(cls, *given: Any, **settings: Any) -> Self:
        """Refuse settings that there are not, the learning rate first of all, which other libraries take here.

        Raises
        ------
        InvalidType, InvalidArgument
            With what to type instead.
        """
        if "__dataclass_fields__" not in vars(cls):
            return super().__new__(cls)  # somebody's own, with a constructor of its own
        names = [field.name for field in fields(cls)]
        rate = next((settings[name] for name in ("learning_rate", "lr") if name in settings), None)
        if rate is not None or len(given) > sum(not field.kw_only for field in fields(cls)):
            value = rate if rate is not None else given[-1]
            raise InvalidType(
                f"{cls.__name__} takes its settings by name: {', '.join(names) or 'it has none'}. The learning rate "
                f"belongs to fit: fit(..., learning_rate={value!r})."
            )
        for name in settings:
            if name not in names:
                raise InvalidArgument(f"{cls.__name__} has no setting {name!r}; {nearest_names(name, names)}")
        return super().__new__(cls)

    @property
    def scheduled(self) -> dict[str, float]:
        """The values besides the learning rate that a schedule may change at every step, with their constants."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, int | float)}

    def _check_settings(
        self, *, shares: Sequence[str] = (), positive: Sequence[str] = (), not_negative: Sequence[str] = ()
    ) -> None:
        """Turn the settings of these names into floats in [0, 1), above 0 or from 0 on, or refuse what is none."""
        for names, bounds in (
            (shares, {"minimum": 0, "below": 1}),
            (positive, {"above": 0}),
            (not_negative, {"minimum": 0}),
        ):
            for name in names:
                object.__setattr__(self, name, finite_number(name, getattr(self, name), **bounds))


@dataclass(frozen=True)
class StepOptimizer(Optimizer):
    """A rule that moves theta one step along each gradient."""

    @abstractmethod
    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        """The arrays to remember, before the first step with parameters `theta` (..., P) in this layout.

        A rule that treats kinds of arrays differently (no decay on biases, say) puts its mask among them.
        """

    @abstractmethod
    def step(
        self,
        theta: Array,
        gradient: Array,
        remembered: dict[str, Array],
        values: Sequence[float],
        number: int,
        layout: Layout,
    ) -> None:
        """Move `theta`, and what is remembered, in place.

        Parameters
        ----------
        theta : array of shape (..., P)
            Parameters, written to.
        gradient : array of the shape of theta
            dJ/dtheta, only read.
        remembered : dict of str to array
            What `start` gave, written to. Where this optimizer is inside another, the other's arrays too.
        values : sequence of float
            The learning rate and the `scheduled` values of this step. The learning rate may be an array of shape
            (K, 1), in the dtype of theta, where each of K networks has its own.
        number : int
            How many steps came before.
        layout : Layout
            Which slice of theta is which array.
        """

    def averaged(self, theta: Array, remembered: dict[str, Array]) -> Array:
        """The parameters to measure and to keep: theta itself, unless the optimizer averages over the steps."""
        return theta

    def start_statistics(self, state: Array) -> dict[str, Array]:
        """What to remember besides of the layers' running statistics (..., S); nothing, unless it averages."""
        return {}

    def follow_statistics(
        self, state: Array, remembered: dict[str, Array], values: Sequence[float], number: int
    ) -> None:
        """Take in the running statistics after a step, whose arguments are those of `step`."""

    def averaged_statistics(self, state: Array, remembered: dict[str, Array]) -> Array:
        """The running statistics that go with `averaged`."""
        return state

    def check_value(self, name: str, value: float) -> None:
        """Make sure that one of the `scheduled` values may be this number.

        Raises
        ------
        InvalidArgument
            If it is out of its range.
        """
        replace(self, **{name: value})  # the constructor knows the range


@dataclass(frozen=True)
class ElementwiseOptimizer(StepOptimizer):
    """A rule by which each parameter moves on its own.

    Its fields, behind the learning rate, are the values that a schedule may change at every step.

    Attributes
    ----------
    remembers : tuple of str
        Names of the arrays that it keeps, each of the shape of theta and 0 at the start.
    rule : callable
        The step of one parameter as a pure expression, valid for one number and for an array:
        ``rule(theta, gradient, *remembered, number, learning_rate, *fields) -> (theta, *remembered)``, where `number`
        counts the steps from 1.
    """

    remembers: ClassVar[tuple[str, ...]] = ()
    rule: ClassVar[Callable[..., Any]]

    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        return {name: np.zeros_like(theta) for name in self.remembers}

    def step(
        self,
        theta: Array,
        gradient: Array,
        remembered: dict[str, Array],
        values: Sequence[float],
        number: int,
        layout: Layout,
    ) -> None:
        arrays = [remembered[name] for name in self.remembers]
        if theta.nbytes <= CACHED_BYTES:
            self._move(theta, gradient, arrays, number, values)
            return
        for part in blocks_in_cache(theta.shape[-1], theta.nbytes):
            last = part.stop == theta.shape[-1]
            of_part = [  # what is no array of parameters, say one number for all, moves with the last block
                array[..., part] if array.shape == theta.shape else array if last else array.copy() for array in arrays
            ]
            self._move(theta[..., part], gradient[..., part], of_part, number, values)

    def _move(self, theta: Array, gradient: Array, arrays: list[Array], number: int, values: Sequence[float]) -> None:
        moved = self.rule(theta, gradient, *arrays, number + 1, *values)
        theta[...] = moved[0]
        if arrays:
            for array, value in zip(arrays, moved[1:], strict=True):
                if value is not array:  # a mask, say, comes back as it was
                    array[...] = value


OptimizerLike: TypeAlias = Optimizer | type[Optimizer] | str
"""An optimizer as a person gives it: an instance, a class or a name."""
