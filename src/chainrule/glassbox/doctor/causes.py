"""What explains what: an effect of a cause that was found is not a second finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chainrule.glassbox.doctor.finding import Finding, Kind

__all__ = ["ranked"]

LAYERS: frozenset[Kind] = frozenset(
    {"exploding gradients", "vanishing gradients", "saturated units", "dead units", "update-to-weight ratio"}
)
RATES: frozenset[Kind] = frozenset({"learning rate too high", "learning rate too low"})

OF_PROGRAM: frozenset[Kind] = (
    LAYERS | RATES | {"constant output", "overfitting", "imbalanced classes", "wrong output or loss", "wrong gradient"}
)

ALWAYS: dict[Kind, frozenset[Kind]] = {
    "failing step": OF_PROGRAM,
    "wrong gradient": OF_PROGRAM - {"wrong gradient"},
    "shuffled labels": LAYERS
    | RATES
    | {"constant output", "overfitting", "imbalanced classes", "wrong output or loss"},
    "unscaled inputs": LAYERS | RATES | {"constant output", "wrong output or loss"},
    "unscaled targets": LAYERS | RATES | {"constant output"},
    "wrong output or loss": LAYERS | RATES | {"constant output"},
    "imbalanced classes": frozenset({"constant output"}),
}
"""What lies in the program, in the rows, or in what is asked for, explains whatever the network makes of it."""

FROM_START: dict[Kind, frozenset[Kind]] = {
    "constant output": LAYERS | RATES | {"imbalanced classes"},
    "saturated units": LAYERS | RATES | {"constant output", "imbalanced classes"},
    "dead units": LAYERS | RATES | {"constant output", "imbalanced classes"},
    "exploding gradients": LAYERS | RATES | {"constant output", "imbalanced classes"},
    "vanishing gradients": LAYERS | RATES | {"constant output", "imbalanced classes"},
}
"""What was there before the first step explains what came of the steps."""

OF_STEPS: dict[Kind, frozenset[Kind]] = {
    "learning rate too high": LAYERS | {"constant output", "imbalanced classes"},
    "learning rate too low": frozenset(
        {"constant output", "imbalanced classes", "vanishing gradients", "update-to-weight ratio"}
    ),
    "saturated units": frozenset({"vanishing gradients", "constant output", "update-to-weight ratio"}),
    "dead units": frozenset({"vanishing gradients", "constant output", "update-to-weight ratio"}),
    "vanishing gradients": frozenset({"constant output", "update-to-weight ratio"}),
    "constant output": frozenset({"imbalanced classes"}),
}
"""What the steps did explains what came of it, as long as that was not there before them."""


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Causes first, in the order in which they are given, then their effects, each with the cause that explains it."""
    causes: list[Finding] = []
    effects: list[Finding] = []
    for finding in sorted(findings, key=_rank):
        cause = next((each for each in causes if _explains(each, finding)), None)
        if cause is None:
            causes.append(finding)
        else:
            effects.append(replace(finding, explained_by=cause.kind))
    return (*causes, *effects)


def _rank(finding: Finding) -> int:
    """What lies in the program, in the rows, what was there from the start, what the steps did."""
    if finding.kind in ("failing step", "wrong gradient"):
        return -1
    if finding.kind in ALWAYS and finding.kind != "imbalanced classes":
        return 0
    if finding.kind in FROM_START and finding.from_start:
        return 1 if finding.kind == "constant output" else 2
    return 3 if finding.kind in RATES else 4


def _explains(cause: Finding, effect: Finding) -> bool:
    if effect.kind in ALWAYS.get(cause.kind, ()):
        return True
    if cause.from_start and effect.kind in FROM_START.get(cause.kind, ()):
        return True
    return effect.kind in OF_STEPS.get(cause.kind, ()) and not (effect.from_start and effect.kind in FROM_START)
