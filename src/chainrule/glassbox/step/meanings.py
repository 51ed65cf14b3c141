"""What each array of a step is, in a sentence."""

from __future__ import annotations

from chainrule.glassbox.step.stations import Station
from chainrule.glassbox.trace import Quantity, Trace
from chainrule.glassbox.trace.wiring import Wiring
from chainrule.network.layers import Dense

__all__ = ["meaning"]

NUMBERED = {
    "w": "The weights from layer {i} to layer {next}: [p,q] leads from neuron p to neuron q.",
    "b": "The biases of layer {next}, one for each neuron.",
    "z": "What each neuron of layer {i} adds up: what comes in times its weights, plus its bias.",
    "da": "How J changes when a[{i}] does: the error that comes back to layer {i}.",
    "delta": "How J changes when z[{i}] does: the error of layer {i}.",
    "dw": "How J changes when a weight does: each row's input times its error, added up over the rows.",
    "db": "How J changes when a bias does: the errors, added up over the rows.",
    "new w": "The weights from layer {i} to layer {next} after the step.",
    "new b": "The biases of layer {next} after the step.",
}

PLAIN = {
    "x": "The rows of the batch, as the network takes them.",
    "y": "The targets: what the outputs should be.",
    "loss": "How wrong the output is, row by row.",
    "J": "How wrong the batch is: the one number that the step makes smaller.",
    "penalty": "What the L1 and L2 terms add to J: the price of large weights.",
}

OF_LABEL = {
    "output": "What {label} hands on.",
    "inside": "The error that comes back through the layers inside {label}.",
    "mean": "The means by which {label} shifts what it gets.",
    "variance": "The variances by which {label} scales what it gets.",
    "normalised": "What {label} got, shifted to mean 0 and scaled to variance 1.",
    "scale": "What {label} multiplies the normalised numbers by; learned.",
    "shift": "What {label} adds to them then; learned.",
    "factor": "0 where {label} drops a number, else what makes up for the dropped ones.",
}

OWN_CODE = {
    "delta": "What the program takes for dJ/dz[{i}]: the error of layer {i}.",
    "da": "What comes back to layer {i} by the chain rule from the program's delta[{next}].",
    "dw": "What the program takes for dJ/dw[{i}].",
    "db": "What the program takes for dJ/db[{i}].",
}
"""Of a learner's program, which may compute something else."""


def meaning(trace: Trace, station: Station) -> str:
    """What the array of a station is."""
    quantity = Quantity(station.name)
    i = quantity.number
    if i is not None and quantity.letter == "a":
        return _activation(trace, i)
    if i is not None:
        kind = f"new {quantity.letter}" if quantity.is_new else quantity.letter
        sentence = OWN_CODE.get(kind, NUMBERED[kind]) if trace.is_learners else NUMBERED[kind]
        return sentence.format(i=i, next=i + 1)
    if station.name in PLAIN:
        return PLAIN[station.name]
    own = station.name.removeprefix("new ").removeprefix("d(").removesuffix(")")
    label, _, part = own.partition(".")
    sentence = OF_LABEL[part].format(label=label)
    if station.name.startswith("new "):
        return f"{sentence} This is after the step."
    if station.name.startswith("d(") and part != "inside":
        return f"How J changes when {own} does."
    return sentence


def _activation(trace: Trace, i: int) -> str:
    maker = Wiring(trace.architecture).maker(f"a[{i}]")
    if i == 1:
        return "What the first dense layer receives." if maker else "What goes into the network: x itself."
    assert maker is not None  # the input alone is made by no layer
    made = f"f of z[{i}]" if isinstance(maker.layer, Dense) else f"what {maker.layer.label} made"
    return f"The output of the network: {made}." if i == len(trace.dimensions) else f"What layer {i} hands on: {made}."
