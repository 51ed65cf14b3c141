"""What a gradient check needs to know of a network, for chainrule's own and for one written as in the post."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.arrays import Array
from chainrule.network import sequence
from chainrule.network.architecture import walk
from chainrule.network.layer import Mode
from chainrule.network.layers import Dense
from chainrule.network.layout import ArraySpec, Layout
from chainrule.network.objective import Objective, row_shares
from chainrule.network.records import ForwardRecord
from chainrule.network.sparse_rows import dense

__all__ = ["ChainruleSubject", "PostStyleNetwork", "PostSubject", "Subject"]


class Subject(Protocol):
    """A function J of a vector theta, with the gradient that a program claims for it."""

    @property
    def layout(self) -> Layout:
        """The arrays in theta."""

    @property
    def theta(self) -> Array:
        """Where to check, in float64, of shape (P,)."""

    def claimed_gradient(self) -> Array:
        """What the program says that dJ/dtheta is, of shape (P,)."""

    def J(self, thetas: Array) -> tuple[Array, Array]:
        """J at each of `thetas` (m, P), of shape (m,), and on which side of every kink it lies, of shape (m, kinks)."""

    @property
    def numbers_per_theta(self) -> int:
        """About how many numbers one evaluation of J keeps in memory."""


@dataclass(frozen=True)
class ChainruleSubject:
    """A network of chainrule in float64, on a batch, in training mode: the J that `fit` prints, plus the penalty.

    The thetas to evaluate go through the network at once, as so many networks. Dropout masks are the same in each.
    """

    objective: Objective
    theta: Array
    state: Array
    rows: LabelledRows
    seed: int

    @property
    def layout(self) -> Layout:
        return self.objective.architecture.parameters

    @property
    def numbers_per_theta(self) -> int:
        return len(self.rows) * 3 * sum(self.objective.architecture.dimensions)

    @property
    def _mode(self) -> Mode:
        return Mode(True, np.random.default_rng(self.seed), self.rows.weights)

    @property
    def _shares(self) -> Array | float:
        return row_shares(len(self.rows), self.rows.weights, self.theta.dtype)

    def claimed_gradient(self) -> Array:
        objective, architecture = self.objective, self.objective.architecture
        gradient = np.empty_like(self.theta)
        objective.value_and_gradient(
            architecture.bind_parameters(self.theta),
            architecture.bind_statistics(self.state),
            dense(self.rows.x),
            self.rows.y,
            self._shares,
            self._mode,
            architecture.bind_parameters(gradient),
        )
        return gradient + objective.penalty.gradient(self.theta, objective.penalised)

    def J(self, thetas: Array) -> tuple[Array, Array]:
        objective, architecture = self.objective, self.objective.architecture
        bound = architecture.bind_parameters(thetas), architecture.bind_statistics(self.state)
        _, caches = sequence.forward(architecture.layers, *bound, dense(self.rows.x), self._mode)
        data = objective.value(self.rows.y, caches[-1], self._shares)
        sides = self._sides(caches, len(thetas))
        if objective.penalty.l1:
            sides = np.concatenate([sides, thetas[:, objective.penalised > 0] > 0], axis=1)  # the kink of |w| at 0
        return data + objective.penalty.value(thetas, objective.penalised), sides

    def _sides(self, caches: tuple[Any, ...], m: int) -> Array:
        record = ForwardRecord.of(self.objective.architecture, caches)
        dense = [layer for layer in walk(self.objective.architecture.layers) if isinstance(layer, Dense)]
        values = [(record.z[i + 1], layer.activation.kinks) for i, layer in enumerate(dense, 1)]
        values.append((record.output - self.rows.y, self.objective.loss.kinks))
        sides = [(z > kink).reshape(m, -1) for z, kinks in values for kink in kinks]
        return np.concatenate([np.empty((m, 0), bool), *sides], axis=1)


@runtime_checkable
class PostStyleNetwork(Protocol):
    """A network with the names of the post."""

    w: dict[int, Array]
    b: dict[int, Array]
    activations: dict[int, Any]
    learning_rate: Any
    loss: Any

    def _feed_forward(self, x: Array) -> tuple[Mapping[int, Array], Mapping[int, Array]]: ...

    def _back_prop(self, z: Mapping[int, Array], a: Mapping[int, Array], y_true: Array) -> None: ...


class PostSubject:
    """A network written as in the post; it is copied, and stays as it is.

    Its gradient is read from what one step with the learning rate 1 takes away from w and b, and its J is what its loss
    prints. Sides of kinks are not looked at.
    """

    def __init__(self, network: PostStyleNetwork, x: Array, y: Array, loss: Any) -> None:
        self._network = copy.deepcopy(network)
        self._x, self._y = np.array(x, np.float64), np.array(y, np.float64)
        self._network.loss = loss(network.activations[max(network.activations)])
        self._network.learning_rate = 1
        specs: list[tuple[str, ArraySpec]] = []
        for i in network.w:
            specs.append((f"w[{i}]", ArraySpec("w", network.w[i].shape, "weight")))
            specs.append((f"b[{i}]", ArraySpec("b", network.b[i].shape, "bias")))
        self.layout = Layout.of(specs)
        self.theta = self._gather(self._network)

    @property
    def numbers_per_theta(self) -> int:
        return int(self._x.size)

    def claimed_gradient(self) -> Array:
        stepped = copy.deepcopy(self._network)
        z, a = stepped._feed_forward(self._x.copy())
        stepped._back_prop(z, a, self._y.copy())
        return self.theta - self._gather(stepped)

    def J(self, thetas: Array) -> tuple[Array, Array]:
        return np.array([self._J(theta) for theta in thetas]), np.empty((len(thetas), 0), bool)

    def _J(self, theta: Array) -> float:
        network = copy.deepcopy(self._network)
        views = {slot.name: slot.view(theta) for slot in self.layout}
        network.w = {i: views[f"w[{i}]"].copy() for i in network.w}
        network.b = {i: views[f"b[{i}]"].copy() for i in network.b}
        _, a = network._feed_forward(self._x.copy())
        return float(network.loss.loss(self._y.copy(), a[max(a)]))

    def _gather(self, network: PostStyleNetwork) -> Array:
        pairs = ((network.w[i], network.b[i]) for i in network.w)
        return np.concatenate([np.ravel(array) for pair in pairs for array in pair]).astype(np.float64)
