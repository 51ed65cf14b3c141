"""Units of bounded activations that are so far out that nothing passes back through them."""

from __future__ import annotations

from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules.usual_layers import usual_start
from chainrule.glassbox.doctor.signals import SATURATED, Signals

__all__ = ["MOST_SATURATED", "saturated_units"]

MOST_SATURATED = 0.5
"""Share of the units and rows of a layer that may be saturated. In the healthy fits of the tuning seeds at most 0.29
were, in the faulty ones at least 0.71."""


def saturated_units(m: Measurements) -> Finding | None:
    """A hidden layer most of which is flat where its rows are."""
    number, share = _most(m.now)
    if m.learned or share < MOST_SATURATED:
        return None
    from_start = m.start is not None and _most(m.start)[1] >= MOST_SATURATED
    activation = m.activations[number]
    remedy, change = usual_start(m)
    since = ", before the first step already" if from_start else ""
    return Finding(
        "saturated units",
        f"layer {number}",
        share,
        f"Layer {number} is saturated: for {share:.0%} of its units and rows, the slope of {activation} is below "
        f"{SATURATED:.0%} of its steepest{since}, so that next to nothing of the error passes back through them.",
        remedy,
        from_start=from_start,
        change=change,
    )


def _most(signals: Signals) -> tuple[int, float]:
    """The hidden layer that is saturated most, and how much."""
    return max(
        ((layer.number, layer.saturated) for layer in signals.hidden), key=lambda pair: pair[1], default=(0, 0.0)
    )
