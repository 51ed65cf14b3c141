"""A step on a student's own numbers: what follows from them, and which mistake was made with them.

Who has a wrong z goes on with it. What is marked is the next operation, on what the student had in hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.calculation import Calculation
from chainrule.glassbox.hand_check.fits import Answer, Fit, fitting
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.hand_check.operations import Operation, Values
from chainrule.glassbox.hand_check.right_step import RightStep
from chainrule.glassbox.hand_check.telling import where_to_look
from chainrule.glassbox.trace import Quantity, Trace

__all__ = ["LikelyMistake", "likely_mistake"]

TOO_FEW = "right, with too few decimals"
UNKNOWN = "no known mistake"
DIGITS = 6
ENOUGH_DIGITS = 3
"""With fewer, a mistake that was made further up and carried forward fits by chance."""

CONFUSIONS = ("another quantity", "another entry of the same array")
"""Not named beside a mistake in the computing: some number of the step is often the same."""


@dataclass(frozen=True)
class LikelyMistake:
    """What was probably done.

    Attributes
    ----------
    name : str
        What the mistake is called; ``"no known mistake"`` where none gives the number.
    sentence : str
        What was done, and what is right, in the student's own numbers.
    """

    name: str
    sentence: str

    @property
    def is_known(self) -> bool:
        """Whether a mistake gives the number."""
        return self.name != UNKNOWN


@dataclass(frozen=True)
class _OwnEntries:
    """An array in which some entries are the student's."""

    entries: Mapping[tuple[int, ...], float]

    def wrong(self, operation: Operation, v: Values) -> Array:
        """What it is with them."""
        array = np.array(operation.right(v), np.float64)
        for index, value in self.entries.items():
            array[index] = value
        return array


def _step_on(trace: Trace, own: Mapping[Quantity, float], target: Quantity) -> RightStep:
    """The step as it goes on from a student's numbers, those of the target's own array left out."""
    entries: dict[str, dict[tuple[int, ...], float]] = {}
    for quantity, value in own.items():
        if quantity.name != target.name:
            entries.setdefault(quantity.name, {})[quantity.index] = value
    step = RightStep(trace)
    replaced = {name: _OwnEntries(each) for name, each in entries.items()}
    step.values = Calculation(step.operations, step.values, replaced)
    return step


def _is_given(step: RightStep, quantity: Quantity, given: GivenNumbers) -> bool:
    """Whether the step's number rounds to the one that was given."""
    value = step.value(quantity)
    return bool(given.fit(value, step.slack(quantity, value)).all())


def likely_mistake(
    trace: Trace, quantity: Quantity, given: GivenNumbers, own: Mapping[Quantity, float]
) -> LikelyMistake:
    """The mistake that gives a wrong number, made with the student's own numbers.

    Parameters
    ----------
    trace : Trace
        The step of the sheet.
    quantity : Quantity
        What was asked.
    given : GivenNumbers
        The wrong answer, one number.
    own : mapping of Quantity to float
        The student's answers; those of the same array do not count.
    """
    step = _step_on(trace, own, quantity)
    if _is_given(step, quantity, given) or _is_given(RightStep(trace), quantity, given):
        return LikelyMistake(TOO_FEW, f"{quantity} is that when rounded so far, but more decimals were asked for.")
    answer = Answer(quantity, given, np.array(True), {})
    answered = {each.name for each in own} - {quantity.name}
    found = [each for each in fitting(step, answer) if each.cover.whole and not answered & set(each.places)]
    here = {quantity.name, quantity.name.replace("delta", "da")}  # da is part of a delta's own computing
    if given.significant < ENOUGH_DIGITS:
        found = [each for each in found if here.issuperset(each.places)]
    found = sorted(found, key=lambda each: (not here.issuperset(each.places), each.rank))
    if not found:
        where = _one_line(where_to_look(step.operations, step.values, quantity, None, DIGITS))
        return LikelyMistake(UNKNOWN, _with_da(f"No known mistake gives it. {where}"))
    return LikelyMistake(" and ".join(found[0].names), _with_da(_sentence(found)))


MOST_OTHERS = 2


def _with_da(sentence: str) -> str:
    """With what da is, where it is spoken of: no sheet asks for it."""
    layers = sorted({int(each) for each in re.findall(r"\bda\[(\d+)\]", sentence)})
    said = ", ".join(f"da[{i}] = delta[{i + 1}] @ w[{i}].T" for i in layers)
    return f"{sentence} ({said}.)" if said else sentence


def _sentence(found: list[Fit]) -> str:
    """The likeliest told in full, and the names of others that give the same number."""
    names = [" and ".join(each.names) for each in found[1:]]
    others = [each for each in names if each not in CONFUSIONS][:MOST_OTHERS]
    also = f" It might also be: {'; '.join(others)}." if others else ""
    return _one_line(found[0].tell()) + also


def _one_line(lines: Iterable[str]) -> str:
    return " ".join(line.strip() for line in lines)
