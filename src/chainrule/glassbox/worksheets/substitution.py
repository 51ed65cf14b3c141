"""The arithmetic of a number, done with other numbers: with rounded ones, or with a student's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chainrule.glassbox.explain.expression import (
    Call,
    Expression,
    Indicator,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    product,
)
from chainrule.glassbox.trace import Quantity

__all__ = ["with_values", "without_single_row"]


def with_values(expression: Expression, values: Mapping[Quantity, float]) -> Expression:
    """The same expression with other numbers in the place of those that are named in `values`."""

    def put_in(each: Expression) -> Expression:
        return with_values(each, values)

    if isinstance(expression, Symbol):
        if expression.quantity is None or expression.quantity not in values:
            return expression
        return replace(expression, value=values[expression.quantity])
    if isinstance(expression, Sum):
        return Sum(tuple(map(put_in, expression.terms)))
    if isinstance(expression, Product):
        return Product(tuple(map(put_in, expression.factors)))
    if isinstance(expression, Quotient):
        return Quotient(put_in(expression.top), put_in(expression.bottom))
    if isinstance(expression, Power):
        return Power(put_in(expression.base), put_in(expression.exponent))
    if isinstance(expression, Indicator):
        return Indicator(put_in(expression.left), expression.relation, put_in(expression.right))
    if isinstance(expression, Call):
        return replace(expression, arguments=tuple(map(put_in, expression.arguments)))
    return expression


def without_single_row(expression: Expression) -> Expression:
    """The same without the factor 1 / n where n is 1: nobody writes it down for a single row."""
    if not isinstance(expression, Product):
        return expression
    kept = [factor for factor in expression.factors if not _is_one_row(factor)]
    return product(kept) if kept else expression


def _is_one_row(factor: Expression) -> bool:
    bottom = factor.bottom if isinstance(factor, Quotient) else None
    return isinstance(bottom, Symbol) and bottom.name == "n" and factor.value == 1
