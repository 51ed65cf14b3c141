"""The arithmetic of a number, done with other numbers: with rounded ones, or with a student's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chainrule.glassbox.explain.expression import Expression, Product, Quotient, Symbol, product
from chainrule.glassbox.trace import Quantity

__all__ = ["with_values", "without_single_row"]


def with_values(expression: Expression, values: Mapping[Quantity, float]) -> Expression:
    """The same expression with other numbers in the place of those that are named in `values`."""
    if isinstance(expression, Symbol) and expression.quantity is not None:
        return replace(expression, value=values.get(expression.quantity, expression.value))
    return expression.mapped(lambda part: with_values(part, values))


def without_single_row(expression: Expression) -> Expression:
    """The same without the factor 1 / n where n is 1: nobody writes it down for a single row."""
    if not isinstance(expression, Product):
        return expression
    kept = [factor for factor in expression.factors if not _is_one_row(factor)]
    return product(kept) if kept else expression


def _is_one_row(factor: Expression) -> bool:
    bottom = factor.bottom if isinstance(factor, Quotient) else None
    return isinstance(bottom, Symbol) and bottom.name == "n" and factor.value == 1
