"""A learner's program that cannot take a single step."""

from __future__ import annotations

from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements

__all__ = ["failing_step"]


def failing_step(m: Measurements) -> Finding | None:
    """A step that fails, with its own words; none where its own fit goes through all the same."""
    learner, failure = m.case.learner, m.own_gradient.failure
    if learner is None or not failure or (learner.can_fit and m.reruns.baseline is not None):
        return None
    return Finding(
        "failing step",
        f"{type(learner.given).__name__}._back_prop",
        1.0,
        f"The program cannot take a step, so nothing is learned: {failure}",
        "Mend that first; chainrule.trace(network, x, y, loss) shows how far a step comes.",
        from_start=True,
    )
