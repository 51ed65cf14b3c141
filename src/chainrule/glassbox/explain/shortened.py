"""Long sums made short: the largest terms stay, the others are added up."""

from __future__ import annotations

import math
from dataclasses import replace

from chainrule.glassbox.explain.expression import Call, Expression, Others, Power, Product, Quotient, Sum

__all__ = ["shortened"]


def shortened(expression: Expression, most: int) -> Expression:
    """The same number with at most `most` terms in every sum; those that are left out are one of them."""
    if isinstance(expression, Sum):
        terms = [shortened(term, most) for term in expression.terms]
        return Sum(tuple(terms)) if len(terms) <= most else _short(terms, most)
    if isinstance(expression, Product):
        return Product(tuple(shortened(factor, most) for factor in expression.factors))
    if isinstance(expression, Quotient):
        return Quotient(shortened(expression.top, most), shortened(expression.bottom, most))
    if isinstance(expression, Power):
        return Power(shortened(expression.base, most), expression.exponent)
    if isinstance(expression, Call):
        return replace(expression, arguments=tuple(shortened(each, most) for each in expression.arguments))
    return expression


def _short(terms: list[Expression], most: int) -> Sum:
    named = [i for i, term in enumerate(terms) if not isinstance(term, Others)]
    largest = sorted(named, key=lambda i: -abs(terms[i].value))[: most - 1]
    kept = [terms[i] for i in sorted(largest)]
    left_out = [term for i, term in enumerate(terms) if i not in set(largest)]
    count = sum(term.count if isinstance(term, Others) else 1 for term in left_out)
    return Sum((*kept, Others(count, math.fsum(term.value for term in left_out))))
