"""An optimizer around another one, which it hands a changed gradient or whose parameters it averages."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout
from chainrule.optimizers.optimizer import Optimizer, StepOptimizer

__all__ = ["Wrapper"]


@dataclass(frozen=True)
class Wrapper(StepOptimizer):
    """An optimizer that lets another one do the step.

    It has the learning rate and the scheduled values of the one inside, and behind them its own.

    Parameters
    ----------
    optimizer : StepOptimizer, type or str
        The one inside, which may be a wrapper too; a class or a name stands for its default settings.
    """

    optimizer: StepOptimizer

    def __post_init__(self) -> None:
        object.__setattr__(self, "optimizer", _inside(type(self).__name__, self.optimizer))
        twice = sorted(self.optimizer.scheduled.keys() & self.own_values.keys())
        if twice:
            raise InvalidArgument(f"{self.optimizer!r} has {' and '.join(twice)} already: wrap it once.")

    @property
    @abstractmethod
    def own_values(self) -> dict[str, float]:
        """The values of the wrapper itself that a schedule may change."""

    @property
    def scheduled(self) -> dict[str, float]:
        return {**self.optimizer.scheduled, **self.own_values}

    @property
    def default_learning_rate(self) -> float:  # type: ignore[override]
        """That of the optimizer inside."""
        return self.optimizer.default_learning_rate

    @property
    def tier(self) -> int:  # type: ignore[override]
        """That of the optimizer inside."""
        return self.optimizer.tier

    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        return self.optimizer.start(theta, layout)

    def averaged(self, theta: Array, remembered: dict[str, Array]) -> Array:
        return self.optimizer.averaged(theta, remembered)

    def start_statistics(self, state: Array) -> dict[str, Array]:
        return self.optimizer.start_statistics(state)

    def follow_statistics(
        self, state: Array, remembered: dict[str, Array], values: Sequence[float], number: int
    ) -> None:
        self.optimizer.follow_statistics(state, remembered, self.split(values)[0], number)

    def averaged_statistics(self, state: Array, remembered: dict[str, Array]) -> Array:
        return self.optimizer.averaged_statistics(state, remembered)

    def check_value(self, name: str, value: float) -> None:
        if name in self.own_values:
            replace(self, **{self.field_of(name): value})  # type: ignore[arg-type]  # a number, never `optimizer`
        else:
            self.optimizer.check_value(name, value)

    @abstractmethod
    def field_of(self, name: str) -> str:
        """The field that one of `own_values` is."""

    def split(self, values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
        """The values of a step: those for the optimizer inside, with the learning rate in front, and the own ones."""
        behind = len(values) - len(self.own_values)
        return values[:behind], values[behind:]


def _inside(wrapper: str, given: Any) -> StepOptimizer:
    if isinstance(given, str):
        from chainrule.optimizers.catalogue import OPTIMIZERS  # it lists the wrappers too: not before they are made

        given = OPTIMIZERS[given]
    kind = given if isinstance(given, type) else type(given)
    if issubclass(kind, Wrapper) and kind is given:
        raise InvalidType(
            f"The optimizer inside {wrapper} must be an instance here: the class {kind.__name__} needs one itself."
        )
    if issubclass(kind, StepOptimizer):
        inside: StepOptimizer = given() if kind is given else given
        return inside
    if issubclass(kind, Optimizer):
        raise InvalidType(
            f"{kind.__name__} cannot be inside {wrapper}: it does not take one step along each gradient, and so has "
            f"none that could be changed or averaged."
        )
    raise InvalidType(
        f"The optimizer inside {wrapper} must be a class, an instance or a name, such as Adam(), not {given!r}."
    )
