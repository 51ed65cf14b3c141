"""Wrong signs."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import (
    Activate,
    BatchLoss,
    BiasGradient,
    HiddenDelta,
    InputError,
    Operation,
    OutputDelta,
    RowLosses,
    Update,
    Values,
    WeightedSum,
    WeightGradient,
)

__all__ = ["TargetMinusOutput", "WrongSign"]


@dataclass(frozen=True)
class TargetMinusOutput(Mistake):
    """y - a for a - y."""

    name = "y - a for a - y"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, OutputDelta) and operation.loss.contains_difference

    def factor(self, operation: Operation, v: Values) -> float | None:
        return -1.0

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, OutputDelta)
        return operation.formula.replace(f"{operation.a} - {operation.y}", f"{operation.y} - {operation.a}")

    @property
    def remark(self) -> str:
        return "J grows with a where a is above y, so its derivative has the sign of a - y."


@dataclass(frozen=True)
class WrongSign(Mistake):
    """Minus for plus."""

    name = "the wrong sign"
    group = 1

    def applies(self, operation: Operation, v: Values) -> bool:
        forward = isinstance(operation, WeightedSum | Activate | RowLosses | BatchLoss)
        backward = isinstance(operation, OutputDelta | HiddenDelta | InputError | WeightGradient | BiasGradient)
        return forward or backward or isinstance(operation, Update)

    def factor(self, operation: Operation, v: Values) -> float | None:
        return -1.0

    def done(self, operation: Operation) -> str:
        return f"-({operation.formula})"
