"""Numbers to be learned that are far from 1 in size, so that the error, and with it every step, is too long."""

from __future__ import annotations

import math

import numpy as np

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements

__all__ = ["LARGE", "MORE_EXPLAINED", "NOT_LEARNED", "unscaled_targets"]

LARGE = 30.0
"""Root mean square of y from which on it is too large. The error of the first step is about as large as y, and delta
grows with it; standardised targets have 1. Diabetes progression, in its units, has 170."""

NOT_LEARNED = 0.7
"""Share of what a constant gives above which J has hardly fallen, and large targets need no other proof. Below it they
may do no harm, as with Adam, whose steps do not grow with the error: then a rerun decides."""

MORE_EXPLAINED = 0.05
"""How much more of the variance of y a rerun with standardised targets must explain: less may be the luck
of one order of rows."""


def unscaled_targets(m: Measurements) -> Finding | None:
    """Targets of a distance loss that are far larger than what a new network gives."""
    loss = m.case.recipe.loss
    if loss.target not in ("value", "levels") or loss.needs is not None or m.labels is not None:
        return None
    size = math.sqrt(float(np.mean(np.square(m.sample.y, dtype=np.float64))))
    if size <= LARGE or m.learned:
        return None
    change = Change("standardised targets", standardized_targets=True)
    if m.remaining < NOT_LEARNED and not m.case.diverged and not _better(m, change):
        return None
    scaling = "Network(..., target_scaler=Standardizer.fitted(y))"
    if m.case.learner is not None:
        scaling = "y = (y - y.mean(0)) / y.std(0)"
    return Finding(
        "unscaled targets",
        "y",
        size,
        f"The numbers to be learned are large: y has a root mean square of {size:.3g}, where about 1 is right; the "
        "first errors are as large, and the steps that they make are too long.",
        f"Learn y with mean 0 and standard deviation 1: {scaling}.",
        from_start=True,
        change=change,
    )


def _better(m: Measurements, change: Change) -> bool:
    """Whether a rerun with standardised targets explains clearly more of y."""
    before, after = m.reruns.baseline, m.reruns.of(change)
    if before is None or after is None:
        return False
    return after.training.r2 >= before.training.r2 + MORE_EXPLAINED
