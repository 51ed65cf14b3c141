"""Explanations as Markdown, whose formulas are LaTeX between dollar signs."""

from __future__ import annotations

from chainrule.glassbox.explain.code_line import CodeLine
from chainrule.glassbox.explain.explanation import Explanation
from chainrule.glassbox.explain.latex import aligned

__all__ = ["explanation_markdown"]


def explanation_markdown(explanation: Explanation, depth: int, digits: int, most_terms: int) -> str:
    """A heading for every number, with its rule, its arithmetic and its lines of code."""
    parts = []
    for level, each in explanation.walk(depth, most_terms):
        if level and each.is_given:
            continue
        lines = [f"{'#' * min(level + 1, 6)} {_code(str(each.quantity))}", "", _code(each.rule), ""]
        lines += ["$$", aligned(each, digits, most_terms, "aligned"), "$$", ""]
        lines += [_plain(each.remark), ""] if each.remark else []
        lines += [f"- {_code(_place(line))} {_code(line.text)}" for line in each.code]
        parts.append("\n".join(lines).rstrip())
    return "\n\n".join(parts) + "\n"


def _place(line: CodeLine) -> str:
    """Where a line of code stands."""
    return f"{line.file}:{line.number}"


def _code(text: str) -> str:
    """Text between as many backticks as it takes."""
    longest = max((len(run) for run in "".join(c if c == "`" else " " for c in text).split()), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{' '.join(text.split())}{space}{fence}"


def _plain(text: str) -> str:
    """Text of which nothing is a mark of Markdown or HTML."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|$&" else char for char in text)
