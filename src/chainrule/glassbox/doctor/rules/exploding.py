"""Signals or gradients that grow from layer to layer."""

from __future__ import annotations

from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules.usual_layers import usual_start

__all__ = ["GROWN", "GROWN_GRADIENT", "exploding"]

GROWN = 10.0
"""How many times as large as x a layer's signal may be before the first step. He's and Xavier's weights keep it at
about 1, at any depth: at most 2.1 in the healthy fits of the tuning seeds, and at least 173 in the faulty ones."""

GROWN_GRADIENT = 20.0
"""How many times as large as the last delta delta[2] may be before the first step: at most 2.0 in the healthy fits of
the tuning seeds, and at least 19 in the faulty ones, whose signals had exploded as well."""


def exploding(m: Measurements) -> Finding | None:
    """A start from which signals grow on their way forward, or gradients on their way back."""
    start = m.start
    if start is None or m.learned:
        return None
    largest = max(start.layers, key=lambda layer: layer.size)
    forward, backward = start.growth, start.gradient_ratio
    if not (forward > GROWN or backward > GROWN_GRADIENT):
        return None
    remedy, change = usual_start(m)
    if forward > GROWN:
        sentence = (
            f"The signal explodes: before the first step, a[{largest.number}] is {forward:,.0f} times as large as x. "
            "Each layer makes it larger, and errors and steps with it."
        )
        return Finding(
            "exploding gradients", f"layer {largest.number}", forward, sentence, remedy, from_start=True, change=change
        )
    sentence = (
        f"The gradient explodes: before the first step, delta[2] is {backward:,.0f} times as large as "
        f"delta[{start.layers[-1].number}]. Each layer makes it larger on its way back."
    )
    return Finding("exploding gradients", "layer 2", backward, sentence, remedy, from_start=True, change=change)
