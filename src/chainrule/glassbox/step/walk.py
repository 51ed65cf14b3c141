"""A walk over one step: where it stands, and how each move changes that. It prints and reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.explain import Explanation, explain
from chainrule.glassbox.step.stations import PARTS, ROWS, Station, stations_of
from chainrule.glassbox.trace import Quantity, Trace

__all__ = ["Walk"]


@dataclass(frozen=True)
class Walk:
    """A place in the walk; every move gives another one and leaves this as it is.

    Attributes
    ----------
    trace : Trace
        The step that is walked over.
    stations : tuple of Station
        Its arrays in the order of the walk, each once.
    at : int
        Which of them is shown.
    row : int
        The row of the batch that is followed.
    neurons : tuple of int
        The neuron that is followed in each layer, that of layer 1 first.
    asked : tuple of Quantity
        The numbers whose explanations are open, each one in the one before; empty where none is.
    inputs, outputs : tuple of str
        What the inputs and the outputs of the network are called; empty where that is not known.
    """

    trace: Trace
    stations: tuple[Station, ...]
    at: int
    row: int
    neurons: tuple[int, ...]
    asked: tuple[Quantity, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @classmethod
    def begun(cls, trace: Trace, inputs: Sequence[str] = (), outputs: Sequence[str] = ()) -> Walk:
        """At the first array of a trace, whose inputs and outputs may have names.

        Raises
        ------
        InvalidType
            If it is none.
        """
        if not isinstance(trace, Trace):
            raise InvalidType(f"Walk over the trace of a step, chainrule.trace(network, x, y), not {trace!r:.60}.")
        neurons = tuple(0 for _ in trace.dimensions)
        return cls(trace, stations_of(trace), 0, 0, neurons, (), tuple(inputs), tuple(outputs))

    # --- where it stands ---------------------------------------------------------------------------------------

    @property
    def station(self) -> Station:
        """The array that is shown."""
        return self.stations[self.at]

    @property
    def index(self) -> tuple[int, ...]:
        """The entry of it that is shown."""
        station = self.station
        wanted = (self.row if axis == ROWS else self.neurons[axis - 1] for axis in station.axes)
        return tuple(min(i, size - 1) for i, size in zip(wanted, station.shape, strict=True))

    @property
    def entry(self) -> Quantity:
        """The number that is shown."""
        return Quantity(self.station.name, self.index)

    @property
    def quantity(self) -> Quantity:
        """The number that is spoken of: the one whose explanation is open, else the one that is shown."""
        return self.asked[-1] if self.asked else self.entry

    @property
    def explanation(self) -> Explanation:
        """How that number came about."""
        return explain(self.trace, self.quantity)

    # --- moves -------------------------------------------------------------------------------------------------

    def next(self) -> Walk:
        """To the next array.

        Raises
        ------
        InvalidArgument
            If this is the last.
        """
        if self.at + 1 == len(self.stations):
            raise InvalidArgument(
                "The step is done: this was its last array. back, part or find lead to the others, quit ends the walk."
            )
        return self._at(self.at + 1)

    def back(self) -> Walk:
        """Close the explanation that is open; where none is, to the array before.

        Raises
        ------
        InvalidArgument
            If this is the first.
        """
        if self.asked:
            return replace(self, asked=self.asked[:-1])
        if self.at == 0:
            raise InvalidArgument("The walk begins here; next goes on.")
        return self._at(self.at - 1)

    def to_part(self, part: str) -> Walk:
        """To the first array of a part of the step."""
        if part not in PARTS:
            raise InvalidArgument(f"{part!r} is no part of a step; these are {', '.join(PARTS)}.")
        return self._at(next(i for i, station in enumerate(self.stations) if station.part == part))

    def to_layer(self, layer: int) -> Walk:
        """To a layer in the same part of the step, and there to the same kind of array where it has one.

        Raises
        ------
        InvalidArgument
            If there is no such layer, or nothing of it in this part.
        """
        last = len(self.trace.dimensions)
        if not 1 <= layer <= last:
            raise InvalidArgument(f"There is no layer {layer}: they are counted from 1, the input, to {last}.")
        part = "forward" if self.station.part == "loss" else self.station.part
        there = [i for i, each in enumerate(self.stations) if each.part == part and each.layer == layer]
        if not there:
            raise InvalidArgument(
                f"The {part} part has nothing in layer {layer}: that is the input, which no error goes back to and "
                "which has no weights of its own."
            )
        kind = _kind(self.station.name)
        return self._at(next((i for i in there if _kind(self.stations[i].name) == kind), there[0]))

    def to_row(self, row: int) -> Walk:
        """To another row of the batch.

        Raises
        ------
        InvalidArgument
            If there is none.
        """
        if not 0 <= row < self.trace.n_rows:
            raise InvalidArgument(f"There is no row {row}: {_counted_from_0(self.trace.n_rows, 'row')}")
        return replace(self, row=row, asked=())

    def to_neuron(self, neuron: int) -> Walk:
        """To another neuron of this layer, which is the last axis of the array.

        Raises
        ------
        InvalidArgument
            If there is none, or the array has one number for all.
        """
        axis = self.station.axes[-1] if self.station.axes else ROWS
        if axis == ROWS:
            raise InvalidArgument(f"{self.station.name} has no neurons: it has {self._numbers_of_it()}.")
        return self._with_neuron(axis, neuron)

    def from_neuron(self, neuron: int) -> Walk:
        """To another neuron that a weight comes from: the first axis of w, dw and new w.

        Raises
        ------
        InvalidArgument
            If there is none, or the array holds no weights.
        """
        if len(self.station.axes) < 2 or self.station.axes[0] == ROWS:
            raise InvalidArgument(
                f"{self.station.name} holds no weights: from chooses where a weight comes from, in w, dw and new w."
            )
        return self._with_neuron(self.station.axes[0], neuron)

    def find(self, name: str | Quantity) -> Walk:
        """To a number, or to an array, by its name.

        Raises
        ------
        InvalidArgument
            If there is none.
        """
        quantity = Quantity.parsed(name)
        quantity.check(self.trace)
        quantity.value_in(self.trace.array(quantity.name))  # refuses an entry outside it
        at = next(i for i, station in enumerate(self.stations) if station.name == quantity.name)
        row, neurons = self.row, list(self.neurons)
        for axis, i in zip(self.stations[at].axes, quantity.index, strict=False):
            if axis == ROWS:
                row = i
            else:
                neurons[axis - 1] = i
        return replace(self, at=at, row=row, neurons=tuple(neurons), asked=())

    def why(self, which: int | str | Quantity | None = None) -> Walk:
        """Open the explanation of the number that is shown or, where one is open, of a number in it.

        Parameters
        ----------
        which : int or str, optional
            The number in it, counted from 1 as they are listed, or any number of the trace by its name. May be left out
            where only one number in it was computed.

        Raises
        ------
        InvalidArgument
            If there is no such number, or it is not clear which.
        """
        if isinstance(which, str | Quantity):
            return replace(self, asked=(*self.asked, explain(self.trace, which).quantity))
        if which is None and not self.asked:
            return replace(self, asked=(self.entry,))
        opened = self if self.asked else self.why()
        return replace(self, asked=(*opened.asked, opened._part(which)))

    def _part(self, which: int | None) -> Quantity:
        """A number in the explanation that is open."""
        parts = self.explanation.parts()
        if not parts:
            raise InvalidArgument(f"There is nothing below {self.quantity}: back closes it.")
        if which is None:
            computed = [each for each in parts if not each.is_given]
            if len(computed) == 1:
                return computed[0].quantity
            what = "Every number in it was given" if not computed else f"{len(computed)} numbers in it were computed"
            raise InvalidArgument(f"{what}: say which by its place in the list, such as why? 1; or go back.")
        if not 1 <= which <= len(parts):
            raise InvalidArgument(f"There is no number {which} in the list of {self.quantity}: it has {len(parts)}.")
        return parts[which - 1].quantity

    def _at(self, at: int) -> Walk:
        return replace(self, at=at, asked=())

    def _with_neuron(self, layer: int, neuron: int) -> Walk:
        size = self.station.shape[self.station.axes.index(layer)]
        if not 0 <= neuron < size:
            raise InvalidArgument(f"There is no neuron {neuron} in layer {layer}: {_counted_from_0(size, 'neuron')}")
        neurons = (*self.neurons[: layer - 1], neuron, *self.neurons[layer:])
        return replace(self, neurons=neurons, asked=())

    def _numbers_of_it(self) -> str:
        return "one number for each row" if self.station.shape else "one number"


def _kind(name: str) -> str:
    """What an array is, whatever its layer: ``dw`` of ``dw[1]``, ``mean`` of ``batch_norm_1.mean``."""
    quantity = Quantity(name)
    return quantity.letter if quantity.number is not None else name.partition(".")[2]


def _counted_from_0(n: int, what: str) -> str:
    return f"there is one {what}, {what} 0." if n == 1 else f"they are counted from 0 to {n - 1}."
