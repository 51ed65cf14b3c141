"""Explanations as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from chainrule.glassbox.explain.explanation import Explanation
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

__all__ = ["explanation_text", "number_text", "with_numbers", "with_symbols"]

Face = Callable[[Symbol], str]
"""How a symbol is shown: by its name, or by its number."""

NAMES = {"sigma": "σ", "Phi": "Φ", "phi": "φ", "abs": "abs"}
SYMBOLS = {"sqrt(2/pi)": "√(2/π)", "lambda": "λ", "alpha": "α", "epsilon": "ε"}

TIGHT = "\N{NO-BREAK SPACE}"
"""Keeps a product on one line."""

SHORT = 30
"""Brackets around fewer characters stay on one line."""

INDENT = "  "


def number_text(value: float, digits: int) -> str:
    """A number with so many significant digits."""
    text = f"{value:.{digits}g}"
    return "0" if text == "-0" else text


def with_symbols(expression: Expression, digits: int = 6) -> str:
    """The arithmetic with names: ``a[1][0,0] · w[1][0,1] + b[1][1]``."""
    return _Printer(lambda symbol: SYMBOLS.get(symbol.name, symbol.name), digits).text(expression)


def with_numbers(expression: Expression, digits: int = 6) -> str:
    """The same with numbers: ``0.5 · (-0.2) + 0.1``."""
    return _Printer(lambda symbol: number_text(symbol.value, digits), digits).text(expression)


def explanation_text(explanation: Explanation, depth: int, digits: int, most_terms: int, width: int) -> str:
    """An explanation, and below it those of the numbers in it, so many levels deep."""
    lines: list[str] = []
    said: set[str] = set()
    for level, each in explanation.walk(depth, most_terms):
        if level and each.is_given:
            continue  # its number stands in the line above already
        lines += _one(each, level, digits, most_terms, width, said)
    return "\n".join(lines)


def _one(explanation: Explanation, level: int, digits: int, most_terms: int, width: int, said: set[str]) -> list[str]:
    """The lines of one explanation; a remark that was `said` is not said again."""
    indent, expression = INDENT * level, explanation.shown(most_terms)
    result = number_text(explanation.value, digits)
    if explanation.is_given:
        return [f"{indent}{explanation.quantity} = {result}: {explanation.rule}"]
    lines = [f"{indent}{explanation.quantity}", f"{indent}{INDENT}{explanation.rule}"]
    if expression is not None:
        steps = dict.fromkeys([with_symbols(expression, digits), with_numbers(expression, digits)])
        lines += [line for text in steps for line in _wrapped(f"= {text}", indent + INDENT, width)]
    if expression is None or with_numbers(expression, digits) != result:
        lines.append(f"{indent}{INDENT}= {result}")
    if explanation.remark not in said | {""}:
        said.add(explanation.remark)
        lines += textwrap.wrap(
            explanation.remark, width, initial_indent=indent + INDENT, subsequent_indent=indent + INDENT
        )
    lines += [f"{indent}{INDENT}{line}" for line in explanation.code]
    return lines


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    wrapped = textwrap.wrap(
        text,
        max(width, len(indent) + 30),
        initial_indent=indent,
        subsequent_indent=indent + INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(TIGHT, " ") for line in wrapped]


class _Printer:
    """Prints expressions with one face of their symbols."""

    def __init__(self, face: Face, digits: int) -> None:
        self.face, self.digits = face, digits

    def text(self, expression: Expression) -> str:
        """An expression, with brackets where it needs them."""
        if isinstance(expression, Number):
            return number_text(expression.value, max(self.digits, 6))
        if isinstance(expression, Symbol):
            return self.face(expression)
        if isinstance(expression, Others):
            terms = f"{expression.count} smaller terms: {number_text(expression.value, self.digits)}"
            return f"({terms})".replace(" ", TIGHT)
        if isinstance(expression, Sum):
            return self._sum(expression)
        if isinstance(expression, Product):
            return self._product(expression)
        if isinstance(expression, Quotient):
            return f"{self._factor(expression.top)}{TIGHT}/{TIGHT}{self._factor(expression.bottom, divisor=True)}"
        if isinstance(expression, Power):
            return f"{self._factor(expression.base, divisor=True)}^{self._factor(expression.exponent, divisor=True)}"
        if isinstance(expression, Indicator):
            relation = f"{TIGHT}{expression.relation}{TIGHT}"
            return f"[{self.text(expression.left)}{relation}{self.text(expression.right)}]"
        assert isinstance(expression, Call)
        return f"{NAMES.get(expression.name, expression.name)}({', '.join(map(self.text, expression.arguments))})"

    def _sum(self, expression: Sum) -> str:
        parts = []
        for i, term in enumerate(expression.terms):
            minus = isinstance(term, Product) and term.negative
            text = self.text(term.without_sign if isinstance(term, Product) and minus else term)
            if minus and isinstance(term, Product) and isinstance(term.without_sign, Sum):
                text = f"({text})"
            if i and text.startswith("-"):
                text = f"({text})" if minus or not isinstance(term, Symbol | Number) else text
            if i and text.startswith("-"):
                parts.append(f"- {text[1:]}")
            elif i:
                parts.append(f"{'-' if minus else '+'} {text}")
            else:
                parts.append(f"-{self._signed(text)}" if minus else text)
        return " ".join(parts)

    def _product(self, expression: Product) -> str:
        if expression.negative:
            return f"-{self._signed(self._factor(expression.without_sign))}"
        return f"{TIGHT}·{TIGHT}".join(self._factor(factor) for factor in expression.factors)

    def _signed(self, text: str) -> str:
        return f"({text})" if text.startswith("-") else text

    def _factor(self, expression: Expression, *, divisor: bool = False) -> str:
        """A part of a product, in brackets where it needs them."""
        text = self.text(expression)
        compound = isinstance(expression, Sum) or (divisor and isinstance(expression, Product | Quotient | Power))
        inner = isinstance(expression, Quotient) and not divisor
        if not (compound or inner or text.startswith("-")):
            return text
        return f"({text})".replace(" ", TIGHT) if len(text) < SHORT else f"({text})"
