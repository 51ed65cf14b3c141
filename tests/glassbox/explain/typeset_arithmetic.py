"""Reads LaTeX and MathML and computes what they say; nothing else is known of them."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

from tests.glassbox.explain.printed_arithmetic import FUNCTIONS

NAMES = {**FUNCTIONS, "E": math.e, "inf": math.inf, "nan": math.nan}

COMMANDS = {
    r"\cdot": "*",
    r"\times": "*",
    r"\leq": "<=",
    r"\geq": ">=",
    r"\sigma": "sigma",
    r"\Phi": "Φ",
    r"\varphi": "φ",
    r"\log": "log",
    r"\tanh": "tanh",
    r"\cosh": "cosh",
    r"\sinh": "sinh",
    r"\max": "max",
    r"\min": "min",
    r"\infty": "inf",
}
WRITTEN = {*COMMANDS, r"\frac", r"\sqrt", r"\text", r"\operatorname", r"\mathrm", r"\delta", r"\lambda", r"\alpha"} | {
    r"\varepsilon",
    r"\quad",
    r"\begin",
    r"\end",
    r"\pi",
}
"""Every command that the printer may write in a formula; all are of LaTeX and amsmath."""


def evaluated(source: str) -> float:
    return float(eval(source, dict(NAMES)))


def of_latex(source: str) -> float:
    """The value of numbers in LaTeX."""
    tokens = re.findall(r"\\[a-zA-Z]+|\\.|[\d.]+|.", source)
    assert {token for token in tokens if token.startswith("\\")} <= WRITTEN
    return evaluated("".join(_read(tokens, None, [False])))


def _read(tokens: list[str], end: str | None, in_bars: list[bool]) -> list[str]:
    found: list[str] = []
    while tokens:
        token = tokens.pop(0)
        if token == end:
            return found
        if token == r"\frac":
            found += ["((", *_group(tokens, in_bars), ")/(", *_group(tokens, in_bars), "))"]
        elif token == r"\sqrt":
            found += ["sqrt(", *_group(tokens, in_bars), ")"]
        elif token == r"\operatorname":
            found += re.sub(r"\\text|[{}]", "", "".join(_raw(tokens)))
        elif token == r"\text":
            text = "".join(_raw(tokens))[1:-1]
            found += "nan" if text == "NaN" else ""
        elif token == "{":
            found += ["(", *_read(tokens, "}", in_bars), ")"]
        elif token == "|":
            in_bars[0] = not in_bars[0]
            found += "abs(" if in_bars[0] else ")"
        else:
            assert token != "}"
            found.append(
                COMMANDS.get(token) or {"^": "**", "e": "E", "[": "float(", "]": ")", " ": " "}.get(token, token)
            )
    assert end is None, "a brace is not closed"
    return found


def _group(tokens: list[str], in_bars: list[bool]) -> list[str]:
    assert tokens.pop(0) == "{"
    return _read(tokens, "}", in_bars)


def _raw(tokens: list[str]) -> list[str]:
    """A group as it is written."""
    found, depth = [], 0
    while True:
        token = tokens.pop(0)
        found.append(token)
        depth += (token == "{") - (token == "}")
        if depth == 0:
            return found


SIGNS = {"−": "-", "·": "*", "×": "*", "≤": "<=", "≥": ">=", "[": "float(", "]": ")"}
KNOWN = {"math", "mrow", "mn", "mo", "mi", "mtext", "mfrac", "msup", "msub", "msubsup", "msqrt"}
"""The elements of MathML Core that may occur."""


def of_mathml(source: str) -> float:
    """The value of numbers in MathML."""
    root = ElementTree.fromstring(source)
    assert {element.tag for element in root.iter()} <= KNOWN
    return evaluated(_element(root, [False]))


def _element(element: ElementTree.Element, in_bars: list[bool]) -> str:
    tag, text = element.tag, element.text or ""
    if tag in ("mfrac", "msup"):
        assert len(element) == 2
        one, other = (_element(each, in_bars) for each in element)
        return f"(({one})/({other}))" if tag == "mfrac" else f"({one})**({other})"
    if tag == "msqrt":
        return f"sqrt({''.join(_element(each, in_bars) for each in element)})"
    if tag in ("mrow", "math"):
        return "".join(_element(each, in_bars) for each in element)
    if tag == "mtext":
        return ""
    if tag == "mo" and text == "|":
        in_bars[0] = not in_bars[0]
        return "abs(" if in_bars[0] else ")"
    if tag == "mi":
        return {"e": "E", "∞": "inf", "NaN": "nan"}.get(text, text)
    assert tag in ("mn", "mo")
    return SIGNS.get(text, text)
