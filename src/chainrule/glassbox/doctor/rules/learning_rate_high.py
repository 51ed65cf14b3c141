"""Steps that are too long: J jumps about, or away."""

from __future__ import annotations

import math

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.reruns import Rerun
from chainrule.glassbox.doctor.rules.dead_units import MOST_DEAD
from chainrule.glassbox.doctor.rules.saturated_units import MOST_SATURATED

__all__ = ["LONG_STEP", "LOW", "LOWER_J", "ROUGH", "SMALLER", "learning_rate_high"]

ROUGH = 0.02
"""By how much J rises from epoch to epoch, as a share of its mean, from which on smaller steps are tried. It only
decides whether a rerun is worth its time; that rerun decides."""

SMALLER = (0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6)
"""Factors on the learning rate that are tried, each as long as the one before left J high or infinite."""

LOW = 0.5
"""Share of what a constant gives below which J is low enough not to try still smaller steps."""

LOWER_J = 0.7
"""With smaller steps J must come down to at most this share of what it does, in as many epochs, for the steps to have
been too long. In the faulty fits of the tuning seeds it came down to 0.67 or less. In healthy ones it may do so, too,
down to 0.58, where it is next to nothing already: a fit that has learned is not asked."""

LONG_STEP = 0.1
"""Share of its weights' size that a step must move a layer by, at the start, for it to be said besides: a hundred times
what is usual."""


def learning_rate_high(m: Measurements) -> Finding | None:
    """J that falls much further with a tenth of the learning rate, in the same number of epochs."""
    if m.learned or not _signs(m):
        return None
    before = m.reruns.baseline
    change, after = _smaller(m)
    if before is None or after is None or change is None:
        return None
    diverged = not math.isfinite(before.training.J)
    ratio = 0.0 if diverged else after.training.J / max(before.training.J, 1e-12)
    if ratio > LOWER_J:
        return None
    seen = "J becomes infinite" if diverged else f"J ends at {before.training.J:.3g} after {m.reruns.epochs} epochs"
    moves = max(m.update_ratios.values(), default=0.0)
    step = f" At the start, a step moves weights by {moves:.0%} of their size; about 0.1 % is usual."
    return Finding(
        "learning rate too high",
        "learning_rate",
        ratio,
        f"{m.case.recipe.rate_in_words} is too high: {seen}, and with {change.text} at {after.training.J:.3g}."
        + (step if moves > LONG_STEP else ""),
        f"Take smaller steps: {change.text}.",
        change=change,
    )


def _smaller(m: Measurements) -> tuple[Change | None, Rerun | None]:
    """Smaller steps with which J comes down, and what came of them; the smallest are not taken where others do."""
    change, best = None, None
    for factor in SMALLER:
        tried = Change(m.case.recipe.rate_times(factor), rate_factor=factor)
        after = m.reruns.of(tried)
        if after is None or (best is not None and after.training.J > LOWER_J * best.training.J):
            break
        if math.isfinite(after.training.J):
            change, best = tried, after
            if LOW * m.constant_J > after.training.J:
                break
    return change, best


def _signs(m: Measurements) -> bool:
    """Whether anything looks like steps that are too long."""
    if m.case.diverged or m.remaining > 1 or m.roughness > ROUGH:
        return True
    dead = max(layer.dead_share for layer in m.now.layers)
    saturated = max((layer.saturated for layer in m.now.hidden), default=0.0)
    return dead >= MOST_DEAD or saturated >= MOST_SATURATED
