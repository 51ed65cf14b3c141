"""What is no mistake of a gradient, and yet good to know: dead units, functions that overwrite, rounding, one row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.finding import Finding, line_of
from chainrule.glassbox.gradient_check.learner_subject import LearnerSubject
from chainrule.glassbox.gradient_check.network_subject import NetworkSubject
from chainrule.glassbox.gradient_check.sentences import and_joined
from chainrule.network.records import ForwardRecord

__all__ = ["mixed_rows", "remarks_on"]

MOST_UNITS = 8
"""So many units are named; more are counted."""


def remarks_on(
    subject: NetworkSubject | LearnerSubject,
    claimed: Array,
    dtype: np.dtype[np.floating],
    said: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Remarks on a network, its rows, and the gradient that it claims; none of the kinds that are said already."""
    if isinstance(subject, LearnerSubject):
        z, _ = subject.network.forward(subject.x)
        found = (
            *_rows(subject),
            *_overwriting(subject),
            *mixed_rows(subject, z),
            *_one_row(subject),
            *_dead(z, subject, claimed),
        )
        return tuple(finding for finding in found if finding.kind not in said)
    record = ForwardRecord.of(subject.objective.architecture, subject.caches)
    return (*_dead(record.z, subject, claimed), *_rounding(subject, claimed, dtype))


def _dead(z: Mapping[int, Array], subject: NetworkSubject | LearnerSubject, claimed: Array) -> Iterator[Finding]:
    """Hidden units through which nothing comes back for any of these rows."""
    for i in sorted(z)[:-1]:
        slot = subject.layout[f"w[{i - 1}]"]
        below = (z[i] < 0).all(axis=0)
        without = ~slot.view(claimed).reshape(-1, z[i].shape[-1]).any(axis=0)
        units = np.flatnonzero(below & without)
        if len(units) == 0:
            continue
        few = [str(unit) for unit in units[:MOST_UNITS]]
        more = f" and {len(units) - MOST_UNITS} more" if len(units) > MOST_UNITS else ""
        which = f"unit {few[0]}" if len(units) == 1 else f"units {', '.join(few) if more else and_joined(few)}{more}"
        n = len(z[i])
        lets, its = ("lets", "its z is") if len(units) == 1 else ("let", "their z are")
        rows = "this row" if n == 1 else f"any of these {n} rows"
        yield Finding(
            "dead units",
            f"In layer {i}, {which} of {z[i].shape[-1]} (counted from 0) {lets} nothing through for {rows}: {its} "
            f"below 0. So w[{i - 1}] and b[{i - 1}] have the gradient 0 there: no mistake, but nothing to learn from.",
            (f"w[{i - 1}]", f"b[{i - 1}]"),
            float(len(units)),
        )


def _rounding(subject: NetworkSubject, claimed: Array, dtype: np.dtype[np.floating]) -> Iterator[Finding]:
    """How far the gradient in the network's own dtype is from that in float64."""
    if dtype == subject.theta.dtype:
        return
    with np.errstate(all="ignore"):
        own = replace(
            subject,
            theta=subject.theta.astype(dtype),
            state=subject.state.astype(dtype),
            rows=LabelledRows(
                subject.inputs.astype(dtype),
                subject.rows.y.astype(dtype),
                None if subject.rows.weights is None else subject.rows.weights.astype(dtype),
            ),
        )
        length = float(np.linalg.norm(claimed))
        noise = float(np.linalg.norm(own.claimed_gradient() - claimed)) / length if length else 0.0
    if not np.isfinite(noise):
        yield Finding(
            "rounding",
            f"In {dtype}, in which this network computes, numbers on the way to this gradient are too large and become "
            "infinite or NaN. Scale x, or make the network with dtype=float.",
            (),
            noise,
        )
        return
    yield Finding(
        "rounding",
        f"In {dtype}, in which this network computes, the gradient differs from this one in float64 by {noise:.1e} of "
        "its length: rounding, and no mistake.",
        (),
        noise,
    )


def _overwriting(subject: LearnerSubject) -> Iterator[Finding]:
    for i, activation in subject.network.activations.items():
        if any(activation.given is subject.network.activations[j].given for j in range(2, i)):
            continue
        for sentence in activation.remarks:
            name = "prime" if f"{activation.name}.prime" in sentence else "activation"
            yield Finding("overwriting", sentence, (), 1.0, line_of(getattr(activation.given, name)))


def mixed_rows(subject: LearnerSubject, z: Mapping[int, Array]) -> Iterator[Finding]:
    """Activations of which a row's output depends on the other rows, as of a softmax over the wrong axis."""
    for i, activation in subject.network.activations.items():
        rows = np.concatenate([z[i][:1], z[i][:1] + 1])
        alone, together = activation.f(rows[:1])[0], activation.f(rows)[0]
        difference = float(np.abs(alone - together).max())
        if difference > 1e-9 * float(np.abs(together).max()):
            yield Finding(
                "rows mixed",
                f"{activation.name}.activation of layer {i} gives a row another a when another row is beside it (it "
                f"differs by {difference:.2g}): rows have nothing to do with each other. Of a softmax, the sum is over "
                "the outputs of each row, e.sum(axis=1, keepdims=True).",
                (),
                difference,
                line_of(activation.given.activation),
            )


def _rows(subject: LearnerSubject) -> Iterator[Finding]:
    for sentence in subject.of_rows:
        yield Finding("y reshaped", sentence, (), 1.0)


def _one_row(subject: LearnerSubject) -> Iterator[Finding]:
    if len(subject.x) == 1:
        yield Finding(
            "one row",
            "With one row, a sum over the rows is also their mean: give two or more, to see the difference.",
            (),
            1.0,
        )
