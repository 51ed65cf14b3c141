"""One step of a learner's own code, carried out on a copy of the network and watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.learner_network.activation import LearnerActivation
from chainrule.glassbox.learner_network.loss import LearnerLoss
from chainrule.glassbox.learner_network.on_copies import OnCopies
from chainrule.glassbox.learner_network.own_code import copied, named_attribute, own_code
from chainrule.validation import finite_number

__all__ = [
    "CANNOT_BE_SET",
    "NO_RATE",
    "LearnerStep",
    "check_reaches_output",
    "parameters_after",
    "step_of",
    "without_rate",
]

NO_RATE = 1e-6
"""A learning rate next to 0, at which a step must take next to nothing away."""

HANDED = ("index", "dw", "delta")
"""What the post's `_update_w_b` is given."""

CANNOT_BE_SET = "A copy of {} must take other w, b, activations, loss, learning_rate and n_layers, but says"
"""The beginning of a sentence on a class that does not let its attributes be set."""


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
    remarks : tuple of str
        Where its code does something else than is taken for granted, a sentence each.
    """

    dw: dict[int, Array]
    db: dict[int, Array]
    delta: dict[int, Array]
    w: dict[int, Array]
    b: dict[int, Array]
    remarks: tuple[str, ...] = ()


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

    def stepped(rate: float) -> tuple[dict[int, Array], dict[int, Array], dict[int, _Handed]]:
        network, handed = _stepped(_prepared(given, w, b, activations, loss, rate), x, y, len(w) + 1)
        return *parameters_after(network, w, b), handed

    unit_w, unit_b, handed = stepped(1.0)
    new_w, new_b, _ = stepped(rate)
    dw = {i: w[i] - unit_w[i] for i in w}
    db = {i: b[i] - unit_b[i] for i in b}
    still_w, still_b, _ = stepped(NO_RATE)
    remark = without_rate(
        type(given).__name__,
        {f"w[{i}]": (dw[i], w[i] - still_w[i]) for i in w} | {f"b[{i}]": (db[i], b[i] - still_b[i]) for i in b},
    )
    for i, each in handed.items():
        if each.dw is not None and each.dw.shape == dw[i].shape and np.allclose(each.dw, dw[i], rtol=1e-9, atol=1e-12):
            dw[i] = each.dw  # as it was before it was subtracted, and rounded
    delta = {i + 1: each.delta for i, each in handed.items() if each.delta is not None}
    return LearnerStep(dw, db, delta, new_w, new_b, () if remark is None else (remark,))


def parameters_after(
    network: Any, w: Mapping[int, Array], b: Mapping[int, Array]
) -> tuple[dict[int, Array], dict[int, Array]]:
    """The w and b that a learner's network has after a step, as those before; each b of shape (d,).

    Raises
    ------
    InvalidType
        If a step makes something else of one.
    """
    return (
        {i: _after(network.w, f"w[{i}]", i, each.shape) for i, each in w.items()},
        {i: _after(network.b, f"b[{i}]", i, each.shape, (1, each.size), (each.size, 1)) for i, each in b.items()},
    )


def _after(given: Mapping[int, Any], name: str, i: int, shape: tuple[int, ...], *others: tuple[int, ...]) -> Array:
    with own_code(f"After a step, {name} is no array of numbers any more:"):
        array = np.array(given[i], np.float64)
    if array.shape not in (shape, *others):
        advice = ": sum delta over the rows, np.sum(delta, axis=0)" if name.startswith("b") else ""
        raise InvalidType(f"A step makes an array of the shape {array.shape} of {name}, which has {shape}{advice}.")
    return array.reshape(shape)


def without_rate(program: str, moves: Mapping[str, tuple[Array, Array]]) -> str | None:
    """A sentence on arrays that move even if the learning rate is next to 0; None if there are none.

    Parameters
    ----------
    program : str
        What the learner's class is called.
    moves : mapping of str to (array, array)
        What a step with the rate 1, and one with `NO_RATE`, takes away from each array.
    """
    names = [
        name
        for name, (unit, still) in moves.items()
        if np.abs(still).max() > max(1e-3 * float(np.abs(unit).max()), 1e-9)
    ]
    if not names:
        return None
    return (
        f"A step of {program} with a learning_rate next to 0 still moves {', '.join(names)}: it does not multiply by "
        "self.learning_rate, or goes on with what earlier steps left, such as a velocity. What a step takes away is "
        "then no gradient."
    )


def _prepared(
    given: Any,
    w: Mapping[int, Array],
    b: Mapping[int, Array],
    activations: Mapping[int, LearnerActivation],
    loss: LearnerLoss,
    learning_rate: float,
) -> Any:
    """A copy of the learner's network whose functions get copies of what they are given."""
    network = copied(given)
    with own_code(CANNOT_BE_SET.format(type(given).__name__)):
        network.w = {i: each.copy() for i, each in w.items()}
        network.b = {i: np.reshape(each, np.shape(given.b[i])).copy() for i, each in b.items()}
        network.activations = {i: _CheckedActivation(each) for i, each in activations.items()}
        network.loss = _CheckedLoss(loss)
        network.learning_rate = learning_rate
        if named_attribute(network, "n_layers") is None:
            network.n_layers = len(w) + 1
    return network


def _stepped(network: Any, x: Array, y: Array, n_layers: int) -> tuple[Any, dict[int, _Handed]]:
    """The network after one step, and what it handed to ``_update_w_b``, by layer.

    The delta of the output is what its loss gave it, where it hands none on.
    """
    handed: dict[int, _Handed] = {}
    own_update: Callable[..., Any] | None = named_attribute(network, "_update_w_b")
    with own_code(f"{type(network).__name__} cannot take a step: its code says"):
        if callable(own_update):

            def update(*given: Any, **named: Any) -> Any:
                known = dict(zip(HANDED, given, strict=False)) | named
                if known.keys() == {*HANDED} and len(given) <= len(HANDED) and known["index"] in network.w:
                    handed[known["index"]] = _Handed(_copied(known["dw"]), _copied(known["delta"]))
                return own_update(*given, **named)

            network._update_w_b = update
        z, a = network._feed_forward(x.copy())
        check_reaches_output(network, a, n_layers)
        network._back_prop(z, a, y.copy())
    given_by_loss = network.loss.last_delta if isinstance(network.loss, _CheckedLoss) else None
    if given_by_loss is not None and not any(each.delta is not None for each in handed.values()):
        handed[n_layers - 1] = _Handed(handed[n_layers - 1].dw if n_layers - 1 in handed else None, given_by_loss)
    return network, handed


def check_reaches_output(network: Any, a: Any, n_layers: int) -> None:
    """See that a ``_feed_forward`` did not stop before the output.

    Raises
    ------
    InvalidType
        If it gives the layers from 1 to one before the last.
    """
    if not isinstance(a, Mapping) or n_layers in a or sorted(map(repr, a)) != sorted(map(repr, range(1, len(a) + 1))):
        return  # it is numbered otherwise, or all there
    own = named_attribute(network, "n_layers")
    layers = "a[1] alone" if len(a) == 1 else f"a[1] to a[{len(a)}]"
    why = f"n_layers is {own}, and there are" if isinstance(own, int) and own != n_layers else "there are"
    raise InvalidType(
        f"{type(network).__name__}: your _feed_forward gives {layers}, and the output is a[{n_layers}]: {why} "
        f"{n_layers} layers, the input counted, one more than there are w. Nothing trains what it leaves out."
    )


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
        self.last_delta: Array | None = None

    def loss(self, *arguments: Any, **named: Any) -> float:
        return self._loss.J_of_call(*arguments, **named)

    def delta(self, *arguments: Any, **named: Any) -> Array:
        delta = self._loss.delta_of_call(*arguments, **named)
        self.last_delta = delta.copy()
        return delta


def _copied(value: Any) -> Array | None:
    try:
        array = np.array(value, np.float64)
    except (TypeError, ValueError):  # something else than the post hands over
        return None
    return array if array.ndim else None
