"""A learner's loss, called with copies."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.arrays import Array
from chainrule.functions.losses import LOSSES, Loss
from chainrule.glassbox.learner_network.activation import LearnerActivation
from chainrule.glassbox.learner_network.on_copies import copied_array
from chainrule.glassbox.learner_network.own_code import copied, in_words, named_attribute, own_code

__all__ = ["LearnerLoss"]


class LearnerLoss:
    """A learner's loss, as the post's MSE: made with the output's activation, with ``loss`` and ``delta``.

    Parameters
    ----------
    given : type or object
        The class, which is made with the activation, or an instance.
    activation : LearnerActivation
        That of the output layer.

    Raises
    ------
    InvalidType
        If it has no ``loss``, or cannot be made so.
    """

    def __init__(self, given: Any, activation: LearnerActivation) -> None:
        self.given, self.activation = given, activation
        self.name = given.__name__ if isinstance(given, type) else type(given).__name__
        self.instance = _made(given, activation.given) if isinstance(given, type) else copied(given)
        if not callable(named_attribute(self.instance, "loss")):
            raise InvalidType(
                f"The loss {self.name} has no function `loss` of y_true and y_pred, as MSE of the post has. Give such "
                f"a class, or one of chainrule's by its name: {', '.join(map(repr, LOSSES.names))}."
            )

    def J(self, y: Array, a: Array) -> float:
        """What its `loss` gives for these rows.

        Raises
        ------
        InvalidType
            If that is no single number.
        """
        return self.J_of_call(y, a)

    def J_of_call(self, *arguments: Any, **named: Any) -> float:
        """What its `loss` gives for copies of the arguments that the learner's own code hands to it.

        Raises
        ------
        InvalidType
            If that is no single number.
        """
        shape = _shape_of_rows(arguments, named)
        with own_code(f"{self.name}.loss fails for outputs of the shape {shape}:"):
            given = _called(self.instance.loss, arguments, named)
            if given is None:
                raise InvalidType(f"{self.name}.loss returns nothing (None), and J is a number: add a return.")
            value = np.asarray(given, np.float64)
        if value.size != 1:
            raise InvalidType(
                f"{self.name}.loss gives an array of the shape {value.shape}, and J is one number: take its mean."
            )
        return float(value.reshape(()))

    def rows(self, y: Array, a: Array) -> Array:
        """What its `loss` gives for each row alone, of shape (n,)."""
        return np.array([self.J(y[row : row + 1], a[row : row + 1]) for row in range(len(y))])

    def delta(self, y: Array, a: Array, z: Array | None = None) -> Array:
        """What its `delta` gives for these rows, of shape (n, k).

        It gets y and a, as in the post; where it takes a third argument, or one whose name begins with z, that is z.

        Raises
        ------
        InvalidType
            If there is none.
        """
        wants_z = () if z is None else _wants_z(named_attribute(self.instance, "delta"))
        outputs: dict[str, Array] = {name: a if z is None or not is_z else z for name, is_z in wants_z}
        return self.delta_of_call(y, **outputs) if any(is_z for _, is_z in wants_z) else self.delta_of_call(y, a)

    def delta_of_call(self, *arguments: Any, **named: Any) -> Array:
        """What its `delta` gives for copies of the arguments that the learner's own code hands to it.

        Raises
        ------
        InvalidType
            If there is none, or it gives something else than an array of the shape of the first argument.
        """
        if not callable(named_attribute(self.instance, "delta")):
            raise InvalidType(
                f"The loss {self.name} has no function `delta` of y_true and y_pred, the error with which "
                "backpropagation begins, as MSE of the post has."
            )
        shape = _shape_of_rows(arguments, named)
        with own_code(f"{self.name}.delta fails for outputs of the shape {shape}:"):
            given = _called(self.instance.delta, arguments, named)
            if given is None:
                raise InvalidType(f"{self.name}.delta returns nothing (None): add a return.")
            delta = np.asarray(given, np.float64)
        if delta.shape != shape:
            raise InvalidType(f"{self.name}.delta gives the shape {delta.shape} for outputs of the shape {shape}.")
        return delta

    @cached_property
    def known_as(self) -> Loss | None:
        """The loss of chainrule that has the same values, if there is one."""
        output = ACTIVATIONS.resolve("identity")
        shares, values = _batches()
        own = [self._tried(y, a) for y, a in (*shares, *values)]
        for member in LOSSES:
            loss = member()
            if loss.target == "levels" or loss.name == "hinge":
                continue
            batches = [*shares, *values] if loss.target == "value" and loss.name != "poisson" else shares
            same = [
                given is not None and np.isclose(np.mean(loss.rows(y, a, a, output)), given, rtol=1e-9)
                for (y, a), given in zip(batches, own, strict=False)
            ]
            if all(same):
                return loss
        return None

    def _tried(self, y: Array, a: Array) -> float | None:
        """J of a batch; None where it takes its own network's outputs alone."""
        try:
            return self.J(y, a)
        except InvalidType:
            return None

    def __str__(self) -> str:
        return self.name


def _called(function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What a function gives for copies."""
    return function(*map(copied_array, arguments), **{name: copied_array(each) for name, each in named.items()})


def _shape_of_rows(arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[int, ...]:
    """The shape of targets and outputs: that of the first array among the arguments."""
    arrays = (each for each in (*arguments, *named.values()) if isinstance(each, np.ndarray))
    return next((each.shape for each in arrays), ())


def _wants_z(delta: Any) -> tuple[tuple[str, bool], ...]:
    """The names of what a `delta` wants after y, each with whether that is z; empty where Python cannot tell."""
    try:
        parameters = list(inspect.signature(delta).parameters.values())[1:]
    except (TypeError, ValueError):  # there is none, or it is not written in Python
        return ()
    takes = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    wanted = [each.name for each in parameters if each.kind in takes and each.default is inspect.Parameter.empty]
    named = [name for name in wanted if name.lower().startswith("z")] or wanted[1:2]
    return tuple((name, name in named) for name in wanted)


def _batches() -> tuple[list[tuple[Array, Array]], list[tuple[Array, Array]]]:
    """Targets and outputs on which losses are told apart: classes and their probabilities, and numbers of any size.

    Of two sizes each, since a sum divided by 4 is the mean over 4 rows alone; with errors below 1 and above, since half
    the square is also the Huber loss of small errors.
    """
    rng = np.random.default_rng(0)
    shares, values = [], []
    for n in (4, 7):
        a = rng.uniform(0.1, 0.9, (n, 3))
        shares.append((np.eye(3)[rng.permutation(n) % 3], a / a.sum(axis=1, keepdims=True)))
        values.append((rng.normal(0.0, 3.0, (n, 3)), rng.normal(0.0, 3.0, (n, 3))))
    return shares, values


def _made(loss: type, activation: Any) -> Any:
    with own_code(f"The loss {loss.__name__} cannot be made:"):
        try:
            return loss(activation)
        except TypeError:
            try:
                return loss()
            except TypeError as error:
                raise InvalidType(
                    f"The loss {loss.__name__} can be made neither with the output's activation, as in the post, nor "
                    f"with nothing: {in_words(error)}"
                ) from error
