"""What passes through a network, layer by layer: signals forward, gradients backward, and slopes between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.activations import Activation
from chainrule.functions.activations.activation import Elementwise
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss
from chainrule.model import Network
from chainrule.network import sequence
from chainrule.network.layer import LayerGradient, Mode
from chainrule.network.objective import row_shares
from chainrule.network.records import ForwardRecord
from chainrule.network.sparse_rows import dense

__all__ = ["LayerSignal", "Shape", "Signals", "shape_of", "signals"]

FLAT = 1e-3
"""A slope below this share of the activation's steepest lets next to nothing through: 0 for a ReLU, and for a sigmoid
or tanh |z| > 8.3 or 4.1."""

SATURATED = 0.05
"""Below this share of the steepest slope, a unit of a bounded activation is saturated: |z| > 4.4 for a sigmoid, 2.2 for
a tanh. Backpropagation then passes on less than a twentieth of what it could."""

FAR = 60.0
"""A z so far out that an activation that is ever flat is flat there, and none overflows in float32."""


@dataclass(frozen=True)
class Shape:
    """What matters of an activation's graph.

    Attributes
    ----------
    flat_left, flat_right : bool
        Whether it has no slope far to the left, far to the right.
    steepest : float
        Its largest |f'(z)|.
    lowest, highest : float
        What it can give; infinite where it grows for ever.
    """

    flat_left: bool
    flat_right: bool
    steepest: float
    lowest: float
    highest: float

    @property
    def bounded(self) -> bool:
        """Whether it is flat on both sides, as sigmoid and tanh are."""
        return self.flat_left and self.flat_right

    @property
    def rectifies(self) -> bool:
        """Whether it is flat on one side alone, as ReLU is."""
        return self.flat_left != self.flat_right


@dataclass(frozen=True, eq=False)
class LayerSignal:
    """What was seen of a layer.

    Attributes
    ----------
    number : int
        The layer's, from 2.
    activation : Activation
        Its f.
    output : bool
        Whether it is the last.
    size : float
        The root mean square of what the next layer receives, a[i].
    dead : array of bool of shape (d_i,)
        Which of its units have no slope on any row.
    saturated : float
        The share of units and rows at which a bounded activation is saturated; 0 for others.
    delta : float
        The root mean square of delta[i]; NaN where it was not computed.
    """

    number: int
    activation: Activation
    output: bool
    size: float
    dead: Array
    saturated: float
    delta: float

    @property
    def dead_share(self) -> float:
        """Share of the units that are dead."""
        return float(self.dead.mean())


@dataclass(frozen=True, eq=False)
class Signals:
    """What passes through a network.

    Attributes
    ----------
    layers : tuple of LayerSignal
        From layer 2 on.
    input_size : float
        The root mean square of x.
    output : array of shape (n, k)
        The last a.
    """

    layers: tuple[LayerSignal, ...]
    input_size: float
    output: Array

    @property
    def hidden(self) -> tuple[LayerSignal, ...]:
        """All layers but the last."""
        return self.layers[:-1]

    @property
    def gradient_ratio(self) -> float:
        """How large delta[2] is, as a share of the last delta; NaN without hidden layers or error."""
        first, last = self.layers[0].delta, self.layers[-1].delta
        return first / last if self.hidden and last > 0 else float("nan")

    @property
    def growth(self) -> float:
        """How many times as large as x the largest signal of a layer is."""
        return max(layer.size for layer in self.layers) / self.input_size if self.input_size > 0 else float("nan")


def signals(network: Network, rows: LabelledRows, loss: Loss) -> Signals:
    """Pass rows forward and their error backward, on a network without encoder."""
    architecture = network.architecture
    bound = architecture.bind_parameters(network.theta), architecture.bind_statistics(network.state)
    x = dense(rows.x)
    mode = Mode(architecture.couples_rows and len(x) > 1)
    with np.errstate(all="ignore"):
        _, caches = sequence.forward(architecture.layers, *bound, x, mode)
        forward = ForwardRecord.of(architecture, caches)
        deltas = _deltas(network, rows, loss, caches)
        layers = tuple(_layers(network, forward, deltas))
    return Signals(layers, _size(x), forward.output)


@cache
def shape_of(activation: Activation) -> Shape:
    """The shape of an activation, from its values far out; of one that is not elementwise, as softmax, a line's."""
    if not isinstance(activation, Elementwise):
        return Shape(False, False, 1.0, -np.inf, np.inf)
    grid = np.linspace(-20, 20, 4001)[np.newaxis]
    far = np.array([[-FAR, -FAR / 2, FAR / 2, FAR]])
    with np.errstate(all="ignore"):
        steepest = float(np.abs(_slopes(activation, grid)).max())
        a = activation.f(far)[0]
    flat_left, flat_right = abs(a[1] - a[0]) < 1e-6, abs(a[3] - a[2]) < 1e-6
    values = np.append(activation.f(grid)[0], a)
    lowest = float(values.min()) if flat_left or a[0] > a[1] else -np.inf
    highest = float(values.max()) if flat_right else np.inf
    return Shape(bool(flat_left), bool(flat_right), steepest, lowest, highest)


def _layers(network: Network, forward: ForwardRecord, deltas: dict[int, Array]) -> Iterator[LayerSignal]:
    last = max(forward.a)
    for i, activation in network.activations.items():
        z = forward.z[i]
        shape = shape_of(activation)
        slopes = np.abs(_slopes(activation, z)) if isinstance(activation, Elementwise) else np.ones_like(z)
        dead: Array = np.zeros(z.shape[1], bool)
        if shape.rectifies:
            dead = np.asarray((slopes <= FLAT * shape.steepest).all(axis=0))
        saturated = float((slopes <= SATURATED * shape.steepest).mean()) if shape.bounded else 0.0
        delta = _size(deltas[i]) if i in deltas else float("nan")
        yield LayerSignal(i, activation, i == last, _size(forward.a[i]), dead, saturated, delta)


def _slopes(activation: Elementwise, z: Array) -> Array:
    return activation.backward(np.ones_like(z), z, activation.f(z))


def _deltas(network: Network, rows: LabelledRows, loss: Loss, caches: tuple[object, ...]) -> dict[int, Array]:
    """Each layer's delta of J without the penalty."""
    architecture = network.architecture
    parameters = architecture.bind_parameters(network.theta)
    last = caches[-1]
    output = architecture.output_layer
    delta = loss.delta(rows.y, last.z, last.a, output.activation)  # type: ignore[attr-defined]
    shares = row_shares(len(rows), rows.weights, network.dtype)
    delta = delta * (shares[:, np.newaxis] if isinstance(shares, np.ndarray) else shares)
    found = output.backward_from_delta(parameters[-1], last, delta, need_input=True)  # type: ignore[arg-type]
    before = sequence.backward(architecture.layers[:-1], parameters[:-1], caches[:-1], found.input, need_input=False)
    each = [gradient.delta for gradient in _leaves(before) if gradient.delta is not None]
    return dict(enumerate([*each, delta], 2))


def _leaves(gradients: tuple[LayerGradient, ...]) -> Iterator[LayerGradient]:
    for gradient in gradients:
        yield from _leaves(gradient.inner) if gradient.inner else (gradient,)


def _size(array: Array) -> float:
    """The root mean square, in float64."""
    exact = array.astype(np.float64)
    return float(np.sqrt(np.mean(exact * exact)))
