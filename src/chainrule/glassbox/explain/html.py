"""Explanations as HTML: a page of its own, or a part of one, in which every number can be asked why."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable
from functools import cached_property
from html import escape
from importlib.resources import files

from chainrule.glassbox.explain.explanation import Explanation
from chainrule.glassbox.explain.mathml import MathmlTypesetter, math, math_line, name_mathml
from chainrule.glassbox.explain.notation import Kind, name_of
from chainrule.glassbox.explain.signs import signs_told
from chainrule.glassbox.explain.speech import SpeechTypesetter
from chainrule.glassbox.explain.standalone_page import standalone_page
from chainrule.glassbox.explain.steps import steps
from chainrule.glassbox.explain.text import number_text
from chainrule.glassbox.explain.typesetting import flat
from chainrule.glassbox.trace import Quantity

__all__ = ["explanation_fragment", "explanation_page", "style_sheet"]

KINDS: dict[Kind, str] = {
    "value": "values on their way forward",
    "parameter": "weights and biases",
    "error": "errors and gradients on their way back",
    "setting": "settings",
}


def style_sheet() -> str:
    """The style sheet of pages and fragments; everything in it is below the class ``chainrule``."""
    return files("chainrule.glassbox.explain").joinpath("page.css").read_text(encoding="utf-8")


def explanation_page(explanation: Explanation, depth: int, digits: int, most_terms: int, caption: str = "") -> str:
    """A page of its own about one number."""
    content = _Content(explanation, depth, digits, most_terms)
    title = f"{explanation.quantity} = {number_text(explanation.value, digits)}"
    under = f'<p class="caption">{escape(caption)}</p>\n' if caption else ""
    heading = f"<h1>{_equation(explanation, digits)}</h1>\n{under}"
    return standalone_page(title, heading + content.html() + content.legend(), style_sheet(), "chainrule")


def explanation_fragment(explanation: Explanation, depth: int, digits: int, most_terms: int) -> str:
    """A part of a page, such as the output of a notebook's cell."""
    content = _Content(explanation, depth, digits, most_terms)
    return f'<div class="chainrule">\n<style>\n{style_sheet()}</style>\n{content.html()}</div>'


class _Content:
    """An explanation and those below it, each written once: as near to the top as it occurs."""

    def __init__(self, top: Explanation, depth: int, digits: int, most_terms: int) -> None:
        self.top, self.depth, self.digits, self.most_terms = top, depth, digits, most_terms
        known = f"{top.quantity} {top.value!r} {depth} {digits} {most_terms}"
        self.mark = f"chainrule-{hashlib.sha256(known.encode()).hexdigest()[:10]}"
        self.parts: dict[Quantity, tuple[Explanation, ...]] = {}
        self.place: dict[Quantity, Quantity | None] = {top.quantity: None}
        self._lay_out()

    def _lay_out(self) -> None:
        """Find the parts of every number, level by level, and under which number each is explained."""
        waiting = deque([(self.top, 0)])
        while waiting:
            each, level = waiting.popleft()
            self.parts[each.quantity] = each.parts(self.most_terms)
            for part in self.parts[each.quantity]:
                if level < self.depth and not part.is_given and part.quantity not in self.place:
                    self.place[part.quantity] = each.quantity
                    waiting.append((part, level + 1))

    @cached_property
    def _numbers(self) -> dict[Quantity, int]:
        return {quantity: i for i, quantity in enumerate(self.place)}

    def _id(self, quantity: Quantity) -> str:
        return f"{self.mark}-{self._numbers[quantity]}"

    def html(self) -> str:
        """All of it."""
        is_long = len(self.place) > 2
        everything = '<p class="all"><label><input type="checkbox"> Open everything</label></p>\n' if is_long else ""
        return f'<div id="{self._id(self.top.quantity)}">\n{everything}{self._body(self.top)}</div>\n'

    def _body(self, explanation: Explanation) -> str:
        """One explanation, and those that have their place below it."""
        lines = [f'<p class="rule">{escape(explanation.rule)}</p>']
        if not explanation.is_given:
            lines.append(self._steps(explanation))
        if explanation.remark:
            lines.append(f'<p class="remark">{escape(explanation.remark)}</p>')
        if explanation.code:
            lines.append(_source(explanation))
        here, elsewhere, beyond, given = self._sorted_parts(explanation)
        lines += [self._why(part) for part in here]
        lines += _sentence("elsewhere", "Explained at another place of this page", map(self._link, elsewhere))
        lines += _sentence("elsewhere", "Computed before, and not opened up here", beyond)
        lines += _sentence("given", "Given", given)
        return "\n".join(lines) + "\n"

    def _sorted_parts(self, of: Explanation) -> tuple[list[Explanation], list[Quantity], list[str], list[str]]:
        """The numbers in it: explained here, explained elsewhere, not explained, and given (by arrays)."""
        here: list[Explanation] = []
        elsewhere: list[Quantity] = []
        beyond: list[str] = []
        given: list[str] = []
        for part in self.parts[of.quantity]:
            if part.is_given:
                given.append(f"{name_mathml(part.quantity.array)} ({_given_words(part.quantity)})")
            elif part.quantity not in self.place:
                beyond.append(name_mathml(part.quantity))
            elif self.place[part.quantity] == of.quantity:
                here.append(part)
            else:
                elsewhere.append(part.quantity)
        return here, elsewhere, beyond, list(dict.fromkeys(given))

    def _why(self, part: Explanation) -> str:
        summary = f'<summary><span class="why">why</span> {_equation(part, self.digits)}<span class="why">?</span>'
        inside = f'<div class="inside" id="{self._id(part.quantity)}">\n{self._body(part)}</div>'
        return f"<details>\n{summary}</summary>\n{inside}\n</details>"

    def _link(self, quantity: Quantity) -> str:
        return f'<a href="#{self._id(quantity)}">{name_mathml(quantity)}</a>'

    def _steps(self, explanation: Explanation) -> str:
        runs = list(steps(MathmlTypesetter, explanation, self.digits, self.most_terms))
        labels = [flat(run).source for run in steps(SpeechTypesetter, explanation, self.digits, self.most_terms)]
        rows = []
        for i, (run, label) in enumerate(zip(runs, labels, strict=True)):
            name = name_mathml(explanation.quantity) if i == 0 else ""
            equals = '<span aria-hidden="true"><math><mo>=</mo></math></span>'
            line = math_line(run, f"equals {label.strip(', ')}")
            last = " result" if i == len(runs) - 1 else ""
            rows.append(f'<span>{name}</span>{equals}<span class="run{last}">{line}</span>')
        return "\n".join(['<div class="steps">', *rows, "</div>"])

    def legend(self) -> str:
        """What the colours and signs mean that occur in it."""
        explained = [self.top, *(part for parts in self.parts.values() for part in parts)]
        kinds = {name_of(each.quantity).kind for each in explained}
        colours = [f'<span class="{kind}">{words}</span>' for kind, words in KINDS.items() if kind in kinds]
        lines = [f"Colours: {', '.join(colours)}."]
        opened = [each.shown(self.most_terms) for each in explained if each.quantity in self.place]
        lines += map(escape, signs_told(each for each in opened if each is not None))
        numbers = "A number above in brackets is that of the layer, counted from 1, the input."
        lines.append(f"{numbers} Below stand row and unit, or from which unit to which, counted from 0.")
        paragraphs = "".join(f"<p>{line}</p>\n" for line in lines)
        return f'<footer class="legend">\n{paragraphs}</footer>\n'


def _equation(explanation: Explanation, digits: int) -> str:
    """Name = value, as one formula."""
    name = MathmlTypesetter().symbol_piece(explanation.quantity).source
    value = MathmlTypesetter().number_piece(explanation.value, name_of(explanation.quantity).kind, digits).source
    label = SpeechTypesetter().symbol_piece(explanation.quantity).source
    return math(f"{name}<mo>=</mo>{value}", f"{label}equals {number_text(explanation.value, digits)}")


def _source(explanation: Explanation) -> str:
    lines = [
        f'<li><span class="place">{escape(line.file)}:{line.number}</span> <code>{escape(line.text)}</code></li>'
        for line in explanation.code
    ]
    return "\n".join(['<ul class="source">', *lines, "</ul>"])


def _sentence(kind: str, beginning: str, items: Iterable[str]) -> list[str]:
    listed = list(items)
    return [f'<p class="{kind}">{beginning}: {", ".join(listed)}.</p>'] if listed else []


def _given_words(quantity: Quantity) -> str:
    """What a given array is."""
    if quantity.name == "y":
        return "the targets, encoded"
    if quantity.name == "x" or quantity.letter == "a":
        return "the inputs, encoded"
    what = {"w": "weights", "b": "biases"}.get(quantity.letter, "parameters")
    return f"{what} before this step"
