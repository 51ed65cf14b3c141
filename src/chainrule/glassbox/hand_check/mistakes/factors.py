"""Missing and surplus factors: the 2 of a square, the 1/k of the mean over the outputs, both with 1/n."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import (
    Operation,
    OutputDelta,
    PenaltyTerm,
    RowLosses,
    Values,
    WeightGradient,
)

__all__ = ["Doubled", "FactorsForgotten", "Halved", "OutputsAveraged", "OutputsSummed", "TwoOverKForgotten"]


@dataclass(frozen=True)
class Halved(Mistake):
    """The factor 2 left out."""

    name = "the factor 2 missing"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, RowLosses | OutputDelta)

    def factor(self, operation: Operation, v: Values) -> float | None:
        return 0.5

    def done(self, operation: Operation) -> str:
        return f"half of {operation.formula}"

    @property
    def remark(self) -> str:
        return "The derivative of a square, (a - y)^2, is 2 (a - y)."


@dataclass(frozen=True)
class Doubled(Mistake):
    """A factor 2 too much."""

    name = "a factor 2 too much"

    def applies(self, operation: Operation, v: Values) -> bool:
        if isinstance(operation, PenaltyTerm):
            return bool(operation.penalty)
        return isinstance(operation, RowLosses | OutputDelta) or (
            isinstance(operation, WeightGradient) and operation.penalty.l2 > 0
        )

    def factor(self, operation: Operation, v: Values) -> float | None:
        return None if isinstance(operation, WeightGradient) else 2.0

    def wrong(self, operation: Operation, v: Values) -> Array:
        if isinstance(operation, WeightGradient):
            l2: Array = operation.penalty.l2 * v[operation.w]
            return operation.right(v) + l2
        return super().wrong(operation, v)

    def done(self, operation: Operation) -> str:
        if isinstance(operation, WeightGradient):
            return f"{operation.a}.T @ {operation.delta} + 2 * {operation.penalty.l2:g} * {operation.w}"
        return f"twice {operation.formula}"


@dataclass(frozen=True)
class OutputsSummed(Mistake):
    """The 1/k of the mean over the outputs left out."""

    name = "the sum instead of the mean over the outputs"

    def applies(self, operation: Operation, v: Values) -> bool:
        if not isinstance(operation, RowLosses | OutputDelta) or not operation.loss.averages_outputs:
            return False
        return v[operation.a].size > len(v[operation.a])

    def factor(self, operation: Operation, v: Values) -> float | None:
        assert isinstance(operation, RowLosses | OutputDelta)
        return v[operation.a].size / len(v[operation.a])

    def done(self, operation: Operation) -> str:
        return f"k * ({operation.formula})"

    @property
    def remark(self) -> str:
        return "A distance is averaged over the k outputs of a row, which leaves a factor 1/k."


@dataclass(frozen=True)
class OutputsAveraged(Mistake):
    """A 1/k where the outputs are summed."""

    name = "the mean instead of the sum over the outputs"

    def applies(self, operation: Operation, v: Values) -> bool:
        if not isinstance(operation, RowLosses | OutputDelta) or operation.loss.averages_outputs:
            return False
        return v[operation.a].size > len(v[operation.a])

    def factor(self, operation: Operation, v: Values) -> float | None:
        assert isinstance(operation, RowLosses | OutputDelta)
        return len(v[operation.a]) / v[operation.a].size

    def done(self, operation: Operation) -> str:
        return f"({operation.formula}) / k"

    @property
    def remark(self) -> str:
        return "A cross-entropy is summed over the outputs of a row."


@dataclass(frozen=True)
class FactorsForgotten(Mistake):
    """All of 2 / (n k) left out: the post's delta."""

    name = "the whole factor 2 / (n k) forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, OutputDelta) and operation.loss.difference_factor == 2

    def factor(self, operation: Operation, v: Values) -> float | None:
        assert isinstance(operation, OutputDelta)
        return v[operation.a].size / 2

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, OutputDelta)
        return f"({operation.a} - {operation.y}) * f'({operation.z})"

    @property
    def remark(self) -> str:
        return "J is the mean of (a - y)^2 over n rows and k outputs, whose derivative is 2 (a - y) / (n k)."


@dataclass(frozen=True)
class TwoOverKForgotten(Mistake):
    """2 / k left out, and the 1/n not."""

    name = "the factor 2 / k forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return (
            isinstance(operation, OutputDelta) and operation.loss.difference_factor == 2 and v[operation.a].shape[1] > 2
        )

    def factor(self, operation: Operation, v: Values) -> float | None:
        assert isinstance(operation, OutputDelta)
        return v[operation.a].size / len(v[operation.a]) / 2

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, OutputDelta)
        return f"({operation.a} - {operation.y}) * f'({operation.z}) / n"
