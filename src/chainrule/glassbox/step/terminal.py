"""A walk in a terminal, or through a pipe: reads a line, shows what comes of it, until the end."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chainrule.glassbox.step.commands import answer
from chainrule.glassbox.step.screen import screen
from chainrule.glassbox.step.styled_text import BLANK, Line, Span, line, plain, stripped, wrapped
from chainrule.glassbox.step.walk import Walk
from chainrule.glassbox.trace import Trace

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["coloured", "opening", "walk_in_terminal"]

PROMPT = "step> "

NARROWEST, WIDEST = 60, 110

STYLES = {"heading": "bold", "current": "bold black on yellow", "used": "bold cyan", "quiet": "dim", "": ""}
"""What rich makes of the styles."""


def opening(trace: Trace) -> tuple[str, ...]:
    """What is said before the first screen of a walk: what is walked over, and how."""
    words = "Enter goes on, why? explains, help tells every word, quit ends the walk."
    return (f"{str(trace).splitlines()[0]}.", *trace.remarks, words)


def walk_in_terminal(walk: Walk, *told: str) -> None:
    """Walk with a person until they end it, or their input ends.

    Parameters
    ----------
    walk : Walk
        Where to begin.
    *told : str
        Sentences to begin with.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, after the line is ended.
    """
    width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
    show = _coloured if _takes_colours() else _plain
    first = [each for sentence in told for each in wrapped(sentence, width)]
    show([*first, line("-" * width, "quiet"), *screen(walk, width), BLANK])
    while (typed := _typed()) is not None:
        given = answer(walk, typed, width)
        walk = given.walk
        if given.done:
            return
        show([line("-" * width, "quiet"), *given.lines, BLANK])


def _typed() -> str | None:
    """The next line, or None at the end of the input; what comes through a pipe is shown as if it had been typed."""
    try:
        typed = input(PROMPT)
    except (EOFError, KeyboardInterrupt) as end:
        print(flush=True)  # behind the prompt
        if isinstance(end, KeyboardInterrupt):
            raise
        return None
    if not _is_terminal(sys.stdin):
        _plain([line("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in typed))])
    return typed


def _plain(lines: Iterable[Line]) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(plain(lines).encode(encoding, "backslashreplace").decode(encoding), flush=True)


def _coloured(lines: Iterable[Line]) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for each in lines:
        console.print(coloured(each))


def coloured(spans: Sequence[Span]) -> Text:
    """A line as rich shows it."""
    from rich.text import Text

    return Text.assemble(*((span.text, STYLES[span.style]) for span in stripped(spans)))


def _takes_colours() -> bool:
    """Whether rich is there, and standard output a terminal for it."""
    dumb = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
    return _is_terminal(sys.stdout) and not dumb and importlib.util.find_spec("rich") is not None


def _is_terminal(stream: object) -> bool:
    is_a = getattr(stream, "isatty", None)
    return bool(is_a and is_a())
