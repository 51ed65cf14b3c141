"""A network of chainrule, for a gradient check: in float64, on a batch, in training mode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.activations import Elementwise, Identity
from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.more_rows import MORE, more_rows
from chainrule.glassbox.gradient_check.one_pass import OnePass, derivative_of_rows, trusted_slopes
from chainrule.network import sequence
from chainrule.network.architecture import walk
from chainrule.network.layer import Mode
from chainrule.network.layers import Dense, Dropout
from chainrule.network.layout import Layout
from chainrule.network.objective import Objective, row_shares
from chainrule.network.records import ForwardRecord
from chainrule.network.sparse_rows import dense

__all__ = ["NetworkSubject"]


@dataclass(frozen=True)
class NetworkSubject:
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
    def knows_its_kinks(self) -> bool:
        return True

    @property
    def mode(self) -> Mode:
        """How passes are made: as in training, with the same masks each time."""
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
            self.mode,
            architecture.bind_parameters(gradient),
        )
        return gradient + objective.penalty.gradient(self.theta, objective.penalised)

    def J(self, thetas: Array) -> tuple[Array, Array]:
        objective, architecture = self.objective, self.objective.architecture
        bound = architecture.bind_parameters(thetas), architecture.bind_statistics(self.state)
        _, caches = sequence.forward(architecture.layers, *bound, dense(self.rows.x), self.mode)
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

    # --- what the diagnosis computes with ------------------------------------------------------------------------

    @cached_property
    def caches(self) -> tuple[Any, ...]:
        """What each layer keeps of a forward pass."""
        architecture = self.objective.architecture
        bound = architecture.bind_parameters(self.theta), architecture.bind_statistics(self.state)
        return sequence.forward(architecture.layers, *bound, self.inputs, self.mode)[1]

    @property
    def inputs(self) -> Array:
        """The rows, of shape (n, d_1)."""
        return dense(self.rows.x)

    @property
    def penalty_gradient(self) -> Array:
        """The part of the penalty in the gradient, of shape (P,)."""
        return self.objective.penalty.gradient(self.theta, self.objective.penalised)

    def with_more_rows(self) -> NetworkSubject:
        """The same network on the rows given and some more like them."""
        x, y = more_rows(dense(self.rows.x), self.rows.y)
        weights = self.rows.weights
        if weights is not None:
            weights = np.concatenate([weights, weights[np.arange(MORE) % len(weights)]])
            weights = weights / weights.mean()
        return replace(self, rows=LabelledRows(x, y, weights))

    def one_pass(self, numerical: Array | None = None) -> OnePass | None:
        """A pass, with derivatives by differences; None of a network with more than dense layers and dropout."""
        architecture = self.objective.architecture
        dense_layers = [layer for layer in architecture.layers if isinstance(layer, Dense)]
        if not all(isinstance(layer, Dense | Dropout) for layer in architecture.layers):
            return None
        if not all(isinstance(layer.activation, Elementwise) for layer in dense_layers[:-1]):
            return None
        record = ForwardRecord.of(architecture, self.caches)
        numbers = list(architecture.dense_layers)
        f = {i + 1: layer.activation for i, layer in architecture.dense_layers.items()}
        z, last = record.z, max(record.z)
        a = {i: f[i].f(each) for i, each in z.items()}
        loss, output, y = self.objective.loss, f[last], self.rows.y
        shares = np.broadcast_to(np.reshape(self._shares, (-1, 1)), (len(self.rows), 1))
        own_at_z = {i: f[i].backward(np.ones_like(each), each, a[i]) for i, each in z.items()}
        hidden = {i: trusted_slopes(f[i].f, z[i], own_at_z[i]) for i in z if isinstance(f[i], Elementwise)}
        delta = shares * derivative_of_rows(lambda at: loss.rows(y, at, output.f(at), output), z[last])
        g = shares * derivative_of_rows(lambda at: loss.rows(y, at, at, Identity()), a[last])
        claimed = self.claimed_gradient()
        if numerical is not None:
            claimed = np.where(np.isnan(numerical), np.nan, claimed)
        claimed = claimed - self.penalty_gradient
        w = {i: self.layout[f"w[{i}]"].view(self.theta) for i in numbers}
        named = {slot.name: slot.view(claimed) for slot in self.layout}
        return OnePass(
            x=self.inputs,
            y=y,
            w=w,
            w_after={i: each - np.nan_to_num(named[f"w[{i}]"]) for i, each in w.items()},
            received={i: record.a[i] for i in numbers},
            z=z,
            a=a,
            g=g,
            delta=delta,
            slopes=hidden,
            own_at_z=own_at_z,
            own_at_a={i: f[i].backward(np.ones_like(each), each, f[i].f(each)) for i, each in a.items() if i in hidden},
            own_output=shares * loss.delta(y, z[last], a[last], output),
            claimed=named,
            masks=self._masks(),
        )

    def _masks(self) -> dict[int, Array]:
        """By layer number, the factor of dropout on the way from a[i] to the dense layer i."""
        masks: dict[int, Array] = {}
        i = 1
        for layer, cache in zip(self.objective.architecture.layers, self.caches, strict=True):
            if isinstance(layer, Dense):
                i += 1
            elif isinstance(cache, np.ndarray):
                masks[i] = masks.get(i, 1.0) * cache
        return masks
