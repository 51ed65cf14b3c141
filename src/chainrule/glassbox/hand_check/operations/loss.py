"""The loss of each row, J and the penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.hand_check.operations.loss_of_batch import LossOfBatch
from chainrule.glassbox.hand_check.operations.operation import Index, Operation, Values, sum_of_products

__all__ = ["BatchLoss", "PenaltyTerm", "RowLosses"]


@dataclass(frozen=True)
class RowLosses(Operation):
    """The loss of each row."""

    y: str
    z: str
    a: str
    loss: LossOfBatch

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.a, self.y, self.z

    def right(self, v: Values) -> Array:
        return self.loss.rows(v[self.y], v[self.z], v[self.a])

    @property
    def formula(self) -> str:
        return self.loss.rows_formula(self.y, self.a)


@dataclass(frozen=True)
class BatchLoss(Operation):
    """J: the mean of the rows' losses."""

    by_row: ClassVar[bool] = False

    losses: str
    y: str
    a: str
    loss: LossOfBatch

    @property
    def ingredients(self) -> tuple[str, ...]:
        return (self.losses,)

    def right(self, v: Values) -> Array:
        return np.asarray(self.loss.J(v[self.losses], v[self.y], v[self.a]))

    @property
    def formula(self) -> str:
        return "the mean of loss over the rows"

    def terms(self, v: Values, index: Index) -> str:
        losses = v[self.losses]
        if len(losses) > 6 or self.loss.weighted:
            return ""
        return f"({' + '.join(f'{each:.5g}' for each in losses)}) / {len(losses)}"


@dataclass(frozen=True)
class PenaltyTerm(Operation):
    """l1 * sum |w| + (l2 / 2) * sum w^2."""

    by_row: ClassVar[bool] = False

    weights: tuple[str, ...]
    biases: tuple[str, ...]
    penalty: Penalty

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.weights

    def right(self, v: Values) -> Array:
        return self.of(v, self.weights)

    def of(self, v: Values, names: tuple[str, ...]) -> Array:
        """The penalty of these arrays."""
        theta = np.concatenate([v[name].ravel() for name in names])
        return np.asarray(self.penalty.value(theta, np.ones_like(theta)))

    @property
    def formula(self) -> str:
        l1 = f"{self.penalty.l1:g} * sum |w|" if self.penalty.l1 else ""
        l2 = f"{self.penalty.l2:g} / 2 * sum w^2" if self.penalty.l2 else ""
        return " + ".join(each for each in (l1, l2) if each) or "0"

    def terms(self, v: Values, index: Index) -> str:
        w = np.concatenate([v[name].ravel() for name in self.weights])
        pairs = [(self.penalty.l1, np.abs(w).sum())] if self.penalty.l1 else []
        if self.penalty.l2:
            pairs.append((self.penalty.l2 / 2, (w * w).sum()))
        return sum_of_products(pairs)
