"""Expressions as MathML that browsers lay out themselves, without a script (MathML Core)."""

from __future__ import annotations

from html import escape

from chainrule.glassbox.explain.expression import Expression
from chainrule.glassbox.explain.notation import Kind, Name
from chainrule.glassbox.explain.speech import SpeechTypesetter, spoken
from chainrule.glassbox.explain.text import number_text
from chainrule.glassbox.explain.typesetting import Run, Typesetter, flat
from chainrule.glassbox.trace import Quantity

__all__ = ["MathmlTypesetter", "math", "math_line", "name_mathml", "number_mathml", "with_numbers", "with_symbols"]

LETTERS = {
    "delta": "δ",
    "lambda": "λ",
    "alpha": "α",
    "epsilon": "ε",
    "sqrt(2/pi)": "√(2/π)",
}
FUNCTIONS = {"sigma": "σ", "Phi": "Φ", "phi": "φ"}
OPERATORS = {"-": "−", "<": "<", "<=": "≤", ">=": "≥"}
FENCES = {"(": "prefix", "[": "prefix", ")": "postfix", "]": "postfix"}
SPACED = 'lspace="0.25em" rspace="0.25em"'
"""An operator may begin a formula of its own, where browsers would leave out its space."""
COMMA = '<mo separator="true" lspace="0" rspace="0">,</mo>'
UPRIGHT = ' mathvariant="normal"'


class MathmlTypesetter(Typesetter):
    """The elements of MathML Core.

    Symbols and their numbers carry their kind as a class (``value``, ``parameter``, ``error``, ``setting``), so that a
    style sheet can give a name and its number one colour.
    """

    def name(self, name: Name) -> str:
        letter = LETTERS.get(name.base, name.base)
        base = f"<mi>{escape(letter)}</mi>" if len(letter) == 1 else f"<mtext>{escape(letter)}</mtext>"
        if name.is_gradient:
            base = f"<mrow><mi{UPRIGHT}>d</mi>{base}</mrow>"
        above = _row(self.bracket("("), f"<mn>{name.layer}</mn>", self.bracket(")"))
        below = _row(COMMA.join(f"<mn>{each}</mn>" for each in name.index.split(",")))
        if name.layer and name.index:
            base = f"<msubsup>{base}{below}{above}</msubsup>"
        elif name.layer:
            base = f"<msup>{base}{above}</msup>"
        elif name.index:
            base = f"<msub>{base}{below}</msub>"
        new = "<mtext>new&#160;</mtext>" if name.is_new else ""
        return f'<mrow class="{name.kind}">{new}{base}</mrow>'

    def number(self, text: str, kind: Kind | None) -> str:
        return f'<mrow class="number {kind or "formula"}">{_number(text)}</mrow>'

    def others(self, count: int, number: str) -> str:
        words = f"<mtext>{count} smaller terms:&#160;</mtext>"
        return _row(self.bracket("("), words, number, self.bracket(")"))

    def operator(self, sign: str) -> str:
        if sign == ",":
            return '<mo separator="true">,</mo>'
        return f'<mo form="infix" {SPACED}>{escape(OPERATORS.get(sign, sign))}</mo>'

    def minus(self) -> str:
        return '<mo form="prefix">−</mo>'

    def bracket(self, sign: str) -> str:
        return f'<mo stretchy="false" form="{FENCES.get(sign, "prefix")}">{sign}</mo>'

    def fraction(self, top: str, bottom: str) -> str:
        return f"<mfrac>{_row(top)}{_row(bottom)}</mfrac>"

    def power(self, base: str, exponent: str) -> str:
        return f"<msup>{_row(base)}{_row(exponent)}</msup>"

    def root(self, of: str) -> str:
        return f"<msqrt>{_row(of)}</msqrt>"

    def function(self, name: str) -> str:
        called = FUNCTIONS.get(name, name)
        return f"<mi{UPRIGHT if len(called) == 1 else ''}>{escape(called)}</mi>"


def _row(*inside: str) -> str:
    return f"<mrow>{''.join(inside)}</mrow>"


def _number(text: str) -> str:
    digits, _, exponent = text.partition("e")
    if digits.startswith("-"):
        return f'<mo form="prefix">−</mo>{_number(text[1:])}'
    if digits in ("inf", "nan"):
        return f"<mi>{'∞' if digits == 'inf' else 'NaN'}</mi>"
    if not exponent:
        return f"<mn>{digits}</mn>"
    power = f"<msup><mn>10</mn><mrow>{_number(str(int(exponent)))}</mrow></msup>"
    return f"<mn>{digits}</mn><mo>×</mo>{power}"


def math(inside: str, label: str) -> str:
    """A formula on the line of the text, that is read aloud as the label says."""
    return f'<math alttext="{escape(label)}" aria-label="{escape(label)}">{_row(inside)}</math>'


def math_line(run: Run, label: str) -> str:
    """A long formula that the browser may break between its pieces; it is read aloud as one.

    Parameters
    ----------
    run : list of Piece
        What `MathmlTypesetter.run` gives.
    label : str
        How it is read aloud.
    """
    inside = "<wbr>".join(f"<math>{_row(piece.source)}</math>" for piece in run)
    if len(run) == 1:
        return math(run[0].source, label)
    return f'<span role="math" aria-label="{escape(label)}"><span aria-hidden="true">{inside}</span></span>'


def name_mathml(named: Quantity | str) -> str:
    """A name as a formula of its own: ``w[1][3,0]`` with (1) above and 3,0 below."""
    quantity = Quantity.parsed(named)
    return math(MathmlTypesetter().symbol_piece(quantity).source, SpeechTypesetter().symbol_piece(quantity).source)


def number_mathml(value: float, digits: int = 6) -> str:
    """A number as a formula of its own."""
    return math(MathmlTypesetter().number_piece(value, digits=digits).source, number_text(value, digits))


def with_symbols(expression: Expression, digits: int = 6) -> str:
    """The arithmetic with names, as a formula."""
    return math(flat(MathmlTypesetter(True, digits).run(expression)).source, spoken(expression, True, digits))


def with_numbers(expression: Expression, digits: int = 6) -> str:
    """The same with numbers."""
    return math(flat(MathmlTypesetter(False, digits).run(expression)).source, spoken(expression, False, digits))
