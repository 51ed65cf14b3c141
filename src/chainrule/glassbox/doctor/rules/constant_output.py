"""A network that gives the same for every row."""

from __future__ import annotations

import numpy as np

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules.usual_layers import usual_start

__all__ = ["NEARLY_CONSTANT", "PENALTY_AT_FAULT", "constant_output"]

NEARLY_CONSTANT = 0.05
"""How much the outputs may differ from row to row, as a share of how much y does. In the healthy fits of the tuning
seeds it was at least 0.47, in the faulty ones next to 0."""

PENALTY_AT_FAULT = 0.7
"""Without the penalty, J must come down to at most this share for the penalty to be at fault."""


def constant_output(m: Measurements) -> Finding | None:
    """Outputs that hardly differ from row to row."""
    spread = m.output_spread
    if not spread < NEARLY_CONSTANT:
        return None
    alike = _alike(m)
    change: Change | None = None
    if alike:
        cause = f" All units of layer {alike + 1} start with the same weights, get the same gradient and stay alike."
        remedy, change = usual_start(m)
    elif (change := _without_penalty(m)) is not None:
        cause = " The penalty on the weights is so strong that it holds them near 0."
        remedy = "Take a smaller penalty (l1, l2), or none."
    else:
        cause = ""
        remedy = "Look at the learning rate, and at whether x says anything about y."
    return Finding(
        "constant output",
        f"layer {max(m.activations)}",
        spread,
        f"The output is nearly the same for every row: it varies {spread:.1%} as much as y does.{cause}",
        remedy,
        from_start=change is not None,  # the start, or what was asked for, and not the steps
        change=change,
    )


def _alike(m: Measurements) -> int:
    """The number i of the first w[i] into several units whose columns all start equal; 0 for none."""
    start = m.start_network
    if start is None:
        return 0
    for i, w in start.w.items():
        if w.shape[1] > 1 and i < len(start.w) and bool((w == w[:, :1]).all()):
            return i
    return 0


def _without_penalty(m: Measurements) -> Change | None:
    """Leaving the penalty out, where that is what is needed."""
    penalty = m.case.recipe.penalty
    if not (penalty.l1 or penalty.l2):
        return None
    change = Change("no penalty (l1=0, l2=0)", without_penalty=True)
    before, after = m.reruns.baseline, m.reruns.of(change)
    if before is None or after is None or not np.isfinite(after.training.J):
        return None
    return change if after.training.J <= PENALTY_AT_FAULT * before.training.J else None
