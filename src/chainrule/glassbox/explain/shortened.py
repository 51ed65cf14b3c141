"""Long sums made short: the largest terms stay, the others are added up."""

from __future__ import annotations

import math
from collections.abc import Sequence

from chainrule.glassbox.explain.expression import Expression, Others, Sum

__all__ = ["shortened"]


def shortened(expression: Expression, most: int) -> Expression:
    """The same number with at most `most` terms in every sum; those that are left out are one of them."""
    inside = expression.mapped(lambda part: shortened(part, most))
    return _short(inside.terms, most) if isinstance(inside, Sum) and len(inside.terms) > most else inside


def _short(terms: Sequence[Expression], most: int) -> Sum:
    named = [i for i, term in enumerate(terms) if not isinstance(term, Others)]
    largest = sorted(named, key=lambda i: -abs(terms[i].value))[: most - 1]
    kept = [terms[i] for i in sorted(largest)]
    left_out = [term for i, term in enumerate(terms) if i not in set(largest)]
    count = sum(term.count if isinstance(term, Others) else 1 for term in left_out)
    return Sum((*kept, Others(count, math.fsum(term.value for term in left_out))))
