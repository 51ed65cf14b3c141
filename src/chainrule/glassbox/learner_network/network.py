"""A copy of a network written as in the post, which everything in the glass box can look at."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.functions.losses import LOSSES, Loss
from chainrule.glassbox.learner_network.activation import LearnerActivation
from chainrule.glassbox.learner_network.loss import LearnerLoss
from chainrule.glassbox.learner_network.own_code import named_attribute
from chainrule.glassbox.learner_network.rows import checked_rows, numbers
from chainrule.glassbox.learner_network.step import LearnerStep, step_of
from chainrule.network.architecture import Architecture
from chainrule.network.layers import Dense

__all__ = ["LearnerNetwork", "is_learner_network"]

WANTED = ("w", "b", "activations")
"""What the post's class has, and all that is needed of one like it."""

MOST_KEYS = 8
"""So many keys are listed that are no layer numbers."""


def is_learner_network(candidate: Any) -> bool:
    """Whether something has the post's w, b and activations, by layer number."""
    return not isinstance(candidate, type) and all(
        isinstance(named_attribute(candidate, each), Mapping) for each in WANTED
    )


class LearnerNetwork:
    """A copy of a network written as in the post, in float64.

    Parameters
    ----------
    given : object
        With ``w`` and ``b`` from 1 and ``activations`` from 2, by layer number.
    loss : type, object or LossLike, optional
        A class such as the post's MSE, or a loss of chainrule; by default that of the network's last fit.

    Attributes
    ----------
    given : object
        The network itself, never changed.
    w, b : dict of int to array
        Copies; each b of shape (d,).
    activations : dict of int to LearnerActivation
        By layer, from 2.
    loss : LearnerLoss, Loss or None
        What is to be made small.

    Raises
    ------
    InvalidArgument, InvalidType
        With what is missing or does not fit.
    """

    def __init__(self, given: Any, loss: Any = None) -> None:
        if not is_learner_network(given):
            missing = [each for each in WANTED if not isinstance(named_attribute(given, each), Mapping)]
            raise InvalidType(
                f"{_called(given)} is neither a chainrule Network, nor a fitted estimator, nor a network as in the "
                f"post: it has no {' and no '.join(missing)} by layer number, such as w[1].{_instead_of(given)}"
            )
        self.given = given
        self.name = type(given).__name__
        self.w = {i: numbers(f"w[{i}]", w, 2) for i, w in _by_number("w", given.w).items()}
        self.b = {i: numbers(f"b[{i}]", b, np.ndim(b)).ravel() for i, b in _by_number("b", given.b).items()}
        activations = _by_number("activations", given.activations)
        self._check_layers(activations)
        self.activations = {i: LearnerActivation(each) for i, each in activations.items()}
        self.loss = self._loss(loss)

    def _check_layers(self, activations: Mapping[int, Any]) -> None:
        m = len(self.w)
        if m == 0 or list(self.w) != list(range(1, m + 1)) or list(self.b) != list(self.w):
            raise InvalidArgument(
                f"w and b are numbered 1, 2, ... as in the post, one for each layer but the last; {self.name} has w "
                f"{list(self.w)} and b {list(self.b)}."
            )
        if sorted(activations) != list(range(2, m + 2)):
            raise InvalidArgument(
                f"{m} arrays of weights need activations for the layers 2 to {m + 1}; {self.name} has them for "
                f"{sorted(activations)}."
            )
        for i, w in self.w.items():
            if i > 1 and len(w) != self.w[i - 1].shape[1]:
                raise InvalidArgument(
                    f"w[{i}] has {len(w)} rows, but layer {i} has {self.w[i - 1].shape[1]} units, the columns of "
                    f"w[{i - 1}]: the two must be equal."
                )
            if self.b[i].size != w.shape[1]:
                raise InvalidArgument(
                    f"b[{i}] has {self.b[i].size} numbers for the {w.shape[1]} units of layer {i + 1}."
                )

    def _loss(self, loss: Any) -> LearnerLoss | Loss | None:
        if loss is None:
            loss = named_attribute(self.given, "loss")
        if loss is None:
            return None
        if isinstance(loss, str | Loss) or (isinstance(loss, type) and issubclass(loss, Loss)):
            known: Loss = LOSSES.resolve(loss)
            return known
        return LearnerLoss(loss, self.activations[self.n_layers])

    @property
    def required_loss(self) -> LearnerLoss | Loss:
        """The loss.

        Raises
        ------
        InvalidType
            If there is none.
        """
        if self.loss is None:
            raise InvalidType(
                f"{self.name} was not fitted and says nothing of a loss: give loss, your class (such as the post's "
                "MSE) or the name of one of chainrule's, such as loss='mse'."
            )
        return self.loss

    @property
    def n_layers(self) -> int:
        """Number of layers, the input counted."""
        return len(self.w) + 1

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Units by layer, the input first."""
        return (len(self.w[1]), *(w.shape[1] for w in self.w.values()))

    @cached_property
    def architecture(self) -> Architecture:
        """The same layers as chainrule's own; an activation that chainrule does not know is the learner's."""
        pairs = zip(self.w.values(), self.activations.values(), strict=True)
        return Architecture.of([Dense(w.shape[0], w.shape[1], f.known_as or f) for w, f in pairs])

    @cached_property
    def theta(self) -> Array:
        """All w and b as one vector, of shape (P,), in the layout of `architecture`."""
        return np.concatenate([np.ravel(array) for i in self.w for array in (self.w[i], self.b[i])])

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What is to be known of the learner's functions: which ones overwrite their arguments or share memory."""
        seen = dict.fromkeys(sentence for each in self.activations.values() for sentence in each.remarks)
        return tuple(seen)

    def rows(self, x: Any, y: Any = None) -> tuple[Array, Array]:
        """Copies of rows x (n, d_1) and targets y (n, k) that fit the network; a y of (n,) with one output is (n, 1).

        Raises
        ------
        InvalidArgument, InvalidType
            If they do not fit.
        """
        inputs = checked_rows("x", x, self.dimensions[0])
        if y is None:
            return inputs, np.empty((len(inputs), 0))
        k = self.dimensions[-1]
        targets = np.asarray(y)
        if targets.ndim == 1 and k > 1 and targets.dtype.kind in "iu" and len(targets) and targets.min() >= 0:
            if targets.max() >= k:
                raise InvalidArgument(f"y has the class {targets.max()}, and the network {k} outputs, counted from 0.")
            targets = np.eye(k)[targets]
        if targets.ndim == 1:
            targets = targets[:, np.newaxis]
        targets = checked_rows("y", targets, k)
        if len(targets) != len(inputs):
            raise InvalidArgument(f"x has {len(inputs)} rows and y {len(targets)}: each row needs its target.")
        return inputs, targets

    def row_remarks(self, y: Any) -> tuple[str, ...]:
        """What `rows` makes of targets that their owner's own code would get as they are, a sentence each."""
        shape, k = np.shape(y), self.dimensions[-1]
        if len(shape) != 1:
            return ()
        n = shape[0]
        if k == 1:
            return (
                f"y was made a column, of the shape ({n}, 1): {self.name}'s own code gets what you give it, and may "
                f"broadcast ({n},) against ({n}, 1) to ({n}, {n}). Give y[:, np.newaxis] when you train it.",
            )
        return (
            f"y was made one-hot, of the shape ({n}, {k}), from the numbers of the classes: {self.name}'s own code "
            f"gets what you give it. Give np.eye({k})[y] when you train it.",
        )

    def forward(self, x: Array) -> tuple[dict[int, Array], dict[int, Array]]:
        """Every z and a of rows (n, d_1), from w, b and the activations; no two of them share memory."""
        z: dict[int, Array] = {}
        a = {1: x.copy()}
        for i, w in self.w.items():
            z[i + 1] = a[i] @ w + self.b[i]
            a[i + 1] = self.activations[i + 1].f(z[i + 1])
        return z, a

    def step(self, x: Array, y: Array, learning_rate: float) -> LearnerStep | None:
        """What one step of the learner's own ``_feed_forward`` and ``_back_prop`` does, on a copy.

        None where it has no such functions, or where the loss is one of chainrule's, which they do not know.

        Parameters
        ----------
        x : array of shape (n, d_1)
            Rows, one batch.
        y : array of shape (n, k)
            Targets.
        learning_rate : float
            Size of the step, above 0.

        Raises
        ------
        InvalidType
            If the loss is missing, or its code fails, with its own words.
        """
        loss = self.required_loss
        has_code = all(callable(named_attribute(self.given, each)) for each in ("_feed_forward", "_back_prop"))
        if not has_code or not isinstance(loss, LearnerLoss):
            return None
        return step_of(self.given, self.w, self.b, self.activations, loss, x, y, learning_rate)


def _by_number(name: str, given: Mapping[Any, Any]) -> dict[int, Any]:
    """What is given by layer number, in the order of the layers."""
    try:
        return dict(sorted(((operator.index(i), each) for i, each in given.items()), key=lambda pair: pair[0]))
    except TypeError as error:
        raise InvalidType(
            f"{name} has the keys {', '.join(map(repr, list(given)[:MOST_KEYS]))}; layer numbers are needed, such as "
            f"{name}[{2 if name == 'activations' else 1}]."
        ) from error


def _instead_of(given: Any) -> str:
    """What to give in place of something that holds a network, or will hold one."""
    if isinstance(named_attribute(given, "steps"), list):
        return " Of a pipeline, give its last step, pipeline[-1], and x as that gets it: pipeline[:-1].transform(x)."
    own = any(each.__module__.partition(".")[0] == "chainrule" for each in type(given).__mro__)
    if own and callable(named_attribute(given, "get_params")):
        return " An estimator of chainrule has its network once it is fitted: call fit(x, y) first."
    return ""


def _called(given: Any) -> str:
    return given.__name__ if isinstance(given, type) else type(given).__name__
