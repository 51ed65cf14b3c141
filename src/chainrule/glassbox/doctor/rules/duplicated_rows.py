"""Rows that are learned and held out at once, which makes the held-out rows no test."""

from __future__ import annotations

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements

__all__ = ["DOUBLED", "FEWEST", "FEW_VALUES", "MORE_THAN_BY_CHANCE", "SHARED", "duplicated_rows"]

SHARED = 0.03
"""Share of the held-out rows that are training rows, too, from which on it is said. iris has one row twice, which can
be 1 of 30; the faulty tables of the proof share 10 % and more."""

FEWEST = 3
"""Rows that must be shared, so that one pair of twins is no finding."""

FEW_VALUES = 0.25
"""Where fewer different training rows than this share of them are left, columns have few values, and rows are equal by
chance: of a table that somebody has doubled or tripled, a third are."""

MORE_THAN_BY_CHANCE, DOUBLED = 2.0, 0.5
"""Where some training rows are equal by chance, as many times that share must be shared; not so where more than half of
them are, as in a table that was doubled before it was split."""


def duplicated_rows(m: Measurements) -> Finding | None:
    """Held-out rows that are training rows, number by number."""
    shared, validation = m.shared_rows, m.case.validation
    if shared is None or validation is None:
        return None
    n, share = len(shared.validation), len(shared.validation) / len(validation)
    by_chance = shared.repeated < DOUBLED and share < MORE_THAN_BY_CHANCE * shared.repeated
    if n < FEWEST or share < SHARED or by_chance or shared.distinct < FEW_VALUES:
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
