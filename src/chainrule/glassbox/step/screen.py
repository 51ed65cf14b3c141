"""What a walk shows at the place where it stands."""

from __future__ import annotations

import textwrap

from chainrule.glassbox.explain import Explanation
from chainrule.glassbox.explain.expression import Expression, Indicator, Symbol
from chainrule.glassbox.explain.text import number_text, with_numbers, with_symbols
from chainrule.glassbox.step.matrices import matrix, side_by_side
from chainrule.glassbox.step.meanings import meaning
from chainrule.glassbox.step.stations import PARTS, ROWS, Station
from chainrule.glassbox.step.styled_text import BLANK, Line, Span, line, plain, wrapped
from chainrule.glassbox.step.walk import Walk

__all__ = ["screen", "screen_text", "where"]

DIGITS = 6

INDENT = "  "


def screen(walk: Walk, width: int = 80) -> list[Line]:
    """The lines of a screen: of the explanation that is open, else of the array that is shown."""
    return _explanation_screen(walk, width) if walk.asked else _array_screen(walk, width)


def screen_text(walk: Walk, width: int = 80) -> str:
    """The same as plain text."""
    return plain(screen(walk, width))


def where(walk: Walk) -> str:
    """Which number is shown, in words: ``row 1, neuron 0 of layer 2``."""
    return _entry_in_words(walk.station, walk.index)


def _array_screen(walk: Walk, width: int) -> list[Line]:
    explanation = walk.explanation
    lines = [*_map(walk, width), BLANK]
    lines += [] if explanation.is_given else wrapped(explanation.rule, width, rest=INDENT, style="heading")
    lines += [*wrapped(meaning(walk.trace, walk.station), width), BLANK]
    lines += [*_matrices(walk, explanation, width), BLANK]
    place = where(walk)
    lines.append((Span(str(walk.entry), "current"), Span(f"   {place}" if place else "", "quiet")))
    return lines + _arithmetic(explanation, width)


def _explanation_screen(walk: Walk, width: int) -> list[Line]:
    explanation = walk.explanation
    trail = " > ".join(map(str, walk.asked))
    lines = [*wrapped(f"why?  {trail}", width, rest=INDENT, style="quiet"), BLANK]
    lines.append(line(str(explanation.quantity), "current"))
    lines += [] if explanation.is_given else wrapped(explanation.rule, width, INDENT, INDENT * 2, "heading")
    lines += _arithmetic(explanation, width)
    parts = explanation.parts()
    if not parts:
        return [*lines, BLANK, line("Nothing is below it; back closes it.", "quiet")]
    lines += [BLANK, line("It is made of:")]
    names = [f"{part.quantity} = {number_text(part.value, DIGITS)}" for part in parts]
    longest = max(map(len, names))
    for i, (name, part) in enumerate(zip(names, parts, strict=True), start=1):
        told = textwrap.shorten(part.rule, max(width - longest - 10, 24), placeholder=" …")
        lines.append((Span(f"{i:>4}  "), Span(name.ljust(longest)), Span(f"   {told}", "quiet")))
    choice = "why? 1 goes into it" if len(parts) == 1 else f"why? 1 to why? {len(parts)} goes into one of them"
    return [*lines, BLANK, line(f"{choice}, back closes this.", "quiet")]


def _map(walk: Walk, width: int) -> list[Line]:
    """Where in the step this is: the part, the layer, the array."""
    station = walk.station
    spans: list[Span] = []
    for part in PARTS:
        here = part == station.part
        spans += [Span(" > ", "quiet")] if spans else []
        spans.append(Span(f"[{part}]", "heading") if here else Span(part, "quiet"))
    count = f"{walk.at + 1} of {len(walk.stations)}"
    used = sum(len(span.text) for span in spans)
    spans.append(Span(count.rjust(max(width - used, len(count) + 1)), "quiet"))
    return [tuple(spans), *_arrays_here(walk, width)]


def _arrays_here(walk: Walk, width: int) -> list[Line]:
    """The arrays of this layer in this part, with the one that is shown marked."""
    here = walk.station
    lines: list[list[Span]] = [[Span(f"{here.part if here.layer is None else f'layer {here.layer}'}:", "quiet")]]
    for each in walk.stations:
        if (each.part, each.layer) != (here.part, here.layer):
            continue
        text = f" [{each.name}]" if each == here else f"  {each.name} "
        if sum(len(span.text) for span in lines[-1]) + len(text.rstrip()) > width:
            lines.append([Span(INDENT * 4)])
        lines[-1].append(Span(text, "heading" if each == here else "quiet"))
    return [tuple(each) for each in lines]


def _matrices(walk: Walk, explanation: Explanation, width: int) -> list[Line]:
    """The array that is shown and those that its number is made of, the numbers in it marked."""
    stations = {each.name: each for each in walk.stations}
    here = [walk.index]
    blocks = [matrix(walk.station, walk.trace.array(walk.station.name), here, here, "current", width)]
    shown = _entries(explanation.shown())
    for name, marked in _entries(explanation.expression).items():
        if name != walk.station.name:
            value = walk.trace.array(name)
            blocks.append(matrix(stations[name], value, set(marked), shown.get(name, marked), "used", width))
    return side_by_side(blocks, width)


def _entries(expression: Expression | None) -> dict[str, list[tuple[int, ...]]]:
    """The entries that a number is made of, by array."""
    symbols = [] if expression is None else [each for each in expression.walk() if isinstance(each, Symbol)]
    found: dict[str, list[tuple[int, ...]]] = {}
    for quantity in dict.fromkeys(each.quantity for each in symbols if each.quantity is not None):
        found.setdefault(quantity.name, []).append(quantity.index)
    return found


def _entry_in_words(station: Station, index: tuple[int, ...]) -> str:
    if len(index) == 2 and station.axes[0] != ROWS:
        start, end = station.axes
        return f"from neuron {index[0]} of layer {start} to neuron {index[1]} of layer {end}"
    words = []
    for axis, i in zip(station.axes, index, strict=True):
        words.append(f"row {i}" if axis == ROWS else f"neuron {i} of layer {axis}")
    return ", ".join(words)


def _arithmetic(explanation: Explanation, width: int) -> list[Line]:
    """A number as symbols, as numbers, its result, what is to be said of it, and the code."""
    result, expression = number_text(explanation.value, DIGITS), explanation.shown()
    if explanation.is_given:
        told = f"{explanation.rule[:1].upper()}{explanation.rule[1:]}."
        return [(Span(f"{INDENT}= "), Span(result, "current")), *wrapped(told, width, INDENT, INDENT)]
    forms = [] if expression is None else [with_symbols(expression, DIGITS), with_numbers(expression, DIGITS)]
    steps = [form for form in dict.fromkeys(forms) if form != result]
    lines = [each for form in steps for each in wrapped(f"= {form}", width, INDENT, INDENT * 3)]
    lines.append((Span(f"{INDENT}= "), Span(result, "current")))
    if expression is not None and any(isinstance(each, Indicator) for each in expression.walk()):
        lines.append(line(f"{INDENT}A condition in brackets is 1 where it holds, else 0.", "quiet"))
    lines += wrapped(explanation.remark, width, INDENT, INDENT)
    place = ""
    for code in explanation.code:
        if code.file != place:
            lines += wrapped(f"{code.file}, in {code.function}", width, INDENT, INDENT * 2, "quiet")
            place = code.file
        number = f"{INDENT}{code.number:>5}  "
        lines += wrapped(code.text, width, number, " " * (len(number) + 2), "quiet")
    return lines
