"""Units that give the same for every row, and through which no error passes: they can never learn again."""

from __future__ import annotations

from chainrule.functions.activations import LeakyRelu
from chainrule.glassbox.doctor.change import Change
from chainrule.glassbox.doctor.finding import Finding
from chainrule.glassbox.doctor.measurements import Measurements
from chainrule.glassbox.doctor.rules.usual_layers import has_usual_start, usual_start, with_activation
from chainrule.glassbox.doctor.signals import LayerSignal, Signals

__all__ = ["MOST_DEAD", "dead_units"]

MOST_DEAD = 0.3
"""Share of a layer's units that may be dead. A few die in some healthy fits: up to 0.17 of a layer on the tuning seeds,
where the faulty ones had at least 0.69."""


def dead_units(m: Measurements) -> Finding | None:
    """A layer of which many units have no slope on any row."""
    layer = _most(m.now)
    if m.learned or layer.dead_share < MOST_DEAD or layer.dead.sum() < 2:
        return None
    before = None if m.start is None else m.start.layers[layer.number - 2]
    from_start = before is not None and before.dead_share >= MOST_DEAD
    n, of = int(layer.dead.sum()), len(layer.dead)
    since = "They were so before the first step already." if from_start else "They died on the way."
    if has_usual_start(m) and m.case.learner is None:
        remedy = "Take LeakyRelu, whose slope is never 0, or a smaller learning rate."
        change = Change("LeakyRelu in the hidden layers", layers=with_activation(m, LeakyRelu()))
    else:
        remedy, change = usual_start(m)
    return Finding(
        "dead units",
        f"layer {layer.number}",
        layer.dead_share,
        f"{n} of the {of} units of layer {layer.number} are dead: for every row, their z is where {layer.activation} "
        f"is flat, so that no error passes back and their weights never change again. {since}",
        remedy,
        from_start=from_start,
        change=change,
    )


def _most(signals: Signals) -> LayerSignal:
    """The layer of which most is dead, the last one included: a ReLU at the output dies, too."""
    return max(signals.layers, key=lambda layer: layer.dead_share)
