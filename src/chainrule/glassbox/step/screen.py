"""What a walk shows at the place where it stands."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from chainrule.glassbox.explain import Explanation
from chainrule.glassbox.explain.expression import Expression, Symbol
from chainrule.glassbox.explain.signs import signs_told
from chainrule.glassbox.explain.text import number_text, with_numbers, with_symbols
from chainrule.glassbox.step.matrices import matrix, side_by_side
from chainrule.glassbox.step.meanings import meaning
from chainrule.glassbox.step.stations import PARTS, ROWS, Station
from chainrule.glassbox.step.styled_text import BLANK, Line, Span, line, plain, wrapped
from chainrule.glassbox.step.walk import Walk

__all__ = ["names_in_lines", "screen", "screen_text", "where"]

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
    index, axes = walk.index, walk.station.axes
    if len(index) == 2 and axes[0] != ROWS:
        return f"from {_neuron(walk, axes[0], index[0])} to {_neuron(walk, axes[1], index[1])}"
    words = (f"row {i}" if axis == ROWS else _neuron(walk, axis, i) for axis, i in zip(axes, index, strict=True))
    return ", ".join(words)


def _neuron(walk: Walk, layer: int, neuron: int) -> str:
    """A neuron in words, with the name of the input or the output that it is."""
    names = walk.inputs if layer == 1 else walk.outputs if layer == len(walk.neurons) else ()
    name = names[neuron] if neuron < len(names) else str(neuron)
    return f"neuron {neuron} of layer {layer}{f' ({name})' if name != str(neuron) else ''}"


def _array_screen(walk: Walk, width: int) -> list[Line]:
    explanation = walk.explanation
    lines = [*_map(walk, width), BLANK]
    lines += [] if explanation.is_given else wrapped(explanation.rule, width, rest=INDENT, style="heading")
    lines += [*wrapped(meaning(walk.trace, walk.station), width), BLANK]
    lines += [*_matrices(walk, explanation, width), BLANK]
    place = where(walk)
    lines += _named(str(walk.entry), place, width)
    return lines + _arithmetic(explanation, width)


def _named(entry: str, place: str, width: int) -> list[Line]:
    """A number's name and, beside it or below, where it stands."""
    if len(entry) + len(place) + 3 <= width:
        return [(Span(entry, "current"), Span(f"   {place}" if place else "", "quiet"))]
    return [line(entry, "current"), *wrapped(place, width, INDENT, INDENT, "quiet")]


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
    beside = [each for each in walk.stations if (each.part, each.layer) == (here.part, here.layer)]
    title = here.part if here.layer is None else f"layer {here.layer}"
    return names_in_lines(f"{title}:", beside, here, width, indent=len(INDENT) * 4, style="quiet")


def names_in_lines(
    title: str, stations: Iterable[Station], here: Station, width: int, *, indent: int | None = None, style: str = ""
) -> list[Line]:
    """The names of arrays behind a title, in as many lines as they need; `here` stands in brackets.

    Parameters
    ----------
    title : str
        What the first line begins with.
    stations : iterable of Station
        The arrays.
    here : Station
        The one that is shown.
    width : int
        Characters of a line.
    indent : int, optional
        Spaces before further lines; by default the width of the title.
    style : str
        That of the names.
    """
    lines: list[list[Span]] = [[Span(title, "quiet")]]
    for each in stations:
        text = f" [{each.name}]" if each == here else f"  {each.name} "
        if sum(len(span.text) for span in lines[-1]) + len(text.rstrip()) > width:
            lines.append([Span(" " * (len(title) if indent is None else indent))])
        lines[-1].append(Span(text, "heading" if each == here else style))
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


def _arithmetic(explanation: Explanation, width: int) -> list[Line]:
    """A number as symbols, as numbers, its result, what is to be said of it, and the code."""
    result, expression = number_text(explanation.value, DIGITS), explanation.shown()
    if explanation.is_given:
        told = f"{explanation.rule[:1].upper()}{explanation.rule[1:]}."
        return [(Span(f"{INDENT}= "), Span(result, "current")), *wrapped(told, width, INDENT, INDENT)]
    signs = [] if expression is None else signs_told([expression])
    forms = [] if expression is None else [with_symbols(expression, DIGITS), with_numbers(expression, DIGITS)]
    steps = [form for form in dict.fromkeys(forms) if form != result]
    lines = [each for form in steps for each in wrapped(f"= {form}", width, INDENT, INDENT * 3)]
    lines.append((Span(f"{INDENT}= "), Span(result, "current")))
    lines += [each for sign in signs for each in wrapped(sign, width, INDENT, INDENT, "quiet")]
    lines += wrapped(explanation.remark, width, INDENT, INDENT)
    place = ""
    for code in explanation.code:
        if code.file != place:
            lines += wrapped(f"{code.file}, in {code.function}", width, INDENT, INDENT * 2, "quiet")
            place = code.file
        number = f"{INDENT}{code.number:>5}  "
        lines += wrapped(code.text, width, number, " " * (len(number) + 2))
    return lines
