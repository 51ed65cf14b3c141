"""A learner's loss, called with copies."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.arrays import Array
from chainrule.functions.losses import LOSSES, Loss
from chainrule.glassbox.learner_network.activation import LearnerActivation
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
        with own_code(f"{self.name}.loss fails for outputs of the shape {a.shape}:"):
            given = self.instance.loss(y.copy(), a.copy())
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

    def delta(self, y: Array, a: Array) -> Array:
        """What its `delta` gives for these rows, of shape (n, k).

        Raises
        ------
        InvalidType
            If there is none.
        """
        if not callable(named_attribute(self.instance, "delta")):
            raise InvalidType(
                f"The loss {self.name} has no function `delta` of y_true and y_pred, the error with which "
                "backpropagation begins, as MSE of the post has."
            )
        with own_code(f"{self.name}.delta fails for outputs of the shape {a.shape}:"):
            given = self.instance.delta(y.copy(), a.copy())
            if given is None:
                raise InvalidType(f"{self.name}.delta returns nothing (None): add a return.")
            delta = np.asarray(given, np.float64)
        if delta.shape != a.shape:
            raise InvalidType(f"{self.name}.delta gives the shape {delta.shape} for outputs of the shape {a.shape}.")
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
