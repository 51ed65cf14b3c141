"""Explanations as LaTeX: symbols, numbers and result, one under the other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from chainrule.glassbox.explain.explanation import Explanation
from chainrule.glassbox.explain.expression import Expression
from chainrule.glassbox.explain.notation import Kind, Name
from chainrule.glassbox.explain.steps import steps
from chainrule.glassbox.explain.typesetting import Run, Typesetter

__all__ = [
    "LatexTypesetter",
    "aligned",
    "escaped",
    "explanation_latex",
    "latex_document",
    "with_numbers",
    "with_symbols",
]

GREEK = {"delta": r"\delta", "lambda": r"\lambda", "alpha": r"\alpha", "epsilon": r"\varepsilon"}
WORDS = {"sqrt(2/pi)": r"\sqrt{2/\pi}", "|gradient|": r"|\text{gradient}|"}
FUNCTIONS = {
    "log": r"\log",
    "tanh": r"\tanh",
    "cosh": r"\cosh",
    "sinh": r"\sinh",
    "max": r"\max",
    "min": r"\min",
    "sigma": r"\sigma",
    "Phi": r"\Phi",
    "phi": r"\varphi",
}
OPERATORS = {"·": r" \cdot ", "<=": r" \leq ", ">=": r" \geq ", ",": ", ", "/": " / "}
SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "δ": r"\ensuremath{\delta}",
    "σ": r"\ensuremath{\sigma}",
    "Φ": r"\ensuremath{\Phi}",
    "φ": r"\ensuremath{\varphi}",
    "·": r"\ensuremath{\cdot}",
    **{char: f"\\{char}" for char in "#$%&_{}"},
    **{char: f"{{{char}}}" for char in "`'\"-"},  # no ligatures, so that code can be copied
}

WIDEST_LINE = 78.0
"""Digits that fit into a line of the document."""

PREAMBLE = r"""\documentclass[a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\raggedright
\setlength{\parindent}{0pt}
\begin{document}
"""


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is; letters that its fonts do not have, by their number."""
    return "".join(SPECIAL.get(char, char if _is_known(char) else f"[U+{ord(char):04X}]") for char in text)


def _is_known(char: str) -> bool:
    """ASCII, and letters with accents of Western languages."""
    if char in "\n\t":
        return True
    return " " <= char <= "~" or ("À" <= char <= "ÿ" and unicodedata.category(char).startswith("L"))


class LatexTypesetter(Typesetter):
    """The marks of LaTeX with amsmath."""

    def name(self, name: Name) -> str:
        base = GREEK.get(name.base) or WORDS.get(name.base) or name.base
        if base == name.base and (len(base) > 1 or not base.isascii() or not base.isalpha()):
            base = rf"\text{{{escaped(base)}}}"
        base = rf"\mathrm{{d}}{base}" if name.is_gradient else base
        above = f"^{{({name.layer})}}" if name.layer else ""
        below = f"_{{{name.index}}}" if name.index else ""
        return (r"\text{new }" if name.is_new else "") + base + above + below

    def number(self, text: str, kind: Kind | None) -> str:
        if text.endswith(("inf", "nan")):
            return text.replace("inf", r"\infty").replace("nan", r"\text{NaN}")
        digits, _, exponent = text.partition("e")
        return rf"{digits} \times 10^{{{int(exponent)}}}" if exponent else digits

    def others(self, count: int, number: str) -> str:
        return rf"(\text{{{count} smaller terms: }}{number})"

    def operator(self, sign: str) -> str:
        return OPERATORS.get(sign, f" {sign} ")

    def minus(self) -> str:
        return "-"

    def bracket(self, sign: str) -> str:
        return sign

    def fraction(self, top: str, bottom: str) -> str:
        return rf"\frac{{{top}}}{{{bottom}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{{{base}}}^{{{exponent}}}"

    def root(self, of: str) -> str:
        return rf"\sqrt{{{of}}}"

    def function(self, name: str) -> str:
        return FUNCTIONS.get(name) or rf"\operatorname{{{_operator_name(name)}}}"


def _operator_name(name: str) -> str:
    """A name in upright letters, and a prime behind that of a derivative."""
    plain = name.rstrip("'")
    primes = "'" * (len(name) - len(plain))
    return (plain if plain.isascii() and plain.isalpha() else rf"\text{{{escaped(plain)}}}") + primes


def with_symbols(expression: Expression, digits: int = 6) -> str:
    r"""The arithmetic with names: ``a^{(1)}_{0,0} \cdot w^{(1)}_{0,1} + b^{(1)}_{1}``."""
    return "".join(piece.source for piece in LatexTypesetter(True, digits).run(expression))


def with_numbers(expression: Expression, digits: int = 6) -> str:
    """The same with numbers."""
    return "".join(piece.source for piece in LatexTypesetter(False, digits).run(expression))


def explanation_latex(explanation: Explanation, depth: int, digits: int, most_terms: int) -> str:
    """An ``align*`` for the explanation, and one for each of the numbers in it, so many levels deep."""
    blocks = [
        aligned(each, digits, most_terms)
        for level, each in explanation.walk(depth, most_terms)
        if not (level and each.is_given)  # its number stands in the line above already
    ]
    return "\n\n".join(blocks)


def latex_document(explanation: Explanation, depth: int, digits: int, most_terms: int) -> str:
    """A document of its own: every number with its rule, its arithmetic, what is to be said, and its lines of code."""
    parts = []
    for level, each in explanation.walk(depth, most_terms):
        if level and each.is_given:
            continue
        lines = [rf"\textbf{{{escaped(str(each.quantity))}}}\par", _typewritten([each.rule])]
        lines.append(aligned(each, digits, most_terms))
        if each.remark:
            lines.append(escaped(each.remark) + r"\par")
        if each.code:
            lines.append(_typewritten(f"{line.file}:{line.number}  {line.text}" for line in each.code))
        parts.append("\n".join([*lines, r"\bigskip"]))
    return PREAMBLE + "\n\n".join(parts) + "\n\\end{document}\n"


def _typewritten(lines: Iterable[str]) -> str:
    """Lines of code, which may be broken behind an underscore too."""
    written = (escaped(line).replace(r"\_", r"\_\allowbreak{}") for line in lines)
    return r"{\small\ttfamily " + r"\par ".join(written) + r"\par}"


def aligned(explanation: Explanation, digits: int, most_terms: int, environment: str = "align*") -> str:
    """The steps of one explanation under each other, in this environment of amsmath."""
    rows: list[str] = []
    for run in steps(LatexTypesetter, explanation, digits, most_terms):
        first, *later = _lines(run)
        rows += [f"  &= {first}", *(rf"  &\quad {line}" for line in later)]
    name = LatexTypesetter().symbol_piece(explanation.quantity).source
    return f"\\begin{{{environment}}}\n  {name}\n" + " \\\\\n".join(rows) + f"\n\\end{{{environment}}}"


def _lines(run: Run) -> list[str]:
    """The pieces in lines that are not too wide."""
    lines: list[str] = []
    width = WIDEST_LINE
    for piece in run:
        if width + piece.width > WIDEST_LINE:
            lines.append("")
            width = 0.0
        lines[-1] += piece.source
        width += piece.width
    return [line.strip() for line in lines]
