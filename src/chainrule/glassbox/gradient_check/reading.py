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
from chainrule.glassbox.gradient_check.search import EXPLAINED, explained_layers, multiple
from chainrule.glassbox.gradient_check.sentences import and_joined

__all__ = ["read"]

DESCRIBED = 1e-4
"""How near the gradient of plain dense layers must be to that of J for mistakes to be tried on it."""

MOVES = (-100.0, -1.0, 1.0, 100.0)
"""By how much biases are moved to see whether they act at all."""

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
        if unused := _biases_without_effect(subject, numerical):
            found += unused
            named = {name for finding in unused for name in finding.arrays}
            claimed = subject.claimed_gradient()
            others = [slot for slot in subject.layout if slot.name not in named]
            if all(_agree(slot.view(claimed).ravel(), slot.view(numerical).ravel()) for slot in others):
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
        explained.append(_unexplained(subject, numerical, len(given.w) - len(layers)))
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


def _unexplained(subject: NetworkSubject | LearnerSubject, numerical: Array, i: int) -> Finding:
    """That nothing explains w[i] or b[i]; of the arrays from there to the input, those that are wrong are named."""
    claimed = subject.claimed_gradient()
    names = []
    for slot in subject.layout:
        known = ~np.isnan(slot.view(numerical))
        right = _agree(slot.view(claimed)[known], slot.view(numerical)[known])
        if not right and slot.name in {f"{each}[{j}]" for j in range(1, i + 1) for each in "wb"}:
            names.append(slot.name)
    wrong = [name for name in (f"w[{i}]", f"b[{i}]") if name in names] or [f"w[{i}]", f"b[{i}]"]
    makes = and_joined([f"d{name}" for name in wrong])
    where = f"look at delta[{i + 1}], and at what makes {makes} of it"
    if wrong == [f"b[{i}]"]:
        where = f"w[{i}] is right, and so is delta[{i + 1}]: look at what makes {makes} of it"
    before = " What lies before depends on it, and could not be looked at." if i > 1 else ""
    return Finding(
        "unexplained",
        f"No mistake that was tried, and no constant factor, gives {and_joined(wrong)}: {where}.{before}",
        tuple(names),
        float("nan"),
    )


def _biases_without_effect(subject: LearnerSubject, numerical: Array) -> list[Finding]:
    """A finding on the biases that J does not depend on, though a step changes them; none where there are none."""
    claimed = subject.claimed_gradient()
    J = subject.J(subject.theta[np.newaxis])[0][0]
    names = []
    for slot in subject.layout:
        if slot.kind != "bias" or np.any(slot.view(numerical)) or not np.any(slot.view(claimed)):
            continue
        moved = np.repeat(subject.theta[np.newaxis], len(MOVES), axis=0)
        for theta, by in zip(moved, MOVES, strict=True):  # far, so that no unit stays dead
            theta[slot.slice] += by
        if np.all(subject.J(moved)[0] == J):
            names.append(slot.name)
    if not names:
        return []
    one = len(names) == 1
    i = int(names[0][2:-1])
    return [
        Finding(
            "bias does not act",
            f"{and_joined(names)} {'does' if one else 'do'} not act in the forward pass: J stays the same, however "
            f"{'it is' if one else 'they are'} moved, and yet a step changes {'it' if one else 'them'}.",
            tuple(names),
            0.0,
            None,
            f"add b in _feed_forward: z[{i + 1}] = np.dot(a[{i}], w[{i}]) + b[{i}].",
        )
    ]
