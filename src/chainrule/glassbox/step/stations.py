"""The stations of a walk: every array of a trace once, in the order in which a person computes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.glassbox.trace import Quantity, Trace
from chainrule.glassbox.trace.network_step import derivative_name
from chainrule.glassbox.trace.wiring import Wiring
from chainrule.network.layers import LayerNorm

__all__ = ["PARTS", "ROWS", "Station", "stations_of"]

PARTS = ("forward", "loss", "backward", "update")
"""The parts of a step, in order."""

ROWS = 0
"""The axis of an array that counts rows; any other number is the layer whose neurons are counted."""

OF_ROWS = ("mean", "variance")
"""What a layer norm keeps for each row, where other layers keep it for each neuron."""


@dataclass(frozen=True)
class Station:
    """One array of the step.

    Attributes
    ----------
    name : str
        The array, as the trace names it.
    part : str
        One of `PARTS`.
    layer : int or None
        The layer that it belongs to, counted from 1; None of the loss.
    axes : tuple of int
        What each of its axes counts: `ROWS`, or the neurons of the layer with this number.
    shape : tuple of int
        Its shape.
    """

    name: str
    part: str
    layer: int | None
    axes: tuple[int, ...]
    shape: tuple[int, ...]


def stations_of(trace: Trace) -> tuple[Station, ...]:
    """Every array of a trace once; parameters stand before the first number made with them, y before the loss."""
    layers = _Layers(trace)
    part, found = "forward", []
    for name in _in_walking_order(list(trace), layers):
        part = _part(name, part)
        shape = tuple(getattr(trace.array(name), "shape", ()))
        layer = None if part == "loss" else layers.of(name)
        found.append(Station(name, part, layer, layers.axes(name, len(shape)), shape))
    return tuple(found)


def _in_walking_order(names: list[str], layers: _Layers) -> Iterator[str]:
    """Each array after those that it is made of, and these as late as may be."""
    parameters = {name: layers.owner(name) for name in names if f"new {name}" in names}
    inside = {name: layers.insides[name] for name in names if layers.insides.get(name) in names}
    passed: set[str] = set()
    for name in names:
        if name in parameters or name in inside or name == "y":
            continue
        needed = [each for each, owner in parameters.items() if owner == layers.owner(name) and each not in passed]
        needed += [each for each, skipped in inside.items() if skipped == name]
        passed.update(needed)
        yield from needed
        if name == "loss":
            yield "y"
        yield name


def _part(name: str, before: str) -> str:
    """The part of a step that an array belongs to, from the one of the array before it."""
    if name in ("y", "loss", "J", "penalty"):
        return "loss"
    if name.startswith("new "):
        return "update"
    return "backward" if before == "loss" else before


class _Layers:
    """Which layer every array of a trace belongs to.

    What norms, dropouts and skips make belongs to the dense layer before them, whose neurons it has.

    Attributes
    ----------
    last : int
        The number of the last layer.
    values, derivatives, labels : dict of str to int
        The layer of the values between layers, of their derivatives, and of what a layer with this label keeps.
    row_norms : set of str
        The labels of layer norms.
    insides : dict of str to str
        The error that comes back through the layers inside a skip, and the one that it is a part of.
    """

    def __init__(self, trace: Trace) -> None:
        self.last = len(trace.dimensions)
        wiring = Wiring(trace.architecture)
        self.values = {wiring.places[0].input: 1}
        self.labels: dict[str, int] = {}
        self.row_norms: set[str] = set()
        self.insides: dict[str, str] = {}
        layer = 1
        for place in wiring.walk():
            layer = layer if place.number is None else place.number + 1
            self.values[place.output] = layer
            self.labels[place.layer.label] = self.values[place.input] if place.inside else layer
            if place.inside:
                self.insides[f"d({place.layer.label}.inside)"] = derivative_name(place.input)
            if isinstance(place.layer, LayerNorm):
                self.row_norms.add(place.layer.label)
        self.derivatives = {derivative_name(value): layer for value, layer in self.values.items()}

    def of(self, name: str) -> int:
        """The number of the layer."""
        own = name.removeprefix("new ")
        for known in (self.values, self.derivatives):
            if own in known:
                return known[own]
        quantity = Quantity(own)
        if quantity.number is not None:
            leading = quantity.letter in ("w", "b", "dw", "db")
            return quantity.number + 1 if leading else quantity.number
        return 1 if own == "x" else self.last if own == "y" else self.labels[self._label(own)]

    def owner(self, name: str) -> str | int:
        """The layer, or the norm, that an array of the forward pass is computed by."""
        return self.of(name) if Quantity(name).letter in ("w", "b", "z") else self._label(name)

    def axes(self, name: str, n: int) -> tuple[int, ...]:
        """What each of `n` axes counts."""
        own = name.removeprefix("new ")
        if n == 2:
            leading = Quantity(own).letter in ("w", "dw")
            return (self.of(own) - 1 if leading else ROWS, self.of(own))
        if n == 1:
            label, _, part = own.partition(".")
            return (ROWS,) if own == "loss" or (label in self.row_norms and part in OF_ROWS) else (self.of(own),)
        return ()

    def _label(self, name: str) -> str:
        return name.removeprefix("d(").partition(".")[0]
