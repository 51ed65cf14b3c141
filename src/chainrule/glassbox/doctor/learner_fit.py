"""Reruns of the learner's own class: copies of it, taught by its own `fit`, which may print and draw as it likes."""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
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
        own_loss = getattr(given, "loss", None)
        rate = learning_rate if learning_rate is not None else getattr(given, "learning_rate", None)
        checked = POST_LEARNING_RATE if rate is None else finite_number("learning_rate", rate, above=0)
        found = loss if loss is not None else None if own_loss is None or callable(own_loss) else type(own_loss)
        return cls(given, found, epochs, batch_size, checked)

    @property
    def can_fit(self) -> bool:
        """Whether there is a `fit` to call."""
        return callable(getattr(self.given, "fit", None)) and isinstance(self.loss, type)

    @property
    def finite(self) -> bool:
        """Whether all of its numbers are finite."""
        arrays = [*self.given.w.values(), *self.given.b.values()]
        return all(bool(np.isfinite(np.asarray(each, np.float64)).all()) for each in arrays)

    def started(self, *, usual_weights: bool = False) -> Any:
        """A copy with new starting numbers: those of its own class or, where asked for, the usual ones.

        The class is called as in the post, with dimensions and activations. Where it takes others, and for
        `usual_weights`, each w is drawn with the standard deviation sqrt(2 / n_in), and each b is 0.
        """
        new = copy.deepcopy(self.given)
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
        with _left_alone():
            try:
                made = type(self.given)(dimensions, activations)
            except TypeError:  # made with something else than the post's class: its start is not known
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
        with _left_alone():
            try:
                start.fit(x.copy(), y.copy(), self.loss, epochs, self.batch_size, rate)
            except Exception as error:
                raise InvalidType(
                    f"{type(self.given).__name__}.fit(x, y, loss, epochs, batch_size, learning_rate) fails in a rerun: "
                    f"{type(error).__name__}: {str(error)[:200]}."
                ) from error
        return start


@contextlib.contextmanager
def _left_alone() -> Iterator[None]:
    """What the learner's code prints, warns of and draws leaves no trace; it draws the same at each call."""
    before = np.random.get_state()  # noqa: NPY002  (the post draws from NumPy's global state)
    np.random.seed(0)  # noqa: NPY002
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
