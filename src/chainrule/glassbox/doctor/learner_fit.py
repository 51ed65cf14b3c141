"""Reruns of the learner's own class: copies of it, taught by its own `fit`, which may print and draw as it likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.learner_network.own_code import copied, named_attribute, own_code
from chainrule.validation import finite_number

__all__ = ["LearnerFit"]

POST_LEARNING_RATE = 1e-3
"""That of the post's `fit`, where neither the caller nor the network says another one."""


@dataclass(frozen=True, eq=False)
class LearnerFit:
    """How to teach a copy of a network written as in the post.

    Attributes
    ----------
    given : object
        The network, never changed.
    loss : object
        What its `fit` is given as loss: a class, as in the post.
    epochs, batch_size : int
        As in the post's `fit`.
    learning_rate : float
        Size of a step.
    """

    given: Any
    loss: Any
    epochs: int
    batch_size: int
    learning_rate: float

    @classmethod
    def of(cls, given: Any, loss: Any, epochs: int, batch_size: int, learning_rate: Any) -> LearnerFit:
        """With the loss and the rate of the network's own last fit where none are given."""
        own_loss = named_attribute(given, "loss")
        rate = learning_rate if learning_rate is not None else named_attribute(given, "learning_rate")
        checked = POST_LEARNING_RATE if rate is None else finite_number("learning_rate", rate, above=0)
        found = loss if loss is not None else None if own_loss is None or callable(own_loss) else type(own_loss)
        return cls(given, found, epochs, batch_size, checked)

    @property
    def can_fit(self) -> bool:
        """Whether there is a `fit` to call."""
        return callable(named_attribute(self.given, "fit")) and isinstance(self.loss, type)

    @property
    def finite(self) -> bool:
        """Whether all of its numbers are finite."""
        try:
            arrays = [np.asarray(each, np.float64) for each in (*self.given.w.values(), *self.given.b.values())]
        except (TypeError, ValueError):  # of which `LearnerNetwork` says what they are
            return True
        return all(bool(np.isfinite(each).all()) for each in arrays)

    def started(self, *, usual_weights: bool = False) -> Any:
        """A copy with new starting numbers: those of its own class or, where asked for, the usual ones.

        The class is called as in the post, with dimensions and activations. Where it takes others, and for
        `usual_weights`, each w is drawn with the standard deviation sqrt(2 / n_in), and each b is 0.
        """
        new = copied(self.given)
        made = None if usual_weights else self._made_anew()
        rng = np.random.default_rng(0)
        for i, w in new.w.items():
            shape = np.shape(w)
            usual = rng.normal(0, np.sqrt(2 / shape[0]), shape)
            new.w[i] = usual if made is None else np.array(made.w[i], np.float64)
            b = np.zeros(np.shape(new.b[i])) if made is None else np.array(made.b[i], np.float64)
            new.b[i] = b
        return new

    @property
    def starts_itself(self) -> bool:
        """Whether its class can be made anew, so that its own starting numbers are known."""
        return self._made_anew() is not None

    def _made_anew(self) -> Any:
        dimensions = (len(self.given.w[1]), *(np.shape(w)[1] for _, w in sorted(self.given.w.items())))
        activations = tuple(each for _, each in sorted(self.given.activations.items()))
        try:
            with own_code(""):
                made = type(self.given)(dimensions, activations)
        except InvalidType:  # made with something else than the post's class: its start is not known
            return None
        shapes = {i: np.shape(w) for i, w in self.given.w.items()}
        same = isinstance(getattr(made, "w", None), dict) and {i: np.shape(w) for i, w in made.w.items()} == shapes
        return made if same else None

    def taught(self, start: Any, x: Array, y: Array, rate_factor: float, epochs: int) -> Any:
        """`start`, taught by its own `fit`.

        Raises
        ------
        InvalidType
            With its own words, where its code fails.
        """
        rate = self.learning_rate * rate_factor
        name = type(self.given).__name__
        with own_code(f"{name}.fit(x, y, loss, epochs, batch_size, learning_rate) fails in a rerun:"):
            start.fit(x.copy(), y.copy(), self.loss, epochs, self.batch_size, rate)
        return start
