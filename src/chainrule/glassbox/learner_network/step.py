"""One step of a learner's own code, carried out on a copy of the network and watched."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.learner_network.activation import LearnerActivation
from chainrule.glassbox.learner_network.loss import LearnerLoss
from chainrule.glassbox.learner_network.on_copies import OnCopies
from chainrule.validation import finite_number

__all__ = ["LearnerStep", "step_of"]


class LearnerStep(NamedTuple):
    """What one step of a learner's own code did.

    Attributes
    ----------
    dw, db : dict of int to array
        By how much, over the learning rate, it moved w and b.
    delta : dict of int to array
        The delta of each layer that it handed to ``_update_w_b``; empty where it has no such function.
    w, b : dict of int to array
        After the step.
    """

    dw: dict[int, Array]
    db: dict[int, Array]
    delta: dict[int, Array]
    w: dict[int, Array]
    b: dict[int, Array]


class _Handed(NamedTuple):
    """What the learner's ``_update_w_b`` was given."""

    dw: Array | None
    delta: Array | None


def step_of(
    given: Any,
    w: Mapping[int, Array],
    b: Mapping[int, Array],
    activations: Mapping[int, LearnerActivation],
    loss: LearnerLoss,
    x: Array,
    y: Array,
    learning_rate: float,
) -> LearnerStep:
    """Take a step with a copy of the learner's network.

    The gradient is what a step with the rate 1 takes away; delta is what it hands to ``_update_w_b``, as in the post.
    """
    rate = finite_number("The learning rate", learning_rate, above=0)

    def stepped(rate: float) -> tuple[Any, dict[int, _Handed]]:
        return _stepped(_prepared(given, w, b, activations, loss, rate), x, y)

    unit, handed = stepped(1.0)
    moved, _ = stepped(rate)
    dw = {i: w[i] - unit.w[i] for i in w}
    db = {i: b[i] - np.reshape(unit.b[i], -1) for i in b}
    for i, each in handed.items():
        if each.dw is not None and each.dw.shape == dw[i].shape and np.allclose(each.dw, dw[i], rtol=1e-9, atol=1e-12):
            dw[i] = each.dw  # as it was before it was subtracted, and rounded
    delta = {i + 1: each.delta for i, each in handed.items() if each.delta is not None}
    return LearnerStep(dw, db, delta, dict(moved.w), {i: np.reshape(each, -1) for i, each in moved.b.items()})


def _prepared(
    given: Any,
    w: Mapping[int, Array],
    b: Mapping[int, Array],
    activations: Mapping[int, LearnerActivation],
    loss: LearnerLoss,
    learning_rate: float,
) -> Any:
    """A copy of the learner's network whose functions get copies of what they are given."""
    network = copy.deepcopy(given)
    network.w = {i: each.copy() for i, each in w.items()}
    network.b = {i: each.copy() for i, each in b.items()}
    network.activations = {i: _CheckedActivation(each) for i, each in activations.items()}
    network.loss = _CheckedLoss(loss)
    network.learning_rate, network.n_layers = learning_rate, len(w) + 1
    return network


def _stepped(network: Any, x: Array, y: Array) -> tuple[Any, dict[int, _Handed]]:
    """The network after one step, and what it handed to ``_update_w_b``, by layer."""
    handed: dict[int, _Handed] = {}
    own_update: Callable[..., Any] | None = getattr(network, "_update_w_b", None)
    if callable(own_update):

        def update(index: int, dw: Any, delta: Any) -> Any:
            handed[index] = _Handed(_copied(dw), _copied(delta))
            return own_update(index, dw, delta)

        network._update_w_b = update
    try:
        z, a = network._feed_forward(x.copy())
        network._back_prop(z, a, y.copy())
    except InvalidType:
        raise
    except Exception as error:
        raise InvalidType(
            f"{type(network).__name__} cannot take a step: its code says {type(error).__name__}: {str(error)[:300]}."
        ) from error
    return network, handed


class _CheckedActivation(OnCopies):
    """A learner's activation in the learner's own code; what its two functions give is checked."""

    def __init__(self, activation: LearnerActivation) -> None:
        super().__init__(activation.given)
        self._activation = activation

    def activation(self, z: Array) -> Array:
        return self._activation.f(z)

    def prime(self, z: Array) -> Array:
        return self._activation.derivative(z, z)


class _CheckedLoss(OnCopies):
    """A learner's loss in the learner's own code; what its two functions give is checked."""

    def __init__(self, loss: LearnerLoss) -> None:
        super().__init__(loss.instance)
        self._loss = loss

    def loss(self, y_true: Array, y_pred: Array) -> float:
        return self._loss.J(y_true, y_pred)

    def delta(self, y_true: Array, y_pred: Array) -> Array:
        return self._loss.delta(y_true, y_pred)


def _copied(value: Any) -> Array | None:
    array = np.array(value, np.float64)
    return array if array.ndim else None
