"""Arrays whose claimed gradient is a constant times J's, in networks of which no single mistake can be put in."""

from __future__ import annotations

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.differences import numerical_gradient
from chainrule.glassbox.gradient_check.factor import Factor, factor_between, reasons_for
from chainrule.glassbox.gradient_check.finding import Finding
from chainrule.glassbox.gradient_check.learner_subject import LearnerSubject
from chainrule.glassbox.gradient_check.network_subject import NetworkSubject
from chainrule.glassbox.gradient_check.search import EXPLAINED, multiple
from chainrule.glassbox.gradient_check.sentences import and_joined, factor_remedy, factor_sentence

__all__ = ["constant_factors"]

CONSTANT, SAME_FACTOR = 10 * EXPLAINED, 100 * EXPLAINED
"""Up to which share an array is a constant times another, and two such constants are the same one. They are wider than
`EXPLAINED`, since J's differences round more than those of a network's parts."""


def constant_factors(subject: NetworkSubject | LearnerSubject, numerical: Array) -> list[Finding]:
    """A finding for each factor, with the arrays that have it; and one for the arrays that no factor explains."""
    more = subject.with_more_rows()
    claims = subject.claimed_gradient(), more.claimed_gradient()
    true = numerical, numerical_gradient(more)
    groups: list[tuple[Factor, list[str], float]] = []
    unexplained: list[str] = []
    n, n_more = _n(subject), _n(more)
    for slot in subject.layout:
        fits = [_multiple_of(slot.view(own), slot.view(other)) for own, other in zip(claims, true, strict=True)]
        if not all(error <= CONSTANT for _, error in fits):
            unexplained.append(slot.name)
        elif fits[0][0] and fits[1][0]:
            factor = factor_between(fits[0][0], fits[1][0], n, n_more)
            _into(groups, factor, slot.name, max(error for _, error in fits))
    found = []
    for factor, names, error in groups:
        if abs(factor.value - 1) > CONSTANT:
            reasons = reasons_for(factor, _k(subject))
            sentence = factor_sentence(f"The gradient of {and_joined(names)}", factor, reasons, n, _k(subject))
            found.append(Finding("factor", sentence, tuple(names), error, None, factor_remedy(reasons)))
    if unexplained:
        found.append(
            Finding(
                "unexplained",
                f"No constant factor gives {and_joined(unexplained)}, and no part of the network is wrong by itself.",
                tuple(unexplained),
                float("nan"),
            )
        )
    return found


def _multiple_of(claimed: Array, true: Array) -> tuple[float, float]:
    known = ~np.isnan(true)
    return multiple(claimed[known], true[known])


def _into(groups: list[tuple[Factor, list[str], float]], factor: Factor, name: str, error: float) -> None:
    for at, (known, names, worst) in enumerate(groups):
        if known.power == factor.power and abs(known.base / factor.base - 1) < SAME_FACTOR:
            groups[at] = known, [*names, name], max(worst, error)
            return
    groups.append((factor, [name], error))


def _n(subject: NetworkSubject | LearnerSubject) -> int:
    return len(subject.x) if isinstance(subject, LearnerSubject) else len(subject.rows)


def _k(subject: NetworkSubject | LearnerSubject) -> int:
    return int((subject.y if isinstance(subject, LearnerSubject) else subject.rows.y).shape[1])
