"""Gradients that get lost on their way back, so that the first layers do not learn."""

from __future__ import annotations

from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules.usual_layers import usual_layers

__all__ = ["VANISHED", "vanishing"]

VANISHED = 3e-3
"""What share of the last delta must arrive at delta[2]. Xavier's and He's weights keep it near 1 in ReLU and tanh
networks; each sigmoid layer takes at least three quarters. In the healthy fits of the tuning seeds at least 0.065
arrived, in the faulty ones at most 0.00015."""


def vanishing(m: Measurements) -> Finding | None:
    """delta[2] that is next to nothing beside the last delta, now, or before the first step already."""
    if m.learned:
        return None
    start = None if m.start is None else m.start.gradient_ratio
    now = m.now.gradient_ratio
    from_start = start is not None and start < VANISHED
    ratio = start if from_start and not now < VANISHED else now
    if ratio is None or not ratio < VANISHED:
        return None
    last = m.now.layers[-1].number
    remedy, change = usual_layers(m)
    return Finding(
        "vanishing gradients",
        "layer 2",
        ratio,
        f"The gradient vanishes: delta[2] is {ratio:.2g} times as large as delta[{last}], so that w[1] hardly learns. "
        f"Each of the {len(m.now.hidden)} hidden layers multiplies it by its slope f'(z) and its weights.",
        remedy,
        from_start=from_start,
        change=change,
    )
