"""Softmax normalised over something else than the units of a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import Activate, Operation, Values

__all__ = ["SoftmaxAxis"]


@dataclass(frozen=True)
class SoftmaxAxis(Mistake):
    """exp(z) divided by another sum.

    Attributes
    ----------
    over : {"rows", "batch", "nothing"}
        Over the rows of each column; over the whole array; or not divided at all.
    """

    name = "softmax over the wrong axis"

    over: Literal["rows", "batch", "nothing"] = "rows"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Activate) and operation.activation.name == "softmax"

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Activate)
        e = np.exp(v[operation.z])
        if self.over == "nothing":
            return e
        divided: Array = e / e.sum(axis=0 if self.over == "rows" else None, keepdims=self.over == "rows")
        return divided

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Activate)
        sums = {"rows": " / its sum over the rows", "batch": " / its sum over the whole batch", "nothing": " alone"}
        return f"exp({operation.z}){sums[self.over]}"

    @property
    def title(self) -> str:
        titles = {
            "rows": "softmax over the wrong axis, the rows of the batch",
            "batch": "softmax over the whole batch",
            "nothing": "softmax without its division",
        }
        return titles[self.over]

    @property
    def remark(self) -> str:
        return "Softmax divides by the sum over the units of the same row, so that each row has the sum 1."
