"""The mistake in one operation, made on the numbers that a person had in hand.

Who has a wrong z goes on with it. What is looked at is the next operation, on what the person went on with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.fits import Answer, Fit, fitting
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.hand_check.right_step import RightStep
from chainrule.glassbox.hand_check.telling import where_to_look
from chainrule.glassbox.trace import Quantity, Trace

__all__ = ["LikelyMistake", "likely_mistake"]

TOO_FEW = "right, with too few decimals"
UNKNOWN = "no known mistake"
DIGITS = 6
MOST_OTHERS = 2

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
        What was done, and what is right, in the person's own numbers.
    """

    name: str
    sentence: str

    @property
    def is_known(self) -> bool:
        """Whether a mistake gives the number."""
        return self.name != UNKNOWN


def likely_mistake(
    trace: Trace, quantity: Quantity, given: GivenNumbers, own: Mapping[Quantity, Array]
) -> LikelyMistake:
    """The mistake that gives a wrong number, made with the person's own numbers.

    Parameters
    ----------
    trace : Trace
        The step.
    quantity : Quantity
        What was asked.
    given : GivenNumbers
        The wrong answer, one number.
    own : mapping of Quantity to array
        The person's other answers, of one number each; those of the same array do not count.
    """
    before = {each: value for each, value in own.items() if each.name != quantity.name}
    step = RightStep(trace, before)
    if _rounds_to(given, step, quantity) or _rounds_to(given, RightStep(trace), quantity):
        return LikelyMistake(TOO_FEW, f"{quantity} is that when rounded so far, but more decimals were asked for.")
    found = _fits(step, Answer(quantity, given, np.array(True), {}), {each.name for each in before})
    if not found:
        where = _one_line(where_to_look(step.operations, step.values, quantity, None, DIGITS))
        return LikelyMistake(UNKNOWN, f"No known mistake gives it. {where}")
    return LikelyMistake(" and ".join(found[0].names), _sentence(found))


def _rounds_to(given: GivenNumbers, step: RightStep, quantity: Quantity) -> bool:
    """Whether the step's number rounds to the one that was given."""
    value = step.value(quantity)
    return bool(given.fit(value, step.slack(quantity, value)).all())


def _fits(step: RightStep, answer: Answer, answered: set[str]) -> list[Fit]:
    """The mistakes that give all of it, those in the asked operation first; none in what was answered itself."""
    name = answer.quantity.name
    here = {name, name.replace("delta", "da")}  # da is part of a delta's own computing
    found = [each for each in fitting(step, answer) if each.cover.whole and not answered & set(each.places)]
    if answer.given.significant < ENOUGH_DIGITS:
        found = [each for each in found if here.issuperset(each.places)]
    return sorted(found, key=lambda each: (not here.issuperset(each.places), each.rank))


def _sentence(found: list[Fit]) -> str:
    """The likeliest told in full, and the names of others that give the same number."""
    names = [" and ".join(each.names) for each in found[1:]]
    others = [each for each in names if each not in CONFUSIONS][:MOST_OTHERS]
    also = f" It might also be: {'; '.join(others)}." if others else ""
    return _one_line(found[0].tell()) + also


def _one_line(lines: Iterable[str]) -> str:
    return " ".join(line.strip() for line in lines)
