"""Mistakes in the update of the parameters, and with the penalty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import (
    BatchLoss,
    Operation,
    PenaltyTerm,
    Update,
    Values,
    WeightGradient,
)

__all__ = [
    "AddedNotSubtracted",
    "BiasesPenalised",
    "PenaltyForgotten",
    "PenaltyInJ",
    "RateForgotten",
    "StepForParameter",
]


@dataclass(frozen=True)
class RateForgotten(Mistake):
    """w - dw."""

    name = "the learning rate forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Update) and operation.rule.values[0] != 1

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Update)
        return operation.with_rate(v, 1.0)

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Update)
        return f"{operation.parameter} - {operation.gradient}"


@dataclass(frozen=True)
class AddedNotSubtracted(Mistake):
    """w + learning_rate * dw."""

    name = "the step added instead of subtracted"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Update)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Update)
        return 2 * v[operation.parameter] - operation.right(v)

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Update)
        return operation.formula.replace(f"{operation.parameter} - ", f"{operation.parameter} + ", 1)

    @property
    def remark(self) -> str:
        return "dw points to where J grows, so that the way down is against it."


@dataclass(frozen=True)
class StepForParameter(Mistake):
    """learning_rate * dw, which is to be subtracted yet."""

    name = "the step alone, not yet subtracted"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Update)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Update)
        return v[operation.parameter] - operation.right(v)

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Update)
        return f"{operation.rule.values[0]:g} * {operation.gradient}" if operation.rule.is_plain else "the step alone"


@dataclass(frozen=True)
class PenaltyForgotten(Mistake):
    """dw without the penalty's part."""

    name = "the penalty forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, WeightGradient) and bool(operation.penalty)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, WeightGradient)
        return operation.of_data(v)

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, WeightGradient)
        return f"{operation.a}.T @ {operation.delta}"


@dataclass(frozen=True)
class PenaltyInJ(Mistake):
    """J with the penalty, which a trace shows apart."""

    name = "the penalty added to J"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, BatchLoss) and bool(np.any(v["penalty"]))

    def wrong(self, operation: Operation, v: Values) -> Array:
        return np.asarray(operation.right(v) + v["penalty"])

    def done(self, operation: Operation) -> str:
        return f"{operation.formula} + penalty"

    @property
    def remark(self) -> str:
        return "J is shown without the penalty, which stands beside it."


@dataclass(frozen=True)
class BiasesPenalised(Mistake):
    """The penalty over the biases too."""

    name = "the biases penalised too"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, PenaltyTerm) and bool(operation.penalty) and bool(operation.biases)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, PenaltyTerm)
        return operation.of(v, operation.weights + operation.biases)

    def done(self, operation: Operation) -> str:
        return "the same over weights and biases"
