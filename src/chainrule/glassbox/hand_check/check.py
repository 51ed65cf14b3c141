"""Checking numbers that were computed by hand, or by a program, against a traced step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.fits import Answer, Fit, alike, fitting
from chainrule.glassbox.hand_check.given_numbers import GivenNumbers
from chainrule.glassbox.hand_check.result import FoundMistake, HandCheck
from chainrule.glassbox.hand_check.right_step import RightStep
from chainrule.glassbox.hand_check.telling import shown, where_to_look
from chainrule.glassbox.hand_check.verdict import partly, right_verdict, shape_verdict, wrong_verdict
from chainrule.glassbox.trace import Quantity, Trace

__all__ = ["check_answers", "hand_check"]

FEW_DIGITS = 3
"""With less in all, a mistake fits by chance too often to say no more."""

MOST_THAT_FIT = 3
"""Where mistakes give more different numbers that all fit, the number is too short to tell."""


def hand_check(trace: Trace, quantity: str | Quantity, value: Any) -> HandCheck:
    """Say whether a number of a step, computed by hand or by a program, is right, and if not, which mistake gives it.

    A mistake is named only where computing the step with it gives the number, to the digits given; those made further
    up, and carried forward, are found too. Where the trace is of a learner's own program, the right value is that of
    the mathematics for its w, b and activations, and it is said if the program gives the same number.

    Parameters
    ----------
    trace : Trace
        From `chainrule.trace`.
    quantity : str or Quantity
        What was computed: one number, such as ``"delta[2][0,1]"``, or an array, such as ``"dw[1]"``.
    value : number, str, or array-like of these
        What came out. Digits count: 0.35 is right for all that rounds to it. A text may be a fraction, ``"3/8"``, or an
        array, ``"[[0.5, -1], [3/8, 2]]"``; numbers with all digits of a float are compared as they are.

    Returns
    -------
    HandCheck

    Raises
    ------
    InvalidArgument, InvalidType
        If there is no such quantity, or the value is no number.

    Examples
    --------
    >>> import chainrule
    >>> nn = chainrule.Network((2, 2, 1), ("sigmoid", "identity"), seed=1, dtype=float)
    >>> nn.w[1], nn.w[2] = [[0.5, -1.0], [1.0, 0.25]], [[1.0], [-2.0]]
    >>> step = chainrule.trace(nn, [[1.0, 2.0]], [[0.5]])
    >>> chainrule.hand_check(step, "z[2][0,1]", "-0.5").right
    True
    >>> wrong = chainrule.hand_check(step, "a[2][0,0]", "2.5")
    >>> wrong.right, wrong.mistakes[0].name
    (False, 'the activation forgotten')
    """
    step = RightStep(trace)
    return _checked(step, Quantity.parsed(quantity), GivenNumbers.read(value), {})


def check_answers(trace: Trace, answers: Mapping[str, Any]) -> list[HandCheck]:
    """Mark many answers about one step.

    As `hand_check`, for each; only, an answer that is no number is wrong and says so, and an answer that follows
    rightly from earlier wrong ones of the same person is named as that ("carried forward from ...").

    Parameters
    ----------
    trace : Trace
        From `chainrule.trace`.
    answers : mapping of str to number, str or array-like
        By quantity, such as ``{"z[2][0,0]": "0.5", "dw[1]": [[0.1, 0.2]]}``.

    Returns
    -------
    list of HandCheck
        In the order of the answers.

    Raises
    ------
    InvalidArgument, InvalidType
        If there is no such quantity.

    Examples
    --------
    >>> import chainrule
    >>> nn = chainrule.Network((1, 1), ("identity",), seed=1, dtype=float)
    >>> nn.w[1] = [[2.0]]
    >>> step = chainrule.trace(nn, [[3.0]], [[5.0]], learning_rate=0.1)
    >>> marked = chainrule.check_answers(step, {"z[2][0,0]": "6", "delta[2][0,0]": 1, "dw[1][0,0]": 3})
    >>> [each.right for each in marked]
    [True, False, False]
    >>> marked[2].mistakes[0].name
    'carried forward from delta[2][0,0]'
    """
    step = RightStep(trace)
    found: list[HandCheck] = []
    own: dict[Quantity, GivenNumbers] = {}
    for name, value in answers.items():
        quantity = Quantity.parsed(name)
        right = step.value(quantity)
        try:
            given = GivenNumbers.read(value)
        except (InvalidArgument, InvalidType) as error:
            found.append(_no_number(quantity, value, right, str(error)))
            continue
        check = _checked(step, quantity, given, own)
        aligned = given.in_shape(right.shape)
        if not check.right and aligned is not None:
            own[quantity] = aligned
        found.append(check)
    return found


def _checked(
    step: RightStep, quantity: Quantity, given: GivenNumbers, own: Mapping[Quantity, GivenNumbers]
) -> HandCheck:
    """The check of one answer; `own` are the same person's wrong ones before."""
    right = step.value(quantity)
    aligned = given.in_shape(right.shape)
    if aligned is None:
        return _of_wrong_shape(step, quantity, given, right)
    fits = step.fits(quantity, aligned)
    if fits.all():
        return _right(step, quantity, aligned, right)
    return _wrong(step, Answer(quantity, aligned, ~fits, own), right)


def _right(step: RightStep, quantity: Quantity, given: GivenNumbers, right: Array) -> HandCheck:
    remarks = []
    if given.is_one and given.significant == 0 and right != 0:
        remarks.append("It has no significant digit, though: give more.")
    if step.program_gives(quantity, given) is False:
        gives = f", which gives {shown(np.asarray(step.trace[quantity]))}" if given.is_one else ""
        remarks.append(f"Your program is not{gives}: there is a mistake in it, and none in your calculation.")
    return HandCheck(
        right=True,
        quantity=quantity,
        given=given.text,
        digits=given.significant,
        value=_plain(right),
        mistakes=(),
        verdict=right_verdict(quantity, given, right),
        remarks=tuple(remarks),
    )


def _wrong(step: RightStep, answer: Answer, right: Array) -> HandCheck:
    quantity, given, wrong, _ = answer
    found = fitting(step, answer)
    groups = alike(step, quantity, [fit for fit in found if fit.cover.whole])
    remarks = _on_digits(answer, len(groups))
    if left_out := step.candidates(quantity.name).left_out:
        remarks.append(
            f"The step is large: {left_out} mistakes, most of them further from {quantity.name}, were not computed, "
            "and one of these may give the number, too. With fewer rows in the trace, more of them are."
        )
    if not found:
        if tried := len(step.candidates(quantity.name).alone):
            remarks.append(f"None of the {tried} mistakes that were computed for it gives {given.told}.")
        where = wrong if wrong.ndim else None
        remarks.extend(where_to_look(step.operations, step.values, quantity, where, answer.digits))
    if step.program_gives(quantity, given):
        remarks.append(f"Your program computes {given.told} too: it has the same mistake.")
    return HandCheck(
        right=False,
        quantity=quantity,
        given=given.text,
        digits=given.significant,
        value=_plain(right),
        mistakes=tuple(_found_mistake(fit, wrong) for fit in found),
        verdict=wrong_verdict(quantity, given, right, wrong, answer.digits),
        remarks=tuple(remarks),
        same_number=tuple(" and ".join(fit.names) for fit in groups[0]) if groups else (),
    )


def _found_mistake(fit: Fit, wrong: Array) -> FoundMistake:
    lines = fit.tell() if fit.cover.whole else (partly(fit.cover.share, wrong), *fit.tell())
    return FoundMistake(fit.names, fit.places, lines, _plain(fit.value), fit.cover.share)


def _on_digits(answer: Answer, n_numbers: int) -> list[str]:
    """What is to be said of few digits, which so many different numbers fit."""
    if n_numbers > MOST_THAT_FIT:
        return [
            f"{n_numbers} different numbers, each of another mistake, fit what was given: it is too short to tell "
            "which it was. Give more digits."
        ]
    if n_numbers and 0 < answer.given.in_all < FEW_DIGITS:
        return ["So few digits fit a mistake by chance, too: give three or more to be sure."]
    return []


def _of_wrong_shape(step: RightStep, quantity: Quantity, given: GivenNumbers, right: Array) -> HandCheck:
    verdict = shape_verdict(quantity, given, right)
    mistakes: tuple[FoundMistake, ...] = ()
    if right.ndim == 2 and given.values.shape == right.shape[::-1]:
        if step.fits(quantity, given.transposed).all():
            sentence = f"The numbers are right, but transposed, rows for columns: {quantity} is the .T of it."
            mistakes = (FoundMistake(("transposed",), (quantity.name,), (sentence,), _plain(right.T)),)
        else:
            verdict += " Transposed it has the right shape, and not the right numbers."
    return HandCheck(
        right=False,
        quantity=quantity,
        given=given.text,
        digits=given.significant,
        value=_plain(right),
        mistakes=mistakes,
        verdict=verdict,
    )


def _no_number(quantity: Quantity, value: Any, right: Array, reason: str) -> HandCheck:
    """The check of an answer that is no number."""
    text = "" if value is None else str(value)[:60]
    verdict = f"Wrong: {reason}" if text.strip() else f"Nothing was given for {quantity}."
    return HandCheck(
        right=False, quantity=quantity, given=text, digits=0, value=_plain(right), mistakes=(), verdict=verdict
    )


def _plain(value: Array) -> float | Array:
    """A number as a float, an array as a copy that is not to be written to."""
    if value.ndim == 0:
        return float(value)
    copied = value.copy()
    copied.flags.writeable = False
    return copied
