"""From a tree of terms to a line of mathematics: signs, brackets, and where the line may be broken.

The printers inherit from `Typesetter` and say only how each mark is written in their language.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

from chainrule.glassbox.explain.expression import (
    Call,
    Expression,
    Indicator,
    Number,
    Others,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
)
from chainrule.glassbox.explain.notation import Kind, Name, name_of
from chainrule.glassbox.explain.text import number_text
from chainrule.glassbox.trace import Quantity

__all__ = ["Piece", "Run", "Typesetter", "flat"]

WIDEST_FRACTION = 56.0
"""Where one side of a fraction is wider, it is written on the line, ``( ... ) / n``, which can be broken."""

WIDEST_PRODUCT = 28.0
"""A longer product may be broken before a factor."""

SMALL = 0.75
"""How much narrower an index or exponent is."""

FORMULA_DIGITS = 6
"""A number of the formula itself, such as 0.044715, has at least as many digits."""


class Piece(NamedTuple):
    """Marks between which the line is not broken, and how wide they are, in digits."""

    source: str
    width: float


Run = list[Piece]
"""Pieces of a line; between two of them it may be broken."""


def joined(*runs: Run) -> Run:
    """Runs one behind the other, without places to break between them."""
    result: Run = []
    for run in runs:
        if result and run:
            last, first = result[-1], run[0]
            result[-1:] = [Piece(last.source + first.source, last.width + first.width), *run[1:]]
        else:
            result.extend(run)
    return result


def flat(run: Run) -> Piece:
    """A run as one piece, that is never broken."""
    return Piece("".join(piece.source for piece in run), sum(piece.width for piece in run))


@dataclass(frozen=True)
class Typesetter(ABC):
    """Writes expressions with one face of their symbols: as names, or as numbers.

    Attributes
    ----------
    named : bool
        Whether a symbol is shown by its name.
    digits : int
        Significant digits of a number.
    """

    named: bool = True
    digits: int = 6

    # --- the marks of a language -------------------------------------------------------------------------------

    @abstractmethod
    def name(self, name: Name) -> str:
        """A name."""

    @abstractmethod
    def number(self, text: str, kind: Kind | None) -> str:
        """A number, from text such as ``0.5``, ``-2e-05`` or ``inf``; of this kind, where it stands for a symbol."""

    @abstractmethod
    def others(self, count: int, number: str) -> str:
        """Terms that are left out, and their sum."""

    @abstractmethod
    def operator(self, sign: str) -> str:
        """One of + - · / < <= > >= = or a comma, between two terms."""

    @abstractmethod
    def minus(self) -> str:
        """The sign of one term."""

    @abstractmethod
    def bracket(self, sign: str) -> str:
        """One of ( ) [ ] |."""

    @abstractmethod
    def fraction(self, top: str, bottom: str) -> str:
        """One over the other."""

    @abstractmethod
    def power(self, base: str, exponent: str) -> str:
        """An exponent above."""

    @abstractmethod
    def root(self, of: str) -> str:
        """A square root."""

    @abstractmethod
    def function(self, name: str) -> str:
        """The name of a function before its brackets."""

    # --- what is written ---------------------------------------------------------------------------------------

    def symbol_piece(self, named: Quantity | str) -> Piece:
        """A name, whatever the face is."""
        name = name_of(named)
        base = 1 if len(name.base) == 1 or name.base == "delta" else len(name.base)
        scripts = max(len(name.layer) + 2 if name.layer else 0, len(name.index)) * SMALL
        return Piece(self.name(name), base + scripts + name.is_gradient + 4.0 * name.is_new)

    def number_piece(self, value: float, kind: Kind | None = None, digits: int = 0) -> Piece:
        """A number with its sign."""
        text = number_text(value, digits or self.digits)
        return Piece(self.number(text, kind), float(len(text)))

    def run(self, expression: Expression) -> Run:
        """The pieces of an expression."""
        if isinstance(expression, Number | Symbol):
            return [self._leaf(expression)]
        if isinstance(expression, Others):
            number = number_text(expression.value, self.digits)
            source = self.others(expression.count, self.number(number, None))
            return [Piece(source, len(number) + len(str(expression.count)) + 17.0)]
        if isinstance(expression, Sum):
            return self._sum(expression)
        if isinstance(expression, Product):
            return self._product(expression)
        if isinstance(expression, Quotient):
            return self._quotient(expression)
        if isinstance(expression, Power):
            return [self._raised(self._base(expression.base), expression.exponent)]
        if isinstance(expression, Indicator):
            left, right = self.run(expression.left), self.run(expression.right)
            return self._bracketed(joined(left, self._mark(expression.relation), right), "[]")
        assert isinstance(expression, Call)
        return self._call(expression)

    def _leaf(self, leaf: Number | Symbol, *, positive: bool = False) -> Piece:
        """A name or a number; `positive` without its sign, which has been written already."""
        value = abs(leaf.value) if positive else leaf.value
        if isinstance(leaf, Number):
            return self.number_piece(value, digits=max(self.digits, FORMULA_DIGITS))
        if self.named:
            return self.symbol_piece(leaf.quantity or leaf.name)
        return self.number_piece(value, name_of(leaf.quantity or leaf.name).kind)

    def _begins_with_minus(self, expression: Expression) -> bool:
        if isinstance(expression, Number) or (isinstance(expression, Symbol) and not self.named):
            return number_text(expression.value, max(self.digits, FORMULA_DIGITS)).startswith("-")
        if isinstance(expression, Sum):
            return self._begins_with_minus(expression.terms[0])
        return isinstance(expression, Product) and expression.negative

    def _mark(self, sign: str) -> Run:
        return [Piece(self.operator(sign), 1.0 if sign == "," else 3.0)]

    def _bracketed(self, run: Run, brackets: str = "()") -> Run:
        left, right = (Piece(self.bracket(each), 1.0) for each in brackets)
        return joined([left], run, [right])

    def _sum(self, expression: Sum) -> Run:
        first, *rest = expression.terms
        found = self.run(first)
        for term in rest:
            sign, run = self._signed(term)
            found = [*found, *joined(self._mark(sign), run)]
        return found

    def _signed(self, term: Expression) -> tuple[str, Run]:
        """The sign that stands before a later term of a sum, and what follows it."""
        if isinstance(term, Product) and term.negative:
            return "-", self._behind_minus(term.without_sign)
        if isinstance(term, Number | Symbol) and self._begins_with_minus(term):
            return "-", [self._leaf(term, positive=True)]
        run = self.run(term)
        return "+", self._bracketed(run) if self._begins_with_minus(term) else run

    def _behind_minus(self, expression: Expression) -> Run:
        run = self.run(expression)
        enclosed = isinstance(expression, Sum) or self._begins_with_minus(expression)
        return self._bracketed(run) if enclosed else run

    def _product(self, expression: Product) -> Run:
        if expression.negative:
            return joined([Piece(self.minus(), 1.0)], self._behind_minus(expression.without_sign))
        found = self._factor(expression.factors[0])
        for factor in expression.factors[1:]:
            run = joined(self._mark("·"), self._factor(factor))
            is_short = found[-1].width + run[0].width <= WIDEST_PRODUCT
            found = joined(found, run) if is_short else [*found, *run]
        return found

    def _factor(self, factor: Expression) -> Run:
        run = self.run(factor)
        enclosed = isinstance(factor, Sum) or self._begins_with_minus(factor)
        enclosed |= isinstance(factor, Quotient) and self._is_wide(factor)
        return self._bracketed(run) if enclosed else run

    def _is_wide(self, quotient: Quotient) -> bool:
        return any(flat(self.run(each)).width > WIDEST_FRACTION for each in quotient.parts)

    def _quotient(self, quotient: Quotient) -> Run:
        top, bottom = self.run(quotient.top), self.run(quotient.bottom)
        if not self._is_wide(quotient):
            above, below = flat(top), flat(bottom)
            return [Piece(self.fraction(above.source, below.source), max(above.width, below.width) + 1)]
        divided = self._factor(quotient.top)
        return joined(divided, self._mark("/"), bottom if self._is_alone(quotient.bottom) else self._bracketed(bottom))

    def _base(self, base: Expression) -> Run:
        """What is raised to a power: in brackets, unless it is one mark without anything above it."""
        layer = name_of(base.quantity or base.name).layer if isinstance(base, Symbol) and self.named else ""
        raised = isinstance(base, Call) and base.name == "exp"
        return self.run(base) if self._is_alone(base) and not layer and not raised else self._bracketed(self.run(base))

    def _is_alone(self, expression: Expression) -> bool:
        """Whether it is one mark, that needs no brackets anywhere."""
        if isinstance(expression, Symbol) and self.named:
            return True
        if isinstance(expression, Number | Symbol):
            return number_text(expression.value, self.digits).replace(".", "").isdecimal()
        return isinstance(expression, Indicator | Call | Others)

    def _raised(self, base: Run, exponent: Expression) -> Piece:
        below, above = flat(base), flat(self.run(exponent))
        return Piece(self.power(below.source, above.source), below.width + SMALL * above.width)

    def _call(self, call: Call) -> Run:
        if call.name == "exp" and len(call.arguments) == 1:
            return [self._raised([Piece(self.name(Name("e")), 1.0)], call.arguments[0])]
        arguments = self.run(call.arguments[0]) if call.arguments else []
        for each in call.arguments[1:]:
            arguments = joined(arguments, self._mark(","), self.run(each))
        if call.name == "abs":
            return [flat(self._bracketed(arguments, "||"))]
        if call.name == "sqrt" and call.known is None:
            inside = flat(arguments)
            return [Piece(self.root(inside.source), inside.width + 2)]
        return joined([Piece(self.function(call.name), float(len(call.name)))], self._bracketed(arguments))
