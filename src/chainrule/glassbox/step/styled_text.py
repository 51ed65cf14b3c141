"""Lines of text whose parts have a style, so that a terminal may colour them and anything else leave it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chainrule.glassbox.explain.text import TIGHT

__all__ = ["BLANK", "Line", "Span", "line", "plain", "stripped", "wrapped"]


class Span(NamedTuple):
    """Some text in one style.

    Attributes
    ----------
    text : str
        The text.
    style : str
        ``"heading"``, ``"current"`` (the number that is shown), ``"used"`` (a number that it is made of), ``"quiet"``,
        or nothing.
    """

    text: str
    style: str = ""


Line = tuple[Span, ...]

BLANK: Line = ()


def line(text: str, style: str = "") -> Line:
    """A line in one style."""
    return (Span(text, style),)


def plain(lines: Iterable[Sequence[Span]]) -> str:
    """The text without its styles."""
    return "\n".join("".join(span.text for span in stripped(each)) for each in lines)


def stripped(spans: Sequence[Span]) -> Line:
    """A line without the spaces at its end, which a narrow terminal would put on a line of their own."""
    rest = list(spans)
    while rest and not rest[-1].text.strip():
        rest.pop()
    if rest:
        rest[-1] = rest[-1]._replace(text=rest[-1].text.rstrip())
    return tuple(rest)


def wrapped(text: str, width: int, first: str = "", rest: str = "", style: str = "") -> list[Line]:
    """Text in lines of at most so many characters; products stay on one line where they fit."""
    room = max(width, len(rest) + 20)
    parts = textwrap.wrap(
        text, room, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    lines = []
    for part in parts:
        loose = [part] if len(part) <= room else textwrap.wrap(part.replace(TIGHT, " "), room, subsequent_indent=rest)
        lines += [line(each.replace(TIGHT, " "), style) for each in loose]
    return lines
