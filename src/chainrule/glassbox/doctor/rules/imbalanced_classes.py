"""A class so rare that the network does without it."""

from __future__ import annotations

from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements

__all__ = ["MISSED", "RARE", "imbalanced_classes"]

RARE = 0.3
"""A class is rare where it has less than this share of the rows that it would have if all had as many: 15 % of the rows
for two classes, 3 % for ten."""

MISSED = 0.6
"""Share of the training rows of the rare class that must be recognised for nothing to be said: a rare class is no fault
where it is learned. On the tuning seeds five of six networks with a rare class knew at most 0.33 of it; the sixth knew
0.61, and is left in peace."""


def imbalanced_classes(m: Measurements) -> Finding | None:
    """A rare class that is missed more often than the others."""
    loss = m.case.recipe.loss
    if m.labels is None or len(m.recalls) < 2:
        return None
    n, k = len(m.labels), len(m.recalls)
    rare = {c: recall for c, recall in m.recalls.items() if m.class_counts[c] < RARE * n / k}
    if not rare:
        return None
    c, recall = min(rare.items(), key=lambda pair: pair[1])
    common = max(m.recalls, key=lambda each: int(m.class_counts[each]))
    if recall >= MISSED or m.recalls[common] <= recall:
        return None
    share = float(m.class_counts[c] / n)
    change = None
    remedy = "Give its rows more weight, or collect more of them."
    if loss.target in ("class", "binary") and m.case.learner is None:
        change = Change('class_weight="balanced"', balanced=True)
        remedy = 'Let every class count alike: fit(..., class_weight="balanced").'
    return Finding(
        "imbalanced classes",
        f"class {m.case.class_name(c)}",
        share,
        f"Class {m.case.class_name(c)} has {int(m.class_counts[c])} of {n} rows ({share:.1%}), and the network knows "
        f"{recall:.0%} of them, against {m.recalls[common]:.0%} of class {m.case.class_name(common)}: to leave "
        "the rare class out costs J next to nothing.",
        remedy,
        from_start=True,
        change=change,
    )
