"""What the doctor found, and what came of trying the remedy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from chainrule.data.rows import counted
from chainrule.glassbox.doctor.change import Change

__all__ = ["Finding", "Kind", "Measure", "Trial"]

Kind: TypeAlias = Literal[
    "failing step",
    "wrong gradient",
    "unscaled inputs",
    "unscaled targets",
    "wrong output or loss",
    "shuffled labels",
    "exploding gradients",
    "vanishing gradients",
    "saturated units",
    "dead units",
    "learning rate too high",
    "learning rate too low",
    "imbalanced classes",
    "constant output",
    "update-to-weight ratio",
    "overfitting",
    "duplicated rows",
    "J does not fall",
]

HEADINGS: dict[Kind, str] = {"shuffled labels": "Labels unrelated to the inputs"}
"""What a report calls a kind, where that says more than its name."""

Measure: TypeAlias = Literal["J", "accuracy", "balanced accuracy", "R2"]

CLEAR_SHARE = 0.02
"""By how much an accuracy or R2 must rise for a change to have helped: less may be the luck of one order of rows. It is
one row of 50."""

CLEAR_J = 0.95
"""Times the J before, below which J has clearly fallen, for the same reason."""


@dataclass(frozen=True)
class Trial:
    """A remedy, tried: the same fit from the same start, once as it was and once changed.

    Attributes
    ----------
    change : str
        What was changed, as it is typed.
    measure : {"J", "accuracy", "balanced accuracy", "R2"}
        What was measured.
    rows : {"held-out rows", "training rows"}
        On which rows.
    epochs : int
        How long both went.
    before, after : float
        Without the change, and with it; infinite where J was not finite.
    """

    change: str
    measure: Measure
    rows: str
    epochs: int
    before: float
    after: float

    @property
    def helped(self) -> bool:
        """Whether the change made a clear difference, for the better."""
        if math.isnan(self.after):
            return False
        if self.measure == "J":
            return self.after < CLEAR_J * self.before
        return math.isnan(self.before) or self.after >= self.before + CLEAR_SHARE

    def __str__(self) -> str:
        worse = self.after > self.before / CLEAR_J if self.measure == "J" else self.after < self.before - CLEAR_SHARE
        verdict = "it helped" if self.helped else "it made things worse" if worse else "it made no clear difference"
        return (
            f"{self.change}, in a rerun of {counted(self.epochs, 'epoch')} from the start: {self.measure} on the "
            f"{self.rows} {_shown(self.before, self.measure)} -> {_shown(self.after, self.measure)}: {verdict}."
        )


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    kind : str
        Its name, such as ``"dead units"``.
    where : str
        The place, such as ``"layer 2"``, ``"x, column 3"`` or ``"y"``.
    number : float
        The number that shows it, which `sentence` explains.
    sentence : str
        What is wrong, in plain words.
    remedy : str
        What to change.
    trial : Trial or None
        What the change gave in a short rerun; None where it was not tried, or no rerun can show it.
    explained_by : str
        The kind of another finding of which this one is an effect; empty for a cause.
    from_start : bool
        Whether it was so before the first step already, so that training did not bring it about.
    change : Change or None
        The remedy, for a rerun.
    """

    kind: Kind
    where: str
    number: float
    sentence: str
    remedy: str
    trial: Trial | None = None
    explained_by: str = ""
    from_start: bool = False
    change: Change | None = field(default=None, repr=False, compare=False)

    @property
    def heading(self) -> str:
        """What it is called in a report, with the place."""
        return f"{HEADINGS.get(self.kind, self.kind[0].upper() + self.kind[1:])} ({self.where})"

    def data(self) -> dict[str, Any]:
        """Everything but the change, as data that JSON can hold."""
        trial = self.trial
        tried = None if trial is None else {**vars(trial), "helped": trial.helped}
        names = ("kind", "where", "number", "sentence", "remedy", "explained_by")
        return {**{name: getattr(self, name) for name in names}, "trial": tried}


def _shown(value: float, measure: Measure) -> str:
    if not math.isfinite(value):
        return "none"
    return f"{value:.4g}" if measure == "J" else f"{value:.3f}"
