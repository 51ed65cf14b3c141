"""A learner's program whose own fit leaves J where it was, for no reason that any other rule knows."""

from __future__ import annotations

import math

from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.own_gradient import SEE
from chainrule.glassbox.doctor.scores import scores

__all__ = ["STAYS", "not_falling"]

STAYS = 0.98
"""Share of what a constant gives from which on J has stayed there: the mean of y alone gives 1."""


def not_falling(m: Measurements) -> Finding | None:
    """J that rises over its own fit, or stays at what always giving the mean of y costs.

    It says nothing of why, so it is asked only where nothing else was found.
    """
    if m.case.learner is None or m.remaining < STAYS:
        return None
    after, start = m.reruns.baseline, m.start_network
    if after is None or m.constant_J <= 0 or not STAYS * m.constant_J <= after.training.J:
        return None
    before = math.nan if start is None else scores(start, m.sample, m.case.recipe.loss, None).J
    epochs = f"{m.reruns.epochs} epoch{'' if m.reruns.epochs == 1 else 's'}"
    came = f"J rises from {before:.3g} to" if before < after.training.J else "J comes to no less than"
    return Finding(
        "J does not fall",
        "fit",
        after.training.J / m.constant_J,
        f"In {epochs} of its own fit from new weights, {came} {after.training.J:.3g}, and always giving the mean of y "
        f"costs {m.constant_J:.3g}.",
        _remedy(m),
    )


def _remedy(m: Measurements) -> str:
    fit = "whether fit puts the rows of x and y into the same order, and hands each step rows and answers that belong"
    if m.own_gradient.agrees:
        return f"On a few rows the gradient is right, so look at {fit} together; or take more epochs, if they are few."
    return f"See {SEE}; look at {fit} together; or take more epochs, if they are few."
