"""The reading of a gradient that is wrong: which mistakes explain it, and which lines make them."""

from __future__ import annotations

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.components import wrong_components
from chainrule.glassbox.gradient_check.constants import constant_factors
from chainrule.glassbox.gradient_check.explanation import Explanation, lines_of_learner
from chainrule.glassbox.gradient_check.finding import Finding
from chainrule.glassbox.gradient_check.learner_subject import LearnerSubject
from chainrule.glassbox.gradient_check.network_subject import NetworkSubject
from chainrule.glassbox.gradient_check.one_pass import OnePass, derivative_of_each
from chainrule.glassbox.gradient_check.overwriting import overwriting
from chainrule.glassbox.gradient_check.remarks import mixed_rows
from chainrule.glassbox.gradient_check.search import EXPLAINED, LayerExplanation, explained_layers, multiple

__all__ = ["read"]

DESCRIBED = 1e-4
"""How near the gradient of plain dense layers must be to that of J for mistakes to be tried on it."""

NEAR_0 = 1e-4
"""Of weights so near 0, |w| has no derivative by differences: its kink is there."""


def read(subject: NetworkSubject | LearnerSubject, numerical: Array) -> tuple[Finding, ...]:
    """What explains that the claimed gradient is not the numerical one."""
    found: list[Finding] = []
    if isinstance(subject, LearnerSubject):
        overwritten, subject = overwriting(subject)
        found += overwritten
        if overwritten and _agree(subject.claimed_gradient(), numerical):
            return tuple(found)
        if mixed := tuple(mixed_rows(subject, subject.network.forward(subject.x)[0])):
            return (*found, *mixed)  # no derivative of one row's numbers alone is right then
    else:
        found += _penalty(subject, numerical)
    with np.errstate(all="ignore"):  # what a mistake gives need not be finite
        components = wrong_components(subject)
        given = subject.one_pass(numerical)
        try:
            more = None if given is None else subject.with_more_rows().one_pass()
        except InvalidType as error:
            return (*found, *components, _no_more_rows(error))
    if given is None or more is None:
        return (*found, *components) or tuple(constant_factors(subject, numerical))
    if not _described(given, subject, numerical):
        return (*found, *components, _undescribed())
    with np.errstate(all="ignore"):
        layers = explained_layers((given, more), {finding.layer for finding in components if finding.layer})
    lines = lines_of_learner(subject, layers) if isinstance(subject, LearnerSubject) else {}
    explained = Explanation(subject, given, more, layers, components, lines).findings()
    if len(layers) < len(given.w):
        explained.append(_unexplained(given, layers))
    return (*found, *explained)


def _agree(claimed: Array, numerical: Array) -> bool:
    return _is_once(*multiple(numerical, claimed))


def _is_once(c: float, error: float) -> bool:
    """Whether one array is the other: c times it, c being 1, up to an error."""
    return error < EXPLAINED and abs(c - 1) < EXPLAINED


def _described(rows: OnePass, subject: NetworkSubject | LearnerSubject, numerical: Array) -> bool:
    """Whether w, b and the activations alone give the gradient of J, by differences."""
    delta = rows.delta
    penalty = _true_penalty(subject) if isinstance(subject, NetworkSubject) else np.zeros_like(numerical)
    for i in sorted(rows.w, reverse=True):
        true = (numerical - penalty)[subject.layout[f"w[{i}]"].slice].reshape(rows.w[i].shape)
        own = rows.received[i].T @ delta
        difference = np.nan_to_num(np.abs(own - true))
        if difference.max() > DESCRIBED * max(float(np.nanmax(np.abs(true), initial=0.0)), 1e-6):
            return False
        if i > 1:
            delta = (delta @ rows.w[i].T) * rows.slopes[i] * rows.masks.get(i, 1.0)
    return True


def _true_penalty(subject: NetworkSubject) -> Array:
    objective = subject.objective
    if not objective.penalty:
        return np.zeros_like(subject.theta)
    return derivative_of_each(lambda at: float(objective.penalty.value(at, objective.penalised)), subject.theta)


def _penalty(subject: NetworkSubject, numerical: Array) -> list[Finding]:
    """The penalty's part in the gradient against the penalty's in J."""
    if not subject.objective.penalty:
        return []
    true = _true_penalty(subject)
    known = ~np.isnan(numerical) & (np.abs(subject.theta) > NEAR_0)
    c, error = multiple(subject.penalty_gradient[known], true[known])
    if _is_once(c, error):
        return []
    names = tuple(slot.name for slot in subject.layout if slot.kind == "weight")
    how = "is missing in the gradient" if c == 0 else f"is {c:.6g} times what it should be"
    if error >= EXPLAINED:
        how = "is wrong in the gradient"
    return [Finding("penalty", f"The penalty of J, l1 sum |w| + l2/2 sum w^2, {how}.", names, error)]


def _no_more_rows(error: InvalidType) -> Finding:
    return Finding(
        "unexplained",
        f"Mistakes are told apart by taking a step with a few rows more, and that fails: {error}",
        (),
        float("nan"),
    )


def _undescribed() -> Finding:
    return Finding(
        "unexplained",
        "J is not what w, b and activations alone give (by differences of each), so no mistake can be put in and "
        "compared: does _feed_forward do something else than z = a @ w + b and a = f(z)?",
        (),
        float("nan"),
    )


def _unexplained(rows: OnePass, layers: list[LayerExplanation]) -> Finding:
    i = len(rows.w) - len(layers)
    names = tuple(f"{each}[{j}]" for j in range(1, i + 1) for each in "wb")
    return Finding(
        "unexplained",
        f"No mistake that was tried, and no constant factor, gives w[{i}] and b[{i}]: look at delta[{i + 1}], and at "
        f"what makes dw[{i}] and db[{i}] of it. What lies before depends on it, and could not be looked at.",
        names,
        float("nan"),
    )
