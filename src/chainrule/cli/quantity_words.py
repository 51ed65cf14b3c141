"""What the arrays of a trace are, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainrule.glassbox.trace import Trace

__all__ = ["quantity_words"]

PLAIN = {
    "x": "rows, encoded",
    "y": "targets, encoded",
    "loss": "loss of each row",
    "J": "loss of the batch: their mean",
    "penalty": "the L1 and L2 terms",
}
PARTS = {
    "mean": "mean, over the rows (batch norm) or the units (layer norm)",
    "variance": "variance, likewise",
    "normalised": "less the mean, over the deviation",
    "output": "what this layer gives",
    "factor": "what each unit is multiplied by",
    "scale": "a norm's factor",
    "shift": "a norm's summand",
}


def quantity_words(name: str, trace: Trace) -> str:
    """The words for one array; none for what only its name explains."""
    from chainrule.glassbox.trace import Quantity

    quantity = Quantity(name)
    i, last = quantity.number, len(trace.dimensions)
    if quantity.is_new:
        return "after the step"
    if i is None:
        label, _, part = quantity.letter.rpartition(".")
        if label.startswith("d("):
            return f"dJ/d of {name.removeprefix('d(').removesuffix(')')}"
        return PLAIN.get(name) or PARTS.get(part, "")
    if quantity.letter == "a":
        return {1: "inputs, layer 1", last: "outputs"}.get(i, f"activations, which enter w[{i}]")
    return {
        "w": f"weights from layer {i} to {i + 1}",
        "b": f"biases of layer {i + 1}",
        "z": f"weighted sums of layer {i}",
        "da": f"dJ/da[{i}]",
        "delta": f"dJ/dz[{i}], the error of layer {i}",
        "dw": f"dJ/dw[{i}]",
        "db": f"dJ/db[{i}]",
    }[quantity.letter]
