"""Which value enters a layer and which leaves it, by the names that a trace gives to values.

A value that dense layer i receives is ``a[i]``, as in the post, and the output of the network is the last a. Any other
value, such as what goes from a norm into a dropout, is the output of the layer that made it: ``batch_norm_1.output``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chainrule.network.architecture import Architecture
from chainrule.network.layer import Layer
from chainrule.network.layers import Dense, Residual

__all__ = ["Place", "Wiring"]


@dataclass(frozen=True)
class Place:
    """A layer among the others.

    Attributes
    ----------
    layer : Layer
        The layer.
    number : int or None
        That of a dense layer: the i of its w[i].
    input, output : str
        The names of the values that enter and leave it.
    inside : tuple of Place
        The places of the layers inside, in order.
    """

    layer: Layer
    number: int | None
    input: str
    output: str
    inside: tuple[Place, ...] = ()

    def walk(self) -> Iterator[Place]:
        """The places inside, depth first, and then this one: in the order in which outputs are known."""
        for place in self.inside:
            yield from place.walk()
        yield self


class Wiring:
    """The places of all layers of an architecture.

    Attributes
    ----------
    places : tuple of Place
        Of the outermost layers, in order.
    """

    def __init__(self, architecture: Architecture) -> None:
        self._numbers = {layer.label: i for i, layer in architecture.dense_layers.items()}
        first_input = self._name_of_value(architecture.layers, "x")
        self.places = self._placed(architecture.layers, first_input, f"a[{len(self._numbers) + 1}]")

    def walk(self) -> Iterator[Place]:
        """Every place, in the order in which outputs are known."""
        for place in self.places:
            yield from place.walk()

    def dense(self, number: int) -> Place:
        """The place of dense layer `number`."""
        return next(place for place in self.walk() if place.number == number)

    def labelled(self, label: str) -> Place:
        """The place of the layer with this label."""
        return next(place for place in self.walk() if place.layer.label == label)

    def maker(self, value: str) -> Place | None:
        """The place whose output is this value; None of the network's input."""
        return next((place for place in self.walk() if place.output == value), None)

    def taker(self, value: str) -> Place | None:
        """The outermost place that this value enters; None of the network's output."""
        places = self.places
        while places:
            for place in places:
                if place.input == value:
                    return place
            places = tuple(inner for place in places for inner in place.inside)
        return None

    def _placed(self, layers: Sequence[Layer], value: str, last: str) -> tuple[Place, ...]:
        """Places of layers one behind the other, from the value that enters the first; `last` leaves the last."""
        placed = []
        for i, layer in enumerate(layers):
            own = f"{layer.label}.output"
            output = self._name_of_value(layers[i + 1 :], own) if i + 1 < len(layers) else last
            inside: tuple[Place, ...] = ()
            if isinstance(layer, Residual):
                inside = self._placed(layer.layers, value, f"{layer.layers[-1].label}.output")
            placed.append(Place(layer, self._numbers.get(layer.label), value, output, inside))
            value = output
        return tuple(placed)

    def _name_of_value(self, following: Sequence[Layer], own: str) -> str:
        """What the value is called that enters these layers: a[i] where dense layer i receives it as it is."""
        layer = following[0]
        while isinstance(layer, Residual):
            layer = layer.layers[0]
        return f"a[{self._numbers[layer.label]}]" if isinstance(layer, Dense) else own
