"""Where in a program a number first appears: its functions are run and, line by line, what they hold is looked at."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.finding import CodeLine

__all__ = ["Seen", "Sought", "first_seen"]

SAME = 1e-6
DEEPEST = 3
"""How far into dictionaries, lists and tuples is looked."""

NOT_THEIRS = ("numpy", "chainrule.glassbox", "copy", "functools")
"""Modules, with those inside them, whose lines are not the learner's."""


@dataclass(frozen=True)
class Sought:
    """A number to look for.

    Attributes
    ----------
    array : array
        What it is, up to a factor.
    any_factor : bool
        Whether a multiple will do.
    """

    array: Array
    any_factor: bool = True


@dataclass(frozen=True)
class Seen:
    """Where it appeared, how many times as large, and whether a function returned it there."""

    line: CodeLine
    factor: float
    returned: bool = False


@dataclass
class _Watch:
    sought: Mapping[str, Sought]
    parameters: Callable[[], Mapping[str, Array]]
    before: dict[str, Array]
    found: dict[str, list[Seen]] = field(default_factory=dict)
    known: dict[str, list[Array]] = field(default_factory=dict)
    lines: dict[FrameType, int] = field(default_factory=dict)


def first_seen(
    run: Callable[[], None], sought: Mapping[str, Sought], parameters: Callable[[], Mapping[str, Array]]
) -> dict[str, list[Seen]]:
    """Run, and say for each number sought which lines made it, or first changed the parameter of its name.

    Parameters
    ----------
    run : callable
        What to run.
    sought : mapping of str to Sought
        Numbers to look for in variables, in what they hold, and in what functions return.
    parameters : callable
        Gives arrays by name; the line that first changes one is seen, too.

    Returns
    -------
    dict of str to list of Seen
        In the order of the run; under ``"w[1] changed"`` the line that first changed it. Without those that do not
        appear.
    """
    watch = _Watch(sought, parameters, {name: array.copy() for name, array in parameters().items()})
    known = sys.gettrace()
    sys.settrace(lambda frame, event, argument: _entered(watch, frame))
    try:
        run()
    finally:
        sys.settrace(known)
    return watch.found


def _entered(watch: _Watch, frame: FrameType) -> Any:
    module = str(frame.f_globals.get("__name__", ""))
    if any(module == each or module.startswith(f"{each}.") for each in NOT_THEIRS):
        return None
    return lambda frame, event, argument: _stepped(watch, frame, event, argument)


def _stepped(watch: _Watch, frame: FrameType, event: str, argument: Any) -> Any:
    """After a line, or at the end of a function: what is there now that was not there before?"""
    line = watch.lines.get(frame, frame.f_lineno)
    if event == "return":
        _look(watch, frame, frame.f_lineno, frame.f_locals.values())
        _look(watch, frame, frame.f_lineno, [argument], returned=True)
        watch.lines.pop(frame, None)
    elif event == "line":
        if frame in watch.lines:
            _look(watch, frame, line, frame.f_locals.values())
        watch.lines[frame] = frame.f_lineno
    return lambda frame, event, argument: _stepped(watch, frame, event, argument)


def _look(watch: _Watch, frame: FrameType, line: int, values: Any, *, returned: bool = False) -> None:
    def seen(name: str, factor: float) -> None:
        place = CodeLine.at(frame.f_code.co_filename, line, frame.f_code.co_qualname)
        watch.found.setdefault(name, []).append(Seen(place, factor, returned))

    for array in _arrays(values, DEEPEST):
        for name, each in watch.sought.items():
            if array.size != each.array.size or (factor := _factor(array, each)) is None:
                continue
            known = watch.known.setdefault(name, [])
            if returned or not any(array is other for other in known):
                known.append(array)  # kept, so that no other array takes its place in memory
                seen(name, factor)
    for name, array in watch.parameters().items():
        if f"{name} changed" not in watch.found and not np.array_equal(array, watch.before[name]):
            seen(f"{name} changed", 1.0)


def _factor(array: Array, sought: Sought) -> float | None:
    one, other = np.ravel(array).astype(np.float64), sought.array.ravel()
    squares = float(other @ other)
    if squares == 0 or not np.isfinite(one).all():
        return None
    factor = float(one @ other) / squares if sought.any_factor else 1.0
    largest = np.abs(one).max(initial=0.0)
    return factor if largest > 0 and np.abs(one - factor * other).max() <= SAME * largest else None


def _arrays(values: Any, deepest: int) -> Iterator[Array]:
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            yield value
        elif deepest and isinstance(value, dict):
            yield from _arrays(list(value.values()), deepest - 1)
        elif deepest and isinstance(value, list | tuple):
            yield from _arrays(value, deepest - 1)
