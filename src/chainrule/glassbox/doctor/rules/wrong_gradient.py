"""A learner's program whose steps do not go where J falls."""

from __future__ import annotations

from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.own_gradient import SEE
from chainrule.glassbox.gradient_check import Finding as Mistake

__all__ = ["wrong_gradient"]


def wrong_gradient(m: Measurements) -> Finding | None:
    """A gradient that is not J's, by more than a constant factor above 0 or a mean in the place of a sum."""
    check, wrong = m.own_gradient.check, m.own_gradient.wrong
    if check is None or not wrong:
        return None
    first = wrong[0]
    left = len(check.reading) - 1
    more = f" {SEE} says {left} more." if left else ""
    return Finding(
        "wrong gradient",
        ", ".join(first.arrays) or "the backward pass",
        check.max_relative_error,
        f"The steps do not take away the gradient of J. {_with_line(first)}{more}",
        _sentence(first.remedy) if first.remedy else f"See {SEE}.",
        from_start=True,
    )


def _with_line(mistake: Mistake) -> str:
    return mistake.sentence if mistake.line is None else f"{mistake.sentence} The line: {mistake.line}."


def _sentence(text: str) -> str:
    """With a capital, unless it begins with code."""
    return text[0].upper() + text[1:] if text.split()[0].isalpha() else text
