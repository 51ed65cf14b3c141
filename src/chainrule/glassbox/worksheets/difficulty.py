"""How hard a sheet is, measured: two sheets are equally hard where all of it agrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.glassbox.explain.expression import Expression, Indicator, Product, Sum, Symbol
from chainrule.glassbox.worksheets.sheet import Sheet

__all__ = ["Difficulty", "measured_difficulty"]


@dataclass(frozen=True)
class Difficulty:
    """What there is to do on a sheet.

    Attributes
    ----------
    blanks : tuple of str
        Names of the numbers that are asked for.
    terms : dict of str to int
        By array, how many terms that are not 0 are added up for its answers.
    zeros : int
        Answers that are 0.
    live_units : tuple of int
        By hidden layer, how many units pass something on, added over the rows.
    negative_givens : int
        Weights, biases and inputs below 0.
    """

    blanks: tuple[str, ...]
    terms: dict[str, int]
    zeros: int
    live_units: tuple[int, ...]
    negative_givens: int


def measured_difficulty(sheet: Sheet) -> Difficulty:
    """Measure a sheet by its own questions and numbers."""
    terms: dict[str, int] = {}
    for question in sheet.questions:
        name = question.quantity.name
        terms[name] = terms.get(name, 0) + _terms(question.arithmetic)
    trace, instance = sheet.instance.trace, sheet.instance
    hidden = range(2, len(trace.dimensions))
    given = (*instance.w.values(), *instance.b.values(), instance.x)
    return Difficulty(
        blanks=tuple(str(each.quantity) for each in sheet.questions),
        terms=terms,
        zeros=sum(each.answer == 0 for each in sheet.questions),
        live_units=tuple(int(np.count_nonzero(trace.a[i])) for i in hidden),
        negative_givens=sum(int(np.count_nonzero(each < 0)) for each in given),
    )


def _terms(expression: Expression) -> int:
    """The products that are not 0 in the sums of an expression."""
    if expression.value == 0:
        return 0
    if isinstance(expression, Sum):
        return sum(map(_terms, expression.terms))
    if isinstance(expression, Product):
        return max((_terms(each) for each in expression.factors if isinstance(each, Sum)), default=1)
    if isinstance(expression, Symbol | Indicator):
        return 1
    return max([1, *map(_terms, expression.parts)])
