"""Mistakes with the mean over the rows of the batch: left out, taken twice, or over one row alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import (
    BatchLoss,
    BiasGradient,
    KnownLoss,
    Operation,
    OutputDelta,
    Values,
    WeightGradient,
)

__all__ = ["AveragedAgain", "OneRowAlone", "RowWeightsForgotten", "SummedNotAveraged"]


@dataclass(frozen=True)
class SummedNotAveraged(Mistake):
    """The 1/n of J's mean over the rows left out."""

    name = "the sum instead of the mean over the rows"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, BatchLoss | OutputDelta) and len(v["x"]) > 1

    def factor(self, operation: Operation, v: Values) -> float | None:
        return len(v["x"])

    def done(self, operation: Operation) -> str:
        return "the sum of loss over the rows" if isinstance(operation, BatchLoss) else f"n * ({operation.formula})"

    @property
    def remark(self) -> str:
        return "J is the mean over the n rows, so each row's part has the factor 1/n, and it stays in delta, dw and db."


@dataclass(frozen=True)
class AveragedAgain(Mistake):
    """The mean for a sum, of a delta that has the 1/n already: the post's db."""

    name = "the mean instead of the sum over the rows"

    def applies(self, operation: Operation, v: Values) -> bool:
        several = len(v["x"]) > 1
        return isinstance(operation, WeightGradient | BiasGradient | OutputDelta | BatchLoss) and several

    def factor(self, operation: Operation, v: Values) -> float | None:
        return None if isinstance(operation, WeightGradient) and operation.penalty else 1 / len(v["x"])

    def wrong(self, operation: Operation, v: Values) -> Array:
        if isinstance(operation, WeightGradient) and operation.penalty:
            of_data: Array = operation.of_data(v) / len(v["x"])
            return of_data + operation.of_penalty(v)
        return super().wrong(operation, v)

    def done(self, operation: Operation) -> str:
        if isinstance(operation, BiasGradient):
            return f"{operation.delta}.mean(axis=0)"
        return f"{operation.formula}, divided by n once more"

    @property
    def remark(self) -> str:
        return "The 1/n of the mean over the n rows is in J, and so in delta, once: dw and db are sums over the rows."


@dataclass(frozen=True)
class OneRowAlone(Mistake):
    """The sum over the rows left out: one row's part is given.

    Attributes
    ----------
    last : bool
        Whether that is the last row, and not the first.
    """

    name = "one row of the batch alone"
    group = 1

    last: bool = False

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, WeightGradient | BiasGradient | BatchLoss) and len(v["x"]) > 1

    def wrong(self, operation: Operation, v: Values) -> Array:
        row = slice(-1, None) if self.last else slice(0, 1)
        if isinstance(operation, WeightGradient):
            of_data: Array = v[operation.a][row].T @ v[operation.delta][row]
            return of_data + operation.of_penalty(v)
        if isinstance(operation, BiasGradient):
            db: Array = v[operation.delta][row][0]
            return db
        assert isinstance(operation, BatchLoss)
        return np.asarray(v[operation.losses][row][0])

    def done(self, operation: Operation) -> str:
        return f"the part of the {'last' if self.last else 'first'} row alone"

    @property
    def title(self) -> str:
        return f"the {'last' if self.last else 'first'} row of the batch alone"


@dataclass(frozen=True)
class RowWeightsForgotten(Mistake):
    """The weights of the rows left out."""

    name = "the weights of the rows forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, BatchLoss | OutputDelta) and operation.loss.weighted

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, BatchLoss | OutputDelta)
        assert isinstance(operation.loss, KnownLoss)
        n, shares = len(v["x"]), operation.loss.shares
        if isinstance(operation, BatchLoss):
            return np.asarray(v[operation.losses].mean())
        delta: Array = operation.right(v) / shares[:, np.newaxis] / n
        return delta

    def done(self, operation: Operation) -> str:
        return "the same with the weight 1 for every row"
