"""Steps that are too short: J is still on its way when the fit ends."""

from __future__ import annotations

import math

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.reruns import Rerun

__all__ = ["LARGER", "LITTLE", "SHORT_STEP", "UNFINISHED", "learning_rate_low"]

UNFINISHED = 0.3
"""Share of what a constant gives below which J is low enough not to ask for more."""

LARGER = (10.0, 100.0, 1_000.0, 10_000.0)
"""Factors on the learning rate that are tried, each as long as the one before did better."""

LITTLE = 0.5
"""J must have gone less than this share of the way that larger steps take it in as many epochs, for the steps to have
been too short. In the healthy fits of the tuning seeds it had gone at least 0.59 of it, beside ten times the rate; in
the faulty ones at most 0.05, beside the rate that did best."""

SHORT_STEP = 3e-4
"""Share of its weights' size below which a step at the start is so clearly short that it is said besides: a third of
what is usual."""


def learning_rate_low(m: Measurements) -> Finding | None:
    """J that falls more than twice as far with ten times the learning rate, in the same number of epochs."""
    if m.remaining < UNFINISHED or m.case.diverged or m.case.stopped:  # a fit that was ended had come to its end
        return None
    before = m.reruns.baseline
    if before is None or before.diverged:
        return None
    best, change = _larger(m, before)
    start = m.constant_J
    if change is None or not math.isfinite(best) or start <= best:
        return None
    share = (start - before.training.J) / (start - best)
    if share >= LITTLE:
        return None
    moves = max(m.update_ratios.values(), default=math.nan)
    step = f" At the start, a step changes weights by {moves:.1e} of their size; about 1e-3 is usual."
    return Finding(
        "learning rate too low",
        "learning_rate",
        max(0.0, share),
        f"{m.case.recipe.rate_in_words} is too low, or {m.reruns.epochs} epochs are too few: J comes to "
        f"{before.training.J:.3g}, and with {change.text} to {best:.3g} in as many epochs (a constant output gives "
        f"{start:.3g})." + (step if moves < SHORT_STEP else ""),
        f"Take larger steps: {change.text}.",
        change=change,
    )


def _larger(m: Measurements, before: Rerun) -> tuple[float, Change | None]:
    """The lowest J that larger steps come to, and the steps; none that are worse for rows that were held out."""
    best, change = before.training.J, None
    for factor in LARGER:
        tried = Change(m.case.recipe.rate_times(factor), rate_factor=factor)
        after = m.reruns.of(tried)
        if after is None or after.diverged or best <= after.training.J or _worse_on_others(before, after):
            break
        best, change = after.training.J, tried
    return best, change


def _worse_on_others(before: Rerun, after: Rerun) -> bool:
    """Whether larger steps only bring the training rows nearer, and not those that were held out."""
    return before.held_out is not None and after.held_out is not None and after.held_out.J >= before.held_out.J
