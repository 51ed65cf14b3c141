"""The words that move a walk: what each is called, what it takes, and what it does."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from chainrule.errors import ChainruleError, InvalidArgument, nearest_names
from chainrule.glassbox.explain import explain
from chainrule.glassbox.hand_check import hand_check
from chainrule.glassbox.step.screen import names_in_lines, screen
from chainrule.glassbox.step.stations import PARTS
from chainrule.glassbox.step.styled_text import BLANK, Line, line, wrapped
from chainrule.glassbox.step.walk import Walk
from chainrule.glassbox.trace import Quantity

__all__ = ["COMMANDS", "Answer", "Command", "answer"]

Move = Callable[[Walk, str], Walk]
Tell = Callable[[Walk, str, int], list[Line]]


@dataclass(frozen=True)
class Answer:
    """What comes of a line that a person typed.

    Attributes
    ----------
    walk : Walk
        Where the walk stands now.
    lines : tuple of Line
        What to show.
    done : bool
        Whether the walk is at its end.
    """

    walk: Walk
    lines: tuple[Line, ...]
    done: bool = False


@dataclass(frozen=True)
class Command:
    """A word and what it does.

    Attributes
    ----------
    names : tuple of str
        What it is called; the first is the one that the help shows.
    takes : str
        What stands behind it, as the help shows it; empty where nothing does.
    help : str
        What it does, in a sentence.
    move : callable or None
        Gives the new walk, from the old one and what stands behind the word.
    tell : callable or None
        In place of a move: gives lines to show.
    """

    names: tuple[str, ...]
    takes: str
    help: str
    move: Move | None = None
    tell: Tell | None = None


def answer(walk: Walk, typed: str, width: int = 80) -> Answer:
    """What comes of a line that a person typed; a line that makes no sense is answered by a sentence.

    Parameters
    ----------
    walk : Walk
        Where the walk stands.
    typed : str
        A command, the name of a number or, where an explanation is open, the place of a number in it; nothing is next.
    width : int
        Characters of a line to show.
    """
    try:
        return _answer(walk, _cleaned(typed), width)
    except ChainruleError as error:
        return Answer(walk, tuple(wrapped(str(error), width)))


def _answer(walk: Walk, typed: str, width: int) -> Answer:
    if not typed:
        return _moved(walk.next(), width)
    word, _, rest = re.sub(r"^(why|explain)\s?\?", "why ", typed, flags=re.IGNORECASE).partition(" ")
    command = next((each for each in COMMANDS if word.lower() in each.names), None)
    if command is None:
        return _moved(_by_name(walk, typed), width)
    rest = rest.strip()
    if rest and not command.takes:
        raise InvalidArgument(f"{command.names[0]} takes nothing behind it, and {rest!r:.40} is there.")
    if command.tell is not None:
        return Answer(walk, tuple(command.tell(walk, rest, width)))
    if command.move is None:
        return Answer(walk, (), done=True)
    return _moved(command.move(walk, rest), width)


def _moved(walk: Walk, width: int) -> Answer:
    return Answer(walk, tuple(screen(walk, width)))


def _cleaned(typed: str) -> str:
    """Without what a terminal or a file adds, and with single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in typed).split())


def _by_name(walk: Walk, typed: str) -> Walk:
    """To the number of this name, or into the number at this place of an explanation that is open."""
    if walk.asked and re.fullmatch("[0-9]{1,9}", typed):
        return walk.why(int(typed))
    if "[" in typed or typed in walk.trace:
        return walk.find(typed)
    names = [each.names[0] for each in COMMANDS]
    raise InvalidArgument(
        f"{typed[:40]!r} is no command and no number of this step; {nearest_names(typed[:40].lower(), names)} "
        "help tells what they do."
    )


def _whole(what: str, given: str) -> int:
    if re.fullmatch("[0-9]{1,9}", given):
        return int(given)
    found = f"not {given!r:.40}" if given else "and none is there"
    raise InvalidArgument(f"{what} takes a whole number, such as {what} 1, {found}.")


def _numbered(what: str, move: Callable[[Walk, int], Walk]) -> Move:
    return lambda walk, given: move(walk, _whole(what, given))


def _why(walk: Walk, given: str) -> Walk:
    if not given:
        return walk.why()
    return walk.why(int(given) if re.fullmatch("[0-9]{1,9}", given) else given)


def _find(walk: Walk, given: str) -> Walk:
    if not given:
        raise InvalidArgument("find takes the name of a number, such as find z[2][0,1].")
    return walk.find(given)


def _part(part: str) -> Move:
    return lambda walk, given: walk.to_part(part)


def _check(walk: Walk, given: str, width: int) -> list[Line]:
    """Whether a person's own value of the number that is spoken of is right and, if not, which mistake gives it."""
    quantity, value = _named_first(walk, given)
    if not value:
        raise InvalidArgument(f"check takes your own value of {quantity}, such as check 0.35 or check 3/8.")
    if _is_given(walk, quantity):
        raise InvalidArgument(f"{quantity} was given: there is nothing in it to compute, and to check.")
    return [line(each) for each in hand_check(walk.trace, quantity, value).text(width).splitlines()]


def _named_first(walk: Walk, given: str) -> tuple[Quantity, str]:
    """The number whose name comes first, and what stands behind it; without one, that which is spoken of."""
    words = given.split(" ")
    for n in (*range(len(words) - 1, 0, -1), len(words)):  # the longest that leaves a value: names may have spaces
        name = " ".join(words[:n])
        if not name[:1].isalpha():  # 0.35 would be a part of a layer, as batch_norm_1.mean is
            continue
        with contextlib.suppress(InvalidArgument):
            return Quantity.parsed(name), " ".join(words[n:])
    return walk.quantity, given


def _is_given(walk: Walk, quantity: Quantity) -> bool:
    """Whether a number, or every number of an array, was given."""
    quantity.check(walk.trace)
    first = quantity.at(*(0 for _ in np.shape(walk.trace.array(quantity.name))))
    return explain(walk.trace, quantity if quantity.index else first).is_given


def _list(walk: Walk, given: str, width: int) -> list[Line]:
    """Every array, by part and layer, with the one that is shown marked."""
    lines: list[Line] = []
    for (part, layer), stations in groupby(walk.stations, key=lambda each: (each.part, each.layer)):
        title = part if layer is None else f"{part}, layer {layer}"
        lines += names_in_lines(f"{title:20}", stations, walk.station, width)
    return lines


def _help(walk: Walk, given: str, width: int) -> list[Line]:
    calls = [f"{each.names[0]} {each.takes}".rstrip() for each in COMMANDS]
    longest = max(map(len, calls))
    lines = []
    for call, command in zip(calls, COMMANDS, strict=True):
        first = f"{call.ljust(longest)}   "
        lines += wrapped(command.help, width, first, " " * len(first))
    told = (
        "The name of a number alone leads to it, too. Layers are counted from 1, the input; rows and neurons from 0. "
        "The number that is shown stands in brackets, and so does all that it is made of."
    )
    return [*lines, BLANK, *wrapped(told, width)]


def _again(walk: Walk, given: str, width: int) -> list[Line]:
    return screen(walk, width)


COMMANDS = (
    Command(("next", "n"), "", "To the next array; so does Enter alone.", lambda walk, given: walk.next()),
    Command(
        ("back", "b", "up", "u"),
        "",
        "To the array before; where an explanation is open, out of it.",
        lambda walk, given: walk.back(),
    ),
    *(Command((part,), "", f"To the first array of the {part} part.", _part(part)) for part in PARTS),
    Command(("layer", "l"), "N", "To layer N in this part of the step.", _numbered("layer", Walk.to_layer)),
    Command(("row", "r"), "N", "Follow row N of the batch.", _numbered("row", Walk.to_row)),
    Command(("neuron", "unit"), "N", "Follow neuron N of this layer.", _numbered("neuron", Walk.to_neuron)),
    Command(("from",), "N", "Of weights: follow those that come from neuron N.", _numbered("from", Walk.from_neuron)),
    Command(
        ("why", "w", "explain"),
        "N",
        "How this number came about; again, with N or the name of a number, deeper into one that it is made of.",
        _why,
    ),
    Command(
        ("check", "c"),
        "VALUE",
        "Your own value of this number, such as check 0.35, or of another, such as check J 0.24: right, or wrong with "
        "the mistake that gives it.",
        tell=_check,
    ),
    Command(("find", "f"), "NAME", "To a number, such as find z[2][0,1] or find dw[1].", _find),
    Command(("show", "s"), "", "The same screen again.", tell=_again),
    Command(("list",), "", "Every array of the step, in the order of the walk.", tell=_list),
    Command(("help", "h", "?"), "", "This list.", tell=_help),
    Command(("quit", "q", "exit"), "", "End the walk."),
)
"""Every command, in the order in which the help tells them."""
