"""One student's sheet: its numbers, its questions, and the answers that are right."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import numpy as np

from chainrule.glassbox.explain import explain
from chainrule.glassbox.explain.expression import Expression
from chainrule.glassbox.trace import Quantity
from chainrule.glassbox.worksheets.instance import Instance
from chainrule.glassbox.worksheets.settings import PLACES, WorksheetSettings
from chainrule.glassbox.worksheets.substitution import with_values, without_single_row

__all__ = ["Question", "Sheet", "rounded"]

CLEAN = 10
"""So many decimals are kept of an exact result: what comes after is the float's, not the arithmetic's."""


def rounded(value: float, places: int) -> float:
    """A number rounded as on paper: a half goes up, in size."""
    step = Decimal(1).scaleb(-places)
    return float(Decimal(repr(round(float(value), CLEAN))).quantize(step, ROUND_HALF_UP)) + 0.0


@dataclass(frozen=True)
class Question:
    """One blank.

    Attributes
    ----------
    number : int
        From 1.
    quantity : Quantity
        Which number of the step is asked for.
    symbols : Expression
        How it is computed, with the numbers of the step.
    arithmetic : Expression
        The same, with the answers that came before as they are written on the sheet.
    answer : float
        What is right on the sheet: exact, or rounded from rounded numbers.
    exact : float
        What is right without rounding.
    """

    number: int
    quantity: Quantity
    symbols: Expression
    arithmetic: Expression
    answer: float
    exact: float

    @property
    def name(self) -> str:
        """``"Q7"``."""
        return f"Q{self.number}"


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet.

    Attributes
    ----------
    student : int
        Number of the student, from 1.
    name : str
        What the student is called in the table of answers: a name, or the number.
    instance : Instance
        The numbers.
    """

    student: int
    name: str
    instance: Instance

    @property
    def settings(self) -> WorksheetSettings:
        """What it was made from."""
        return self.instance.settings

    @property
    def title(self) -> str:
        """Whose sheet it is."""
        return self.name if self.settings.names else f"Student {self.name}"

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The blanks, in the order of the computing."""
        known: dict[Quantity, float] = {}
        found: list[Question] = []
        for quantity in self._quantities():
            explanation = explain(self.instance.trace, quantity)
            assert explanation.expression is not None  # of the functions of a worksheet, each has its arithmetic
            symbols = without_single_row(explanation.expression)
            arithmetic = with_values(symbols, known)
            places = CLEAN if self.settings.is_exact else PLACES
            known[quantity] = rounded(arithmetic.value, places)
            exact = rounded(explanation.value, CLEAN)
            found.append(Question(len(found) + 1, quantity, symbols, arithmetic, known[quantity], exact))
        return tuple(found)

    def _quantities(self) -> list[Quantity]:
        names = [name for step in self.settings.steps for name in step.arrays]
        shapes = {name: np.shape(self.instance.trace.array(name)) for name in names}
        return [Quantity(name).at(*index) for name in names for index in np.ndindex(*shapes[name])]

    @cached_property
    def by_quantity(self) -> dict[Quantity, Question]:
        """The questions by what they ask for."""
        return {each.quantity: each for each in self.questions}
