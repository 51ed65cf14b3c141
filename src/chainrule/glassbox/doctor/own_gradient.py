"""The gradient of a learner's own program, compared with J's differences on a few rows before anything else is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.doctor.case import Case
from chainrule.glassbox.doctor.encoded_rows import some_rows
from chainrule.glassbox.doctor.learner_fit import LearnerFit
from chainrule.glassbox.gradient_check import Finding, GradientCheck, check_gradients
from chainrule.glassbox.learner_network.own_code import named_attribute
from chainrule.network.sparse_rows import dense

__all__ = ["OwnGradient", "own_gradient"]

FEW_ROWS = 8
"""Rows of the check: a mistake in a gradient shows on any few."""

MOST_PARAMETERS = 20_000
"""Beyond so many, the check, which moves each of them twice, would take longer than the reruns."""

NUDGE = 0.1
"""Standard deviation of what is added to the biases: at 0, a row of zeros puts every unit at the kink of a ReLU."""

NO_OBSTACLE = {
    "factor": "a constant factor",
    "bias gradient averaged": "db as a mean over the rows",
    "weight gradient averaged": "dw as a mean over the rows",
    "derivative at a": "a derivative at a in the place of z",
    "rows mixed": "rows that enter each other's outputs",
}
"""What makes a gradient another one than J's, and lets J fall all the same: the published program has the first three
of such. A factor below 0 is none of these."""

WRONG_SIGN = "sign is wrong"
"""What the sentence of a constant factor says where it is below 0, besides others."""

SEE = "check_gradients(network, x, y, loss)"


@dataclass(frozen=True, eq=False)
class OwnGradient:
    """What came of the check.

    Attributes
    ----------
    check : GradientCheck or None
        Its outcome; None where there is none.
    failure : str
        The sentence with which a step failed; empty where it did not.
    remark : str
        Why there was no check, or what is no obstacle to learning; empty where nothing is to be said.
    """

    check: GradientCheck | None = None
    failure: str = ""
    remark: str = ""

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The mistakes that are in the way of learning, the first of the backward pass first."""
        return () if self.check is None else tuple(each for each in self.check.reading if _in_the_way(each))

    @property
    def agrees(self) -> bool:
        """Whether there was a check, and the gradient is that of J."""
        return self.check is not None and self.check.agrees


def own_gradient(case: Case) -> OwnGradient:
    """Check the gradient of a learner's own class on a few rows; nothing is checked of chainrule's own networks.

    It is checked at starting weights, on copies: where a fit went wrong, outputs may be so far out that every gradient
    is next to nothing, and right and wrong ones agree.
    """
    learner = case.learner
    if learner is None or not _has_step(learner):
        return OwnGradient()
    size = case.network.theta.size
    if size > MOST_PARAMETERS:
        return OwnGradient(
            remark=f"The gradient was not checked, as {size:,} parameters would take long: {SEE} does it."
        )
    rows = some_rows(case.rows, FEW_ROWS)
    start = learner.started()
    rng = np.random.default_rng(0)
    for i, b in start.b.items():
        start.b[i] = b + rng.normal(0, NUDGE, np.shape(b))
    try:
        check = check_gradients(start, dense(rows.x), rows.y, learner.loss)
    except InvalidType as error:
        return OwnGradient(failure=str(error))
    except InvalidArgument as error:
        return OwnGradient(remark=f"The gradient was not checked: {error}")
    found = OwnGradient(check)
    return found if found.wrong or check.agrees else OwnGradient(check, remark=_harmless(check.reading))


def _has_step(learner: LearnerFit) -> bool:
    """Whether there is a step of its own to look at, and a loss to take it with."""
    has = all(callable(named_attribute(learner.given, name)) for name in ("_feed_forward", "_back_prop"))
    return has and isinstance(learner.loss, type)


def _in_the_way(finding: Finding) -> bool:
    return finding.kind not in NO_OBSTACLE or WRONG_SIGN in finding.sentence


def _harmless(reading: Sequence[Finding]) -> str:
    how = dict.fromkeys(NO_OBSTACLE[finding.kind] for finding in reading)
    why = f", by what lets J fall all the same: {', '.join(how)}" if how else ""
    return f"A step takes away something else than the gradient of J{why}. {SEE} shows where."
