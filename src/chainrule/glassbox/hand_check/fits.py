"""Which mistakes give the numbers that were given, the simplest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.calculation import ingredients_of
from chainrule.glassbox.hand_check.candidates import Candidate
from chainrule.glassbox.hand_check.confusions import confusions
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.hand_check.right_step import RightStep
from chainrule.glassbox.hand_check.telling import told
from chainrule.glassbox.trace import Quantity

__all__ = ["Answer", "Cover", "Fit", "alike", "fitting"]

DIGITS_FOR_PAIRS = 6
"""With fewer, two mistakes together give almost any number."""

DIGITS_FOR_SOME = 4
"""So many digits must be explained, where a mistake explains some entries of an array only."""

MOST_PARTLY = 3
"""Of mistakes that explain some of the numbers only, so many are named."""

CUT_OFF = (
    "Cut off instead of rounded: the digits are those of the right number, but the last one is to be rounded up where "
    "5 or more follows."
)


class Answer(NamedTuple):
    """What was given for a quantity, in its shape.

    Attributes
    ----------
    quantity : Quantity
        What was asked for.
    given : GivenNumbers
        What was given.
    wrong : array of bool
        Which entries are wrong.
    own : mapping of Quantity to GivenNumbers
        The same person's wrong numbers for others.
    """

    quantity: Quantity
    given: GivenNumbers
    wrong: Array
    own: Mapping[Quantity, GivenNumbers]

    @property
    def digits(self) -> int:
        """To how many digits numbers are told."""
        return self.given.told_digits


class Cover(NamedTuple):
    """How much of what was given a mistake gives: all of it, or which share of the wrong numbers (0 for too little)."""

    whole: bool
    share: float


NOTHING, ALL = Cover(whole=False, share=0.0), Cover(whole=True, share=1.0)


@dataclass(frozen=True)
class Fit:
    """A mistake that gives the numbers.

    Attributes
    ----------
    names : tuple of str
        What it is called; two names where only both together give them.
    places : tuple of str
        Where it was made.
    value : array
        What it gives.
    cover : Cover
        How much of what was given.
    rank : tuple of float
        The smaller, the sooner named.
    tell : callable
        Its sentences, line by line.
    """

    names: tuple[str, ...]
    places: tuple[str, ...]
    value: Array
    cover: Cover
    rank: tuple[float, ...]
    tell: Callable[[], tuple[str, ...]]


def fitting(step: RightStep, answer: Answer) -> list[Fit]:
    """The mistakes that give the whole answer or, where none does, two together, or those that give most of it."""
    found = _best_of_each([*_carried(step, answer), *_alone(step, answer)])
    whole = [fit for fit in found if fit.cover.whole]
    if whole:
        return whole
    candidates = step.candidates(answer.quantity.name)
    if answer.given.in_all >= DIGITS_FOR_PAIRS:
        whole = _best_of_each(_of_candidates(step, answer, candidates.pairs(), partly=False))
    return whole or found[:MOST_PARTLY]


def alike(step: RightStep, quantity: Quantity, fits: Sequence[Fit]) -> list[list[Fit]]:
    """The fits, those that give the same number together, in their order."""
    groups: list[list[Fit]] = []
    for fit in fits:
        slack = 10 * step.slack(quantity, fit.value)
        group = next((each for each in groups if (np.abs(each[0].value - fit.value) <= slack).all()), None)
        if group is None:
            groups.append([fit])
        else:
            group.append(fit)
    return groups


def _best_of_each(fits: Iterable[Fit]) -> list[Fit]:
    """The simplest fit of each mistake, in order."""
    best: dict[tuple[str, ...], Fit] = {}
    for fit in sorted(fits, key=lambda each: each.rank):
        family = tuple(sorted(name.partition(", to ")[0] for name in fit.names))  # rounded to 3 decimals, to 2, ...
        best.setdefault(family, fit)
    return list(best.values())


def _cover(step: RightStep, answer: Answer, value: Array) -> Cover:
    """How much of the answer this gives; nothing where that is too little to tell."""
    given = answer.given
    if value.shape != given.values.shape:
        return NOTHING
    fits = given.fit(value, step.slack(answer.quantity, value))
    if fits.all():
        return ALL
    explained = fits & answer.wrong
    if given.is_one or int(given.digits[explained].sum()) < DIGITS_FOR_SOME:
        return NOTHING
    return Cover(whole=False, share=float(explained.sum() / answer.wrong.sum()))


def _ranked(cover: Cover, rank: tuple[float, ...]) -> tuple[float, ...]:
    """What explains all comes first, then what explains more, then the simpler."""
    return (not cover.whole, -cover.share, *rank)


def _alone(step: RightStep, answer: Answer) -> Iterator[Fit]:
    """One mistake, or one confusion."""
    quantity, given = answer.quantity, answer.given
    right = step.value(quantity)
    if given.cut_off(right, step.slack(quantity, right))[answer.wrong].all():
        rank = _ranked(ALL, (1, -1, 0, 0, 0))
        yield Fit(("cut off instead of rounded",), (quantity.name,), right, ALL, rank, _constant(CUT_OFF))
    for confusion in confusions(step.values, quantity, given):
        cover = _cover(step, answer, confusion.value)
        if cover.share > 0:
            rank = _ranked(cover, (1, 1, 0, 0, confusion.order))
            names, tell = (confusion.name,), _constant(confusion.sentence)
            yield Fit(names, (confusion.found,), confusion.value, cover, rank, tell)
    yield from _of_candidates(step, answer, step.candidates(quantity.name).alone, partly=True)


def _of_candidates(step: RightStep, answer: Answer, candidates: Iterable[Candidate], *, partly: bool) -> Iterator[Fit]:
    quantity = answer.quantity
    for candidate in candidates:
        value = np.asarray(candidate.value[quantity.index]) if quantity.index else candidate.value
        cover = _cover(step, answer, value)
        if cover.whole or (partly and cover.share > 0):
            names = tuple(slip.mistake.title for slip in candidate.slips)
            places = tuple(dict.fromkeys(place for slip in candidate.slips for place in slip.places))
            yield Fit(names, places, value, cover, _ranked(cover, candidate.rank), _telling(step, answer, candidate))


def _carried(step: RightStep, answer: Answer) -> Iterator[Fit]:
    """What follows from the person's own earlier numbers, all of them and each alone."""
    target = answer.quantity
    before = ingredients_of(step.operations, target.name)
    earlier = [each for each in answer.own if each.name in before and each.name != target.name]
    sets = [earlier, *([each] for each in earlier)] if len(earlier) > 1 else [earlier] if earlier else []
    for numbers in sets:
        calculation = step.values.going_on_from({each: answer.own[each].values for each in numbers})
        value = step.entries(calculation, target)
        cover = _cover(step, answer, value)
        if cover.whole and not np.array_equal(value, step.value(target)):
            names = " and ".join(str(each) for each in numbers)
            sentence = f"Carried forward from {names}: with your own, wrong number there, this follows rightly."
            places = tuple(each.name for each in numbers)
            rank = _ranked(cover, (0, 0, 0, len(numbers), 0))
            yield Fit((f"carried forward from {names}",), places, value, cover, rank, _constant(sentence))


def _constant(sentence: str) -> Callable[[], tuple[str, ...]]:
    return lambda: (sentence,)


def _telling(step: RightStep, answer: Answer, candidate: Candidate) -> Callable[[], tuple[str, ...]]:
    return lambda: told(candidate, step.values, step.operations, answer.quantity, answer.digits)
