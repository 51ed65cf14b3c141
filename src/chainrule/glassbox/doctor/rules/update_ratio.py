"""Layers whose weights a step hardly moves, or throws over."""

from __future__ import annotations

from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules.usual_layers import usual_start

__all__ = ["NOT_LEARNED", "STILL", "TOSSED", "update_ratio"]

STILL = 1e-5
"""Share of its weights' size that a step must move a layer by: about a thousandth is usual, and at this share ten
thousand steps are needed for a tenth. On the tuning seeds, healthy fits had at least 1e-3."""

TOSSED = 0.5
"""Share above which each step replaces the weights rather than mending them; at most 0.21 in healthy fits."""

NOT_LEARNED = 0.5
"""Where J is below this share of what a constant gives, the ratios do no harm worth telling."""


def update_ratio(m: Measurements) -> Finding | None:
    """A layer whose update-to-weight ratio is far from a thousandth."""
    if m.remaining < NOT_LEARNED or not m.update_ratios:
        return None
    slowest = min(m.update_ratios, key=lambda i: m.update_ratios[i])
    fastest = max(m.update_ratios, key=lambda i: m.update_ratios[i])
    if m.update_ratios[slowest] < STILL:
        i, what = slowest, "hardly moves: this layer stays as it started"
    elif m.update_ratios[fastest] > TOSSED:
        i, what = fastest, "is nearly replaced by every step: what one batch taught, the next one undoes"
    else:
        return None
    ratio = m.update_ratios[i]
    remedy, change = usual_start(m)
    moves = f"moves w[{i}] by {ratio:.2g} of its size" if ratio else f"does not move w[{i}] at all"
    return Finding(
        "update-to-weight ratio",
        f"w[{i}]",
        ratio,
        f"At the start, one step {moves}, where about 1e-3 of it is usual; it {what}.",
        remedy,
        from_start=True,
        change=change,
    )
