"""Central differences of J, entry by entry, and which entries lie at a kink, where there is no derivative."""

from __future__ import annotations

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.subject import Subject

__all__ = ["ROUNDING", "STEP", "numerical_gradient"]

STEP = float(np.finfo(np.float64).eps ** (1 / 3))
"""Balances the error of the difference, which grows with the step squared, and rounding, which does the reverse."""

ROUNDING = 10 * float(np.finfo(np.float64).eps) / STEP / 1e-6
"""An entry's numerical derivative carries the rounding of J, about eps J / step. Times this, J is the size of a
gradient of which that rounding is 1e-6: what is smaller, such as a gradient of 0, is measured against it."""

NUMBERS_AT_ONCE = 2_000_000

SIDES_APART = 1e-4
"""Where the slopes on the two sides of an entry differ by more than this share, a kink is looked for."""


def numerical_gradient(subject: Subject) -> Array:
    """Central differences of J; NaN where the two evaluations lie on different sides of a kink."""
    theta = subject.theta
    numerical, apart = np.empty_like(theta), np.zeros(theta.shape)
    at_once = max(1, NUMBERS_AT_ONCE // (2 * max(subject.numbers_per_theta, theta.size)))
    centre = None if subject.knows_its_kinks else subject.J(theta[np.newaxis])[0][0]
    for start in range(0, theta.size, at_once):
        entries = np.arange(start, min(start + at_once, theta.size))
        right, left, step, straddles = _both_sides(subject, entries, 1.0)
        numerical[entries] = (right - left) / step  # 2 h as float64 has it
        numerical[entries[straddles]] = np.nan
        if centre is not None:
            apart[entries] = (right - 2 * centre + left) / (step / 2)
    if centre is not None:
        numerical[_at_kinks(subject, numerical, apart, float(centre))] = np.nan
    return numerical


def _both_sides(subject: Subject, entries: Array, share: float) -> tuple[Array, Array, Array, Array]:
    """J a step to the right and to the left of each entry, the two steps together, and whether a kink is between."""
    theta, m = subject.theta, len(entries)
    steps = share * STEP * np.maximum(1, np.abs(theta[entries]))
    thetas = np.tile(theta, (2 * m, 1))
    plus, minus = thetas[:m], thetas[m:]
    plus[np.arange(m), entries] += steps
    minus[np.arange(m), entries] -= steps
    between = plus[np.arange(m), entries] - minus[np.arange(m), entries]
    J, sides = subject.J(thetas)
    return J[:m], J[m:], between, (sides[:m] != sides[m:]).any(axis=1)


def _at_kinks(subject: Subject, numerical: Array, apart: Array, J: float) -> Array:
    """Entries whose slopes to the right and to the left differ, and still do so when the steps are made smaller.

    Of a smooth J the two slopes differ by h J'', half as much with half the step. At a kink they differ by the same,
    or no longer at all, once the kink is outside.
    """
    scale = np.zeros_like(numerical)
    for slot in subject.layout:
        scale[slot.slice] = np.abs(slot.view(numerical)).max(initial=0.0)
    suspects = np.flatnonzero(np.abs(apart) > np.maximum(SIDES_APART * scale, ROUNDING * abs(J)))
    kinks, before = np.zeros(len(suspects), bool), apart[suspects]
    for share in (0.5, 0.25):
        if len(suspects) == 0:
            break
        right, left, step, _ = _both_sides(subject, suspects, share)
        now = (right - 2 * J + left) / (step / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            kinks |= ~(np.abs(now / before - 0.5) < 0.1)
        before = now
    return suspects[kinks]
