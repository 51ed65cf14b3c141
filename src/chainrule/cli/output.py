"""What a command prints: results on standard output, as text or one JSON object; everything else on standard error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TextIO

from cyclopts import Group, Parameter

__all__ = ["AsJson", "Debug", "coloured", "note", "print_result", "printable"]

OUTPUT = Group("Output", sort_key=90)

AsJson = Annotated[
    bool, Parameter(name="--json", negative="", group=OUTPUT, help="Print the results as one JSON object.")
]
"""The option --json, for a command's parameter ``as_json: AsJson = False``."""

Debug = Annotated[
    bool,
    Parameter(name="--debug", negative="", group=OUTPUT, help="Show where in the program an error came from."),
]
"""The option --debug, for a command's parameter ``debug: Debug = False``; `chainrule.cli.main` acts on it."""

CONTROLS = re.compile(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]")

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}


def print_result(result: Mapping[str, Any], text: Callable[[], str], as_json: bool) -> None:
    """Print a result: one line of JSON, in which numbers that are not finite are null, or the text made for people.

    What standard output's encoding does not have is written as an escape in such a text.
    """
    from chainrule.files.json_data import json_data

    if as_json:
        print(json.dumps(json_data(result), allow_nan=False))
        return
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(printable(text()).encode(encoding, "backslashreplace").decode(encoding))


def note(*lines: str) -> None:
    """Print lines about what is being done to standard error."""
    for line in lines:
        print(printable(line), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """The text with control characters as escapes, but for line breaks, tabs and colours.

    Names of columns and classes come from files, and could tell a terminal to do anything.
    """
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def coloured(text: str, style: str, stream: TextIO | None = None) -> str:
    """The text in a style, such as ``"bold"``, where the stream (standard output) is a terminal that takes colours.

    The environment decides as elsewhere: ``NO_COLOR`` forbids colours, ``FORCE_COLOR`` asks for them, and a terminal
    called ``dumb`` has none.
    """
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if _takes_colours(stream or sys.stdout) else text


def _takes_colours(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
