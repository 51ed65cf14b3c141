"""Mistakes in the logarithm of a cross-entropy."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import Operation, RowLosses, Values

__all__ = ["OtherLogarithm"]


@dataclass(frozen=True)
class OtherLogarithm(Mistake):
    """The logarithm to the base 10 or 2.

    Attributes
    ----------
    base : int
        That base.
    """

    name = "the logarithm to another base"

    base: int = 10

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, RowLosses) and operation.loss.is_logarithmic

    def factor(self, operation: Operation, v: Values) -> float | None:
        return 1 / log(self.base)

    def done(self, operation: Operation) -> str:
        return f"{operation.formula}, with log{self.base}"

    @property
    def title(self) -> str:
        return f"the logarithm to the base {self.base}"

    @property
    def remark(self) -> str:
        return "The logarithm of a cross-entropy is the natural one, np.log."
