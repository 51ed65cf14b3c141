"""Through which arrays an error goes back from the output, and by which links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chainrule.functions.activations import Elementwise
from chainrule.functions.activations.activation import Activation
from chainrule.functions.arrays import Array
from chainrule.glassbox.paths.links import EntryLink, Link, PassLink, RowLink, UnitLink, WeightLink
from chainrule.glassbox.paths.sums import Tables
from chainrule.glassbox.trace import Trace
from chainrule.glassbox.trace.learner_program import LearnerProgramStep
from chainrule.glassbox.trace.network_step import derivative_name
from chainrule.glassbox.trace.wiring import Place, Wiring
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm

__all__ = ["ErrorGraph", "Node"]


@dataclass(frozen=True, eq=False)
class Node:
    """An array of derivatives.

    Attributes
    ----------
    name : str
        As in the trace: ``delta[2]``, ``da[2]``, ``d(dense_1.output)``.
    shape : tuple (n, d)
        Rows and units.
    links : tuple of Link
        By which it comes from arrays nearer the output; none of the output's delta.
    """

    name: str
    shape: tuple[int, int]
    links: tuple[Link, ...]


class ErrorGraph:
    """All arrays of derivatives of a trace and their links, from the output backwards.

    The factors are those of the traced numbers, in float64.

    Parameters
    ----------
    trace : Trace
        Of whatever.

    Attributes
    ----------
    nodes : dict of str to Node
        By name, the output's delta first; every link leads to a node before its own.
    output : str
        The name of the output's delta.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.nodes: dict[str, Node] = {}
        self._leaving: dict[str, str] = {}
        self.output = f"delta[{len(trace.dimensions)}]"
        delta = self._array(self.output)
        self._add(self.output, delta.shape[1])
        wiring = Wiring(trace.architecture)
        last = wiring.places[-1]
        assert last.number is not None
        self._through_weights(last, derivative_name(last.input))
        self._pass(wiring.places[:-1], derivative_name(last.input), None)

    def tables(self, name: str) -> dict[str, Tables]:
        """The sums over all chains for this array and all that it comes from."""
        wanted = {name}
        for node in reversed(self.nodes.values()):
            if node.name in wanted:
                wanted |= {link.source for link in node.links}
        found: dict[str, Tables] = {}
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused by whoever asks
            for node in self.nodes.values():
                if node.name == self.output:
                    found[node.name] = Tables.at_the_output(self._array(self.output))
                elif node.name in wanted:
                    found[node.name] = Tables.together([link.carried(found[link.source]) for link in node.links])
        return found

    def n_chains(self, name: str) -> int:
        """How many chains lead from each entry of this array to the output, those that are 0 included."""
        counts: dict[str, int] = {}
        for node in self.nodes.values():
            counts[node.name] = (
                sum(link.branches(*self.nodes[link.source].shape) * counts[link.source] for link in node.links) or 1
            )
        return counts[name]

    def leaving(self, label: str) -> str:
        """The name of the derivative of what leaves the layer with this label."""
        return self._leaving[label]

    # --- building ----------------------------------------------------------------------------------------------

    def _array(self, name: str) -> Array:
        return np.asarray(self.trace[name], np.float64)

    def _add(self, name: str, n_units: int, *links: Link) -> None:
        self.nodes[name] = Node(name, (self.trace.n_rows, n_units), links)

    def _pass(self, places: tuple[Place, ...], output: str, first: str | None) -> None:
        """Go back through layers one behind the other, from the derivative of what leaves the last.

        `first` names the derivative of what enters the first of the layers inside a residual connection: what enters
        the connection as a whole has the value's own name.
        """
        for i, place in reversed(list(enumerate(places))):
            name = first if i == 0 and first is not None else derivative_name(place.input)
            self._through(place, output, name)
            output = name

    def _through(self, place: Place, output: str, name: str) -> None:
        """Go back through one layer, from the derivative `output` of what leaves it to that of what enters it."""
        layer, size = place.layer, self.nodes[output].shape[1]
        self._leaving[layer.label] = output
        if isinstance(layer, Dense):
            assert place.number is not None
            self._add(f"delta[{place.number + 1}]", size, self._slope(place, output))
            self._through_weights(place, name)
        elif isinstance(layer, Dropout):
            kind = f"{layer.label}.factor"
            self._add(name, size, EntryLink(output, kind, self._array(kind), _entry_of(kind)))
        elif isinstance(layer, BatchNorm):
            self._add(name, size, self._batch_norm(place, layer, output))
        elif isinstance(layer, LayerNorm):
            self._add(name, size, self._layer_norm(place, layer, output))
        else:
            inside = f"d({layer.label}.inside)"
            self._pass(place.inside, output, inside)
            self._add(
                name,
                size,
                PassLink(output, f"past {layer.label}"),
                PassLink(inside, f"through {layer.label}"),
            )

    def _through_weights(self, place: Place, name: str) -> None:
        i = place.number
        w = self._array(f"w[{i}]")
        assert i is not None
        self._add(name, len(w), WeightLink(f"delta[{i + 1}]", f"w[{i}]", w))

    def _slope(self, place: Place, output: str) -> Link:
        assert place.number is not None
        i = place.number + 1
        z, a, kind = self._array(f"z[{i}]"), self._array(place.output), f"f'(z[{i}])"
        activation = self._activation(place)
        if isinstance(activation, Elementwise):
            slopes = np.asarray(activation.derivative(z, a), np.float64)
            return EntryLink(output, kind, slopes, lambda row, unit: f"f'(z[{i}][{row},{unit}])")

        def matrix(row: int) -> Array:
            return _derivative_of_row(activation, z[row], a[row])

        def name(row: int, one: int, other: int) -> str:
            return f"d({place.output}[{row},{one}])/d(z[{i}][{row},{other}])"

        return UnitLink(output, kind, matrix, name)

    def _activation(self, place: Place) -> Activation:
        assert isinstance(place.layer, Dense)
        assert place.number is not None
        step = self.trace.step
        if isinstance(step, LearnerProgramStep):
            return step.network.activations[place.number + 1]  # with their prime, right or wrong
        return place.layer.activation

    def _batch_norm(self, place: Place, layer: BatchNorm, output: str) -> Link:
        r"""Jacobian of y_r = scale * (x_r - mean) / deviation + shift over the rows: with the shares p of the rows,
        dy_r/dx_s = scale / deviation * ([r = s] - p_s (1 + normalised_r normalised_s)).
        """
        label, step = layer.label, self.trace.step
        assert not isinstance(step, LearnerProgramStep)
        slope = self._array(f"{label}.scale") / np.sqrt(self._array(f"{label}.variance") + layer.epsilon)
        kind, n = f"the derivative of {label}", self.trace.n_rows
        if not step.training:
            factors = np.broadcast_to(slope, (n, len(slope)))
            return EntryLink(output, kind, factors, lambda row, unit: _quotient(place, (row, unit), (row, unit)))
        normalised, weights = self._array(f"{label}.normalised"), step.rows.weights
        shares = np.full(n, 1 / n) if weights is None else weights.astype(np.float64) / weights.sum()

        def matrix(unit: int) -> Array:
            own = normalised[:, unit]
            found: Array = slope[unit] * (np.eye(n) - shares * (1 + np.outer(own, own)))
            return found

        return RowLink(output, kind, matrix, lambda one, other, unit: _quotient(place, (one, unit), (other, unit)))

    def _layer_norm(self, place: Place, layer: LayerNorm, output: str) -> Link:
        r"""Jacobian of y_u = scale_u * (x_u - mean) / deviation + shift_u over the d units of a row:
        dy_u/dx_v = scale_u / deviation * ([u = v] - (1 + normalised_u normalised_v) / d).
        """
        label = layer.label
        scale, normalised = self._array(f"{label}.scale"), self._array(f"{label}.normalised")
        inverse_deviation = 1 / np.sqrt(self._array(f"{label}.variance") + layer.epsilon)
        d = len(scale)

        def matrix(row: int) -> Array:
            own = normalised[row]
            found: Array = scale[:, np.newaxis] * (np.eye(d) - (1 + np.outer(own, own)) / d) * inverse_deviation[row]
            return found

        return UnitLink(
            output,
            f"the derivative of {label}",
            matrix,
            lambda row, one, other: _quotient(place, (row, one), (row, other)),
        )


def _entry_of(kind: str) -> Callable[[int, int], str]:
    return lambda row, unit: f"{kind}[{row},{unit}]"


def _quotient(place: Place, one: tuple[int, int], other: tuple[int, int]) -> str:
    (r, u), (s, v) = one, other
    return f"d({place.output}[{r},{u}])/d({place.input}[{s},{v}])"


def _derivative_of_row(activation: Activation, z: Array, a: Array) -> Array:
    """da_j/dz_k of one row, of shape (d, d), of an activation that couples the units."""
    d = len(z)
    each = np.broadcast_to
    return activation.backward(np.eye(d), each(z, (d, d)), each(a, (d, d)))
