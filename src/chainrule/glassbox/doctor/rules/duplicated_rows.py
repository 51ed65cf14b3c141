"""Rows that are learned and held out at once, which makes the held-out rows no test."""

from __future__ import annotations

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements

__all__ = ["FEWEST", "MORE_THAN_BY_CHANCE", "SHARED", "duplicated_rows"]

SHARED = 0.03
"""Share of the held-out rows that are training rows, too, from which on it is said. iris has one row twice, which can
be 1 of 30; the faulty tables of the proof share 10 % and more."""

FEWEST = 3
"""Rows that must be shared, so that one pair of twins is no finding."""

MORE_THAN_BY_CHANCE = 2.0
"""Where columns have few values, rows are equal by chance, within the training rows as well: as many times that share
must be shared."""


def duplicated_rows(m: Measurements) -> Finding | None:
    """Held-out rows that are training rows, number by number."""
    shared, validation = m.shared_rows, m.case.validation
    if shared is None or validation is None:
        return None
    n, share = len(shared.validation), len(shared.validation) / len(validation)
    if n < FEWEST or share < SHARED or (shared.repeated < 1 and share < MORE_THAN_BY_CHANCE * shared.repeated):
        return None
    first = shared.validation[0]
    change = None
    if m.case.learner is None and len(shared.training) < len(m.reruns.rows) == len(m.case.rows):
        change = Change("training without the shared rows", left_out=shared.training)
    return Finding(
        "duplicated rows",
        "held-out rows",
        share,
        f"{n} of the {len(validation)} held-out rows ({share:.0%}) are training rows, too (the first is row {first}, "
        "counted from 0): they measure what was learned by heart, and the figures on them are too good.",
        "Drop repeated rows before the split, such as by np.unique(x, axis=0, return_index=True).",
        from_start=True,
        change=change,
    )
