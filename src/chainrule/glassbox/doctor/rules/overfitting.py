"""A network that learns its training rows by heart, and gets worse on others."""

from __future__ import annotations

import math

import numpy as np

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements

__all__ = ["APART", "FAR_APART", "FEWEST_ROWS", "LEAST_J", "MUCH_J", "RISEN", "overfitting"]

RISEN = 1.15
"""How many times its lowest value the validation's J must end at. In the faulty fits of the tuning seeds it was 1.08 to
3.2 times. Healthy ones, too, may rise, mostly to at most 1.5 times, where J is next to nothing: see LEAST_J."""

APART = 2.0
"""How many times the training rows' J it must be besides: a validation that only jumps about is no overfitting."""

FAR_APART, MUCH_J = 10.0, 0.2
"""Where J has not risen much, it must be so many times the training rows' J, and such a share of what a constant gives:
the rows are known by heart then, and others hardly better than guessed."""

LEAST_J = 0.15
"""Share of what a constant gives that the held-out rows' J must have reached: below, a rise is of no account."""

FEWEST_ROWS = 20
"""Fewer held-out rows say little."""


def overfitting(m: Measurements) -> Finding | None:
    """A J of held-out rows that has risen since its best epoch while that of the training rows fell."""
    validation, held_out = m.case.validation, m.held_out
    if validation is None or held_out is None or len(validation) < FEWEST_ROWS or m.case.learner is not None:
        return None
    by_epoch = m.validation_by_epoch
    if len(by_epoch) < 2 or not np.isfinite(by_epoch).all() or not math.isfinite(held_out.J):
        return None
    best = int(np.argmin(by_epoch))
    risen = held_out.J / max(float(by_epoch[best]), 1e-12)
    apart = held_out.J / max(m.training.J, 1e-12)
    worse = risen >= RISEN and apart >= APART and LEAST_J * m.constant_J <= held_out.J
    by_heart = apart >= FAR_APART and MUCH_J * m.constant_J <= held_out.J
    if not worse and not by_heart:
        return None
    return Finding(
        "overfitting",
        "held-out rows",
        risen,
        f"The network learns its rows by heart: J on the held-out rows was lowest in epoch {best + 1} "
        f"({by_epoch[best]:.3g}) and is {held_out.J:.3g} now, {risen:.1f} times as much, while J on the training rows "
        f"is {m.training.J:.2g}.",
        "Stop at the best epoch, callbacks=[EarlyStopping()]; fewer units, l2, Dropout or more rows help, too.",
        change=Change("EarlyStopping, by the same held-out rows", early_stopping=True),
    )
