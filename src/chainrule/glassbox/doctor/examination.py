"""Examining a fit that is over: the rules, the ranking of what they found, and the remedies, tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chainrule.data.rows import counted
from chainrule.functions.losses import LossLike
from chainrule.glassbox.doctor.case import Case
from chainrule.glassbox.doctor.causes import ranked
from chainrule.glassbox.doctor.diagnosis import Diagnosis
from chainrule.glassbox.doctor.finding import Finding, Measure
from chainrule.glassbox.doctor.fitted_case import fitted_case
from chainrule.glassbox.doctor.given_fit import FitSettings, GivenRows
from chainrule.glassbox.doctor.learner_case import learner_case
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules import OF_THE_PROGRAM, OF_THE_RATE, RULES, WHERE_NOTHING_ELSE
from chainrule.glassbox.learner_network.own_code import named_attribute
from chainrule.model import Network
from chainrule.optimizers import OptimizerLike
from chainrule.optimizers.schedules import Schedule
from chainrule.validation import yes_or_no

__all__ = ["diagnose", "examined"]

LOOKED_AT = (
    "the size of the inputs and targets",
    "output and loss",
    "whether y belongs to x",
    "dead and saturated units",
    "signals and gradients by layer",
    "rare classes",
    "constant outputs",
)

NO_VALIDATION = (
    "No rows were held out, so overfitting and repeated rows were not looked at: give validation=(x, y) for that."
)


def diagnose(
    model: Any,
    x: Any,
    y: Any,
    loss: LossLike | type[Any] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | Schedule | None = None,
    *,
    optimizer: OptimizerLike | None = None,
    l1: float | None = None,
    l2: float | None = None,
    sample_weight: Any = None,
    class_weight: Any = None,
    validation: tuple[Any, ...] | None = None,
    schedules: Mapping[str, Schedule] | None = None,
    shuffle: bool = True,
    trials: bool = True,
) -> Diagnosis:
    """Find out what is wrong with a fit: each finding a sentence, with its number, the remedy, and what that gave.

    Give the rows and the settings of its `fit`, by the same names, so that reruns are like it. Reruns start anew from
    the network's seed, and take seconds: see `chainrule.glassbox.doctor.reruns`.

    Parameters
    ----------
    model : Network, fitted estimator of chainrule, or a network written as in the post
        Stays as it is. A network written as in the post is rerun by its own ``fit``.
    x, y : array-like
        The rows that it learned.
    loss, epochs, batch_size, learning_rate, optimizer, l1, l2, sample_weight, class_weight, schedules, shuffle
        As in `Network.fit`. What the network knows of its last fit is taken by default: loss, epochs, batch size,
        penalty, optimizer and learning rate. A network that was loaded from a model file knows but its loss. One
        written as in the post knows but its loss and its learning rate, and takes what the post's ``fit`` takes: 10
        epochs and batches of 32 rows by default.
    validation : tuple (x, y), optional
        Rows that were held out; with them, overfitting and repeated rows are looked at, and remedies are judged.
    trials : bool
        Whether remedies are tried.

    Returns
    -------
    Diagnosis
        Printed, a short report.

    Raises
    ------
    InvalidArgument, InvalidType
        If something does not fit, or the network was taught otherwise than these settings say.
    """
    yes_or_no("trials", trials)
    inner = named_attribute(model, "network_")
    network = inner if isinstance(inner, Network) else model
    settings = FitSettings(loss, epochs, batch_size, learning_rate, optimizer, l1, l2, schedules, shuffle)
    rows = GivenRows(x, y, sample_weight, class_weight, validation)
    case_of = fitted_case if isinstance(network, Network) else learner_case
    return examined(case_of(network, rows, settings), trials=trials)


def examined(case: Case, *, trials: bool = True) -> Diagnosis:
    """What the rules find in a case; with `trials`, the remedies of causes are tried."""
    measurements = Measurements(case)
    found = _found(measurements)
    causes = tuple(finding for finding in found if not finding.explained_by)
    effects = tuple(finding for finding in found if finding.explained_by)
    if trials:
        causes, effects = _all_tried(causes, effects, measurements)
    remarks = [NO_VALIDATION] if case.validation is None else []
    remarks += [measurements.reruns.obstacle] if measurements.reruns.obstacle else []
    remarks += _of_own_gradient(measurements, causes)
    remarks += case.remarks
    return Diagnosis(
        _heading(case, causes),
        causes,
        effects,
        tuple(_looked_at(measurements)),
        tuple(remarks),
    )


def _of_own_gradient(m: Measurements, causes: Sequence[Finding]) -> Iterator[str]:
    """What the check of a learner's own gradient leaves to be known, where it is no finding."""
    own = m.own_gradient
    if own.remark:
        yield own.remark
    elif own.failure and not any(cause.kind == "failing step" for cause in causes):
        yield f"The gradient was not checked: {own.failure}"


def _found(m: Measurements) -> tuple[Finding, ...]:
    """What the rules find, ranked: of a learner's own program first, and of its learning rate only if that is right."""
    of_program = [finding for rule in OF_THE_PROGRAM if (finding := rule(m)) is not None]
    rules = [rule for rule in RULES if not (of_program and rule in OF_THE_RATE)]
    found = [*of_program, *(finding for rule in rules if (finding := rule(m)) is not None)]
    if not found and (last := WHERE_NOTHING_ELSE(m)) is not None:
        found = [last]
    return ranked(found)


def _looked_at(m: Measurements) -> Iterator[str]:
    """What the rules could look at, of this case."""
    yield from LOOKED_AT
    if m.own_gradient.agrees:
        yield "the gradient of its own steps"
    if not m.reruns.obstacle:
        yield "the learning rate"
    if m.update_ratios:
        yield "update-to-weight ratios"
    if m.case.validation is not None:
        yield "rows that are both learned and held out"
        if m.case.learner is None:
            yield "overfitting"


def _heading(case: Case, causes: Sequence[Finding]) -> str:
    n = len(case.rows)
    rows = f"{n:,} row{'' if n == 1 else 's'}"
    if case.validation is not None:
        rows += f", {len(case.validation):,} held out"
    return f"{case.title}, {rows}: {counted(len(causes), 'finding') if causes else 'no findings'}."


def _all_tried(
    causes: Sequence[Finding], effects: Sequence[Finding], m: Measurements
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The remedies of the causes, tried. Where one does not help, those of its effects are.

    An effect whose own remedy helps is a finding of its own: something else is wrong besides.
    """
    found: list[Finding] = []
    left = list(effects)
    for cause in (_tried(each, m) for each in causes):
        found.append(cause)
        if cause.trial is None or cause.trial.helped:
            continue
        for effect in [each for each in left if each.explained_by == cause.kind]:
            tried = _tried(effect, m)
            if tried.trial is not None and tried.trial.helped:
                left.remove(effect)
                found.append(replace(tried, explained_by=""))
    return tuple(found), tuple(left)


def _tried(finding: Finding, m: Measurements) -> Finding:
    if finding.change is None:
        return finding
    return replace(finding, trial=m.reruns.trial(finding.change, _measure(finding, m)))


def _measure(finding: Finding, m: Measurements) -> Measure:
    """What shows whether a remedy helped: J, but where that is of another loss, of other targets, or of classes."""
    change = finding.change
    if finding.kind == "imbalanced classes":
        return "balanced accuracy"
    if finding.kind == "overfitting":
        return "J"
    if change is not None and change.as_classes:
        return "accuracy"
    if change is not None and change.standardized_targets:
        return "R2"
    return m.reruns.measure
