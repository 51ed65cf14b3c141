"""Where a learner's own program departs from the chain rule on the way to a number."""

from __future__ import annotations

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.trace import Quantity, Trace
from chainrule.glassbox.trace.learner_program import LearnerProgramStep

__all__ = ["departures"]

RELATIVE = 1e-7
"""Two numbers are the same up to this share of the largest of their array."""

ROUNDING = 1e-12
"""What dw and db may be off, being the difference of parameters before and after a step."""


def departures(trace: Trace, number: Quantity, value: float, total: float) -> tuple[str, ...]:
    """Sentences on the first array, from the output backwards, that is not what the chain rule makes of the one before.

    Parameters
    ----------
    trace : Trace
        Of whatever; for a network of chainrule there are none.
    number : Quantity
        Which number is looked at.
    value, total : float
        What the program has for it, and what the chains add up to.
    """
    step = trace.step
    if not isinstance(step, LearnerProgramStep):
        return ()
    if step.departures:  # what is computed from its numbers does not tell where its derivatives depart
        return step.departures
    nearest = (number.number or 0) + (1 if number.letter in ("dw", "db") else 0)
    for i in range(len(trace.dimensions) - 1, nearest - 1, -1):
        if i == nearest and number.letter == "da":
            break
        own, right = trace.delta[i], step.network.activations[i].backward(trace.da[i], trace.z[i], trace.a[i])
        rule = f"(delta[{i + 1}] @ w[{i}].T) * f'(z[{i}])"
        if not _same(own, right):
            return (_sentence(step.network.name, f"delta[{i}]", own, right, rule, number, value, total),)
    if number.letter in ("dw", "db"):
        return _of_parameters(trace, step, number, value, total)
    return ()


def _of_parameters(
    trace: Trace, step: LearnerProgramStep, number: Quantity, value: float, total: float
) -> tuple[str, ...]:
    i = number.number
    assert i is not None
    delta, own = trace.delta[i + 1], np.asarray(trace[number.array])
    if number.letter == "dw":
        right, rule = trace.a[i].T @ delta, f"a[{i}].T @ delta[{i + 1}]"
    else:
        right, rule = delta.sum(axis=0), f"delta[{i + 1}].sum(axis=0)"
    if _same(own, right, ROUNDING):
        return ()
    sentence = _sentence(step.network.name, number.name, own, right, rule, number, value, total)
    if _same(own * trace.n_rows, right, ROUNDING):
        sentence += f" It is their mean over the {trace.n_rows} rows, not their sum."
    return (sentence,)


def _sentence(
    program: str, name: str, own: Array, right: Array, rule: str, number: Quantity, value: float, total: float
) -> str:
    at = tuple(int(each) for each in np.unravel_index(np.argmax(np.abs(own - right)), own.shape))
    entry = Quantity(name).at(*at)
    return (
        f"The chains add up to {total:.4g}, and {number} of {program} is {value:.4g}. Going back from the output, its "
        f"{name} is the first that is not what the chain rule makes of the numbers before it: {entry} is "
        f"{own[at]:.4g}, and {rule} gives {right[at]:.4g}."
    )


def _same(one: Array, other: Array, rounding: float = 0.0) -> bool:
    largest = max(float(np.abs(one).max(initial=0.0)), float(np.abs(other).max(initial=0.0)))
    return bool((np.abs(one - other) <= RELATIVE * largest + rounding).all())
