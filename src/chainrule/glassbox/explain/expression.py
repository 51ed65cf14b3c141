"""Arithmetic as a tree: every number keeps its name, so that one tree can be printed as symbols and as numbers.

An expression is made by writing it: ``a * w + b`` of symbols is a tree, whose value is known at once. NumPy's functions
take expressions too, so that the very rule of an optimizer, run on symbols instead of arrays, gives its own tree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from chainrule.glassbox.explain.functions import FUNCTIONS, LINEAR, RELATIONS, UFUNCS
from chainrule.glassbox.trace import Quantity

__all__ = [
    "Call",
    "Expression",
    "ExpressionLike",
    "Indicator",
    "NotTraceable",
    "Number",
    "Others",
    "Power",
    "Product",
    "Quotient",
    "Sum",
    "Symbol",
    "applied",
    "as_expression",
    "total",
]


class NotTraceable(TypeError):
    """A function does with an expression what a tree cannot hold, such as deciding by its value."""


class Expression:
    """A number and how it came about.

    Attributes
    ----------
    value : float
        The number.
    parts : tuple of Expression
        What it is made of.
    """

    value: float

    @property
    def parts(self) -> tuple[Expression, ...]:
        """What it is made of, in order."""
        return ()

    @property
    def size(self) -> float:
        """The size of the numbers that are added up in it: its rounding error is about eps times as large."""
        return abs(self.value)

    def mapped(self, change: Change) -> Expression:
        """The same kind of expression, of changed parts; what has no parts stays as it is."""
        return self

    def walk(self) -> Iterator[Expression]:
        """The expression itself, and everything inside it, depth first."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def __add__(self, other: ExpressionLike) -> Expression:
        return total([self, as_expression(other)])

    def __radd__(self, other: ExpressionLike) -> Expression:
        return total([as_expression(other), self])

    def __sub__(self, other: ExpressionLike) -> Expression:
        return total([self, -as_expression(other)])

    def __rsub__(self, other: ExpressionLike) -> Expression:
        return total([as_expression(other), -self])

    def __mul__(self, other: ExpressionLike) -> Expression:
        return product([self, as_expression(other)])

    def __rmul__(self, other: ExpressionLike) -> Expression:
        return product([as_expression(other), self])

    def __truediv__(self, other: ExpressionLike) -> Expression:
        return Quotient(self, as_expression(other))

    def __rtruediv__(self, other: ExpressionLike) -> Expression:
        return Quotient(as_expression(other), self)

    def __pow__(self, exponent: ExpressionLike) -> Expression:
        return Power(self, as_expression(exponent))

    def __rpow__(self, base: ExpressionLike) -> Expression:
        return Power(as_expression(base), self)

    def __neg__(self) -> Expression:
        return product([Number(-1.0), self])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        operator = OPERATORS.get(ufunc.__name__)
        if method != "__call__" or settings or (operator is None and ufunc.__name__ not in UFUNCS):
            raise NotTraceable(f"{ufunc.__name__} is not known as part of a formula")
        if operator is not None:
            return operator(*map(as_expression, inputs))
        return applied(UFUNCS[ufunc.__name__], *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise NotTraceable(f"{function.__name__} is not known as part of a formula")

    def __bool__(self) -> bool:
        raise NotTraceable("a formula does not decide")

    def __lt__(self, other: ExpressionLike) -> Indicator:
        return Indicator(self, "<", as_expression(other))

    def __gt__(self, other: ExpressionLike) -> Indicator:
        return Indicator(self, ">", as_expression(other))


ExpressionLike: TypeAlias = "Expression | float | int"
Change: TypeAlias = "Callable[[Expression], Expression]"


def as_expression(given: ExpressionLike) -> Expression:
    """A plain number as an expression."""
    return given if isinstance(given, Expression) else Number(float(given))


@dataclass(frozen=True)
class Number(Expression):
    """A number that belongs to the formula, such as the 2 of a square."""

    value: float


@dataclass(frozen=True)
class Symbol(Expression):
    """A number with a name.

    Attributes
    ----------
    name : str
        As text: ``w[1][3,0]``, ``learning_rate``.
    value : float
        Its number.
    quantity : Quantity or None
        Which number of the trace it is, where it is one; that can be explained in turn.
    """

    name: str
    value: float
    quantity: Quantity | None = None


@dataclass(frozen=True)
class Sum(Expression):
    """Terms that are added up."""

    terms: tuple[Expression, ...]

    @property
    def value(self) -> float:  # type: ignore[override]
        """The sum."""
        return math.fsum(term.value for term in self.terms) if _finite(self.terms) else _plain_sum(self.terms)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.terms

    def mapped(self, change: Change) -> Expression:
        return Sum(tuple(map(change, self.terms)))

    @property
    def size(self) -> float:
        return sum(term.size for term in self.terms)


@dataclass(frozen=True)
class Others(Expression):
    """The terms of a long sum that are not written out.

    Attributes
    ----------
    count : int
        How many they are.
    value : float
        Their sum.
    """

    count: int
    value: float


@dataclass(frozen=True)
class Product(Expression):
    """Factors; a leading -1 is a sign."""

    factors: tuple[Expression, ...]

    @property
    def value(self) -> float:  # type: ignore[override]
        """The product."""
        return math.prod(factor.value for factor in self.factors)

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.factors

    def mapped(self, change: Change) -> Expression:
        return Product(tuple(map(change, self.factors)))

    @property
    def size(self) -> float:
        return math.prod(factor.size for factor in self.factors)

    @property
    def negative(self) -> bool:
        """Whether it begins with the sign."""
        return self.factors[0] == MINUS_ONE and len(self.factors) > 1

    @property
    def without_sign(self) -> Expression:
        """What stands behind the sign."""
        return product(self.factors[1:]) if self.negative else self


@dataclass(frozen=True)
class Quotient(Expression):
    """One number over another."""

    top: Expression
    bottom: Expression

    @property
    def value(self) -> float:  # type: ignore[override]
        """The quotient."""
        with np.errstate(all="ignore"):
            return float(np.float64(self.top.value) / np.float64(self.bottom.value))

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.top, self.bottom

    def mapped(self, change: Change) -> Expression:
        return Quotient(change(self.top), change(self.bottom))

    @property
    def size(self) -> float:
        if self.bottom.value == 0:
            return math.inf
        return self.top.size * self.bottom.size / self.bottom.value**2 if self.bottom.value**2 else math.inf


@dataclass(frozen=True)
class Power(Expression):
    """A power."""

    base: Expression
    exponent: Expression

    @property
    def value(self) -> float:  # type: ignore[override]
        """The power."""
        with np.errstate(all="ignore"):
            return float(np.float64(self.base.value) ** np.float64(self.exponent.value))

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.base, self.exponent

    def mapped(self, change: Change) -> Expression:
        return Power(change(self.base), change(self.exponent))

    @property
    def size(self) -> float:
        with np.errstate(all="ignore"):
            return float(np.float64(self.base.size) ** np.float64(self.exponent.value))


@dataclass(frozen=True)
class Indicator(Expression):
    """1 where the relation holds, else 0: written ``[z > 0]``."""

    left: Expression
    relation: str
    right: Expression

    @property
    def value(self) -> float:  # type: ignore[override]
        """1 or 0."""
        return float(RELATIONS[self.relation](self.left.value, self.right.value))

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.left, self.right

    def mapped(self, change: Change) -> Expression:
        return Indicator(change(self.left), self.relation, change(self.right))


@dataclass(frozen=True)
class Call(Expression):
    """A function of numbers.

    Attributes
    ----------
    name : str
        Its name, in `FUNCTIONS` or a learner's own.
    arguments : tuple of Expression
        What it is called with.
    known : float or None
        Its value, where the function is not in `FUNCTIONS`.
    """

    name: str
    arguments: tuple[Expression, ...]
    known: float | None = None

    @property
    def value(self) -> float:  # type: ignore[override]
        """What it gives."""
        if self.known is not None:
            return self.known
        with np.errstate(all="ignore"):
            return float(FUNCTIONS[self.name](*(np.float64(each.value) for each in self.arguments)))

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.arguments

    def mapped(self, change: Change) -> Expression:
        return replace(self, arguments=tuple(map(change, self.arguments)))

    @property
    def size(self) -> float:
        slack = max((each.size for each in self.arguments), default=0.0)
        return max(abs(self.value), slack if self.name in LINEAR else abs(self.value) * max(1.0, slack))


OPERATORS: dict[str, Callable[..., Expression]] = {
    "add": lambda one, other: one + other,
    "subtract": lambda one, other: one - other,
    "multiply": lambda one, other: one * other,
    "divide": lambda one, other: one / other,
    "power": lambda one, other: one**other,
    "negative": lambda one: -one,
    "log1p": lambda one: applied("log", 1 + one),
    "expm1": lambda one: applied("exp", one) - 1,
    "square": lambda one: one**2,
}
"""What NumPy makes of an operator that stands between one of its numbers and an expression."""

MINUS_ONE = Number(-1.0)


def applied(name: str, *arguments: ExpressionLike) -> Expression:
    """A function of `FUNCTIONS` with these arguments."""
    return Call(name, tuple(map(as_expression, arguments)))


def total(terms: list[Expression]) -> Expression:
    """The sum of terms; sums among them are opened, and one term alone is no sum."""
    flat: list[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Sum) else (term,))
    return flat[0] if len(flat) == 1 else Sum(tuple(flat))


def product(factors: list[Expression] | tuple[Expression, ...]) -> Expression:
    """The product of factors; products among them are opened, signs gathered in front, and factors 1 left out."""
    flat: list[Expression] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Product) else (factor,))
    sign = (-1) ** sum(factor == MINUS_ONE for factor in flat)
    rest = [factor for factor in flat if factor != MINUS_ONE and factor != Number(1.0)] or [Number(1.0)]
    if sign < 0:
        rest = [Number(-rest[0].value)] if len(rest) == 1 and isinstance(rest[0], Number) else [MINUS_ONE, *rest]
    return rest[0] if len(rest) == 1 else Product(tuple(rest))


def _finite(terms: tuple[Expression, ...]) -> bool:
    return all(math.isfinite(term.value) for term in terms)


def _plain_sum(terms: tuple[Expression, ...]) -> float:
    with np.errstate(all="ignore"):
        return float(sum((np.float64(term.value) for term in terms), np.float64(0)))
