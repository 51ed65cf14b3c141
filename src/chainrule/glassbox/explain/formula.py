"""What is said of one number: the rule for its array, its own arithmetic, and the code that ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from chainrule.glassbox.explain.code_line import CodeLine
from chainrule.glassbox.explain.expression import Expression

__all__ = ["Formula", "agrees"]

ROUNDINGS = 256
"""So many times the rounding of the numbers in a sum is what the order of adding them up may change."""


@dataclass(frozen=True)
class Formula:
    """How one number comes about.

    Attributes
    ----------
    rule : str
        The rule for the whole array, in the post's notation, such as ``z[2] = a[1] @ w[1] + b[1]``.
    candidates : sequence of Expression
        The arithmetic of this number, the form to prefer first; a later one stands in where an earlier one has lost
        digits, or where a learner's program does not follow the first.
    code : tuple of CodeLine
        The lines that computed it.
    remark : str
        What else there is to know; may be empty.
    remarks : sequence of str
        One for each candidate, to be said where that is the one; may be empty.
    """

    rule: str
    candidates: Sequence[Expression]
    code: tuple[CodeLine, ...] = ()
    remark: str = ""
    remarks: Sequence[str] = field(default=())

    def chosen(self, traced: float, epsilon: float) -> tuple[Expression | None, str]:
        """The first candidate that gives the traced number, and its remark; None where none does."""
        for i, candidate in enumerate(self.candidates):
            if agrees(candidate, traced, epsilon):
                own = self.remarks[i] if i < len(self.remarks) else ""
                return candidate, " ".join(each for each in (self.remark, own) if each)
        return None, self.remark


def agrees(expression: Expression, traced: float, epsilon: float) -> bool:
    """Whether an expression gives a number, but for the rounding of numbers with this epsilon."""
    found = expression.value
    if found == traced or (np.isnan(found) and np.isnan(traced)):
        return True
    size = max(expression.size, abs(traced))
    return bool(np.isfinite(found) and abs(found - traced) <= ROUNDINGS * epsilon * size)
