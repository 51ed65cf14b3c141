"""An output activation, or a loss, that does not suit the targets."""

from __future__ import annotations

import math

import numpy as np

from chainrule.functions.activations import Identity, Sigmoid, Softmax
from chainrule.functions.losses import BinaryCrossEntropy, CrossEntropy
from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.signals import shape_of
from chainrule.network.layer import Layer
from chainrule.network.layers import Dense

__all__ = ["BETTER_ACCURACY", "ERRORS", "HALVED", "MOST_CLASSES", "UNREACHABLE", "wrong_output"]

UNREACHABLE = 0.02
"""Share of the targets that the output activation cannot give, from which on it is wrong. It is a matter of
arithmetic, not of experience: the errors of these rows can never end. A few strays are left to other tools."""

ERRORS = 0.05
"""Share of wrong rows from which on it is asked whether cross-entropy would do better on classes."""

HALVED = 0.5
"""Cross-entropy must leave at most this share of the wrong rows, in as many epochs, for the loss to be at fault: a
little less may be the faster learning of any other loss."""

MOST_CLASSES = 20
"""Whole numbers from 0 up to one below this, all of which occur, may be the numbers of classes."""

BETTER_ACCURACY = 0.1
"""By how much more of the rows must be right when they are learned as classes, for whole numbers to have been classes:
grades and counts, which a line suits, gain less."""


def wrong_output(m: Measurements) -> Finding | None:
    """Targets out of reach, classes learned as numbers, or classes learned by a distance that leaves them stuck."""
    return _unreachable(m) or _classes_as_numbers(m) or _stuck_by_distance(m)


def _unreachable(m: Measurements) -> Finding | None:
    output, shape = m.case.output, shape_of(m.case.output)
    y = m.sample.y
    slack = 1e-6 * (1 + np.abs(y))
    outside = float(((y < shape.lowest - slack) | (y > shape.highest + slack)).mean())
    if m.case.recipe.loss.target != "value" or outside < UNREACHABLE:
        return None
    high = " up" if math.isinf(shape.highest) else f" to {shape.highest:.3g}"
    layers = _with_output(m, m.case.network.architecture.n_out, Identity())
    return Finding(
        "wrong output or loss",
        f"layer {max(m.activations)}",
        outside,
        f"{output} gives numbers from {shape.lowest:.3g}{high}, and {outside:.0%} of the targets lie outside "
        f"(y goes from {y.min():.3g} to {y.max():.3g}): they can never be reached.",
        "Let the last layer be linear, with Identity as its activation.",
        from_start=True,
        change=Change("Identity as the output", layers=layers) if m.case.learner is None else None,
    )


def _classes_as_numbers(m: Measurements) -> Finding | None:
    y = m.sample.y
    if m.case.recipe.loss.target != "value" or y.shape[1] != 1 or (y != np.rint(y)).any():
        return None
    k = int(y.max()) + 1
    if not 3 <= k <= MOST_CLASSES or set(np.unique(y).tolist()) != set(range(k)) or m.case.learner is not None:
        return None
    change = Change(
        "a Softmax output for each class, and cross-entropy",
        layers=_with_output(m, k, Softmax()),
        loss=CrossEntropy(),
        as_classes=True,
    )
    before, after = m.reruns.baseline, m.reruns.of(change)
    if before is None or after is None:
        return None
    gain = after.measured.accuracy - np.nan_to_num(before.measured.accuracy)
    if gain < BETTER_ACCURACY:
        return None
    return Finding(
        "wrong output or loss",
        "y",
        float(gain),
        f"y holds the whole numbers 0 to {k - 1}, learned as amounts by {m.case.recipe.loss}, so that class 2 lies "
        f"between 1 and 3. Learned as {k} classes, {gain:.0%} more of the rows are right after rounding.",
        f"If these are classes, give the network {k} outputs with Softmax, and leave the loss out (cross-entropy).",
        from_start=True,
        change=change,
    )


def _stuck_by_distance(m: Measurements) -> Finding | None:
    loss, labels = m.case.recipe.loss, m.labels
    if loss.target != "value" or labels is None or m.case.learner is not None:
        return None
    errors = 1 - m.training.accuracy
    if not errors >= ERRORS:
        return None
    k = m.case.network.architecture.n_out
    output, better = (Sigmoid(), BinaryCrossEntropy()) if k == 1 else (Softmax(), CrossEntropy())
    change = Change(f"{output} with {better}", layers=_with_output(m, k, output), loss=better)
    before, after = m.reruns.baseline, m.reruns.of(change)
    if before is None or after is None:
        return None
    old, new = 1 - before.training.accuracy, 1 - after.training.accuracy
    if not (old >= ERRORS and new <= HALVED * old):
        return None
    return Finding(
        "wrong output or loss",
        f"layer {max(m.activations)}",
        old,
        f"Classes are learned by {loss} with {m.case.output}, and {old:.0%} of the training rows stay wrong. The slope "
        "of a saturated output makes its delta vanish just where it is most wrong; that of cross-entropy is a - y.",
        f"End the network in {output} and leave the loss out ({better}).",
        from_start=True,
        change=change,
    )


def _with_output(m: Measurements, k: int, activation: Identity | Sigmoid | Softmax) -> tuple[Layer, ...]:
    """The layers with another last one."""
    layers = m.case.network.architecture.layers
    last = m.case.network.architecture.output_layer
    return (*layers[:-1], Dense(last.n_in, k, activation, bias=last.bias, label=last.label))
