"""Expressions in words, as they are read aloud to somebody who does not see them."""

from __future__ import annotations

from chainrule.glassbox.explain.expression import Expression
from chainrule.glassbox.explain.notation import Kind, Name
from chainrule.glassbox.explain.typesetting import Typesetter, flat

__all__ = ["SpeechTypesetter", "spoken"]

OPERATORS = {
    "+": "plus",
    "-": "minus",
    "·": "times",
    "/": "over",
    "<": "is less than",
    ">": "is greater than",
    "<=": "is at most",
    ">=": "is at least",
    ",": "and",
}
BRACKETS = {
    "(": "open bracket",
    ")": "close bracket",
    "[": "1 if",
    "]": "else 0",
}
FUNCTIONS = {
    "log": "the logarithm of",
    "tanh": "the hyperbolic tangent of",
    "max": "the larger of",
    "min": "the smaller of",
    "sigma": "the sigmoid of",
    "Phi": "large phi of",
    "phi": "small phi of",
    "sign": "the sign of",
}


class SpeechTypesetter(Typesetter):
    """The marks as words with a space after each."""

    def name(self, name: Name) -> str:
        words = ["new"] if name.is_new else []
        words += ["d"] if name.is_gradient else []
        words.append(name.base.replace("_", " "))
        words += [f"of layer {name.layer}"] if name.layer else []
        words += [f"at {name.index.replace(',', ' ')}"] if name.index else []
        return " ".join(words) + ", "

    def number(self, text: str, kind: Kind | None) -> str:
        digits, _, exponent = text.removeprefix("-").replace("inf", "infinity").partition("e")
        power = f" times 10 to the {int(exponent)}" if exponent else ""
        return f"{'minus ' if text.startswith('-') else ''}{digits}{power} "

    def others(self, count: int, number: str) -> str:
        return f"{count} smaller terms that are {number}"

    def operator(self, sign: str) -> str:
        return f"{OPERATORS[sign]} "

    def minus(self) -> str:
        return "minus "

    def bracket(self, sign: str) -> str:
        return f"{BRACKETS.get(sign, 'bar')} "

    def fraction(self, top: str, bottom: str) -> str:
        return f"the fraction {top}over {bottom}end of fraction "

    def power(self, base: str, exponent: str) -> str:
        return f"{base}squared " if exponent == "2 " else f"{base}to the power {exponent}end of power "

    def root(self, of: str) -> str:
        return f"the square root of {of}end of root "

    def function(self, name: str) -> str:
        return f"{FUNCTIONS.get(name, name)} "


def spoken(expression: Expression, named: bool, digits: int = 6) -> str:
    """The arithmetic in words, with names or with numbers."""
    return flat(SpeechTypesetter(named, digits).run(expression)).source.strip(", ")
