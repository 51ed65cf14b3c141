"""The contract of a metric: what people want to know of predictions, beside J. None of them is trained on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.training.classification import confusion_matrix, decided

__all__ = ["Metric", "Outcome"]


class Outcome(NamedTuple):
    """Targets and predictions of some rows.

    Attributes
    ----------
    y : array of shape (n, k)
        Targets, encoded.
    a : array of shape (..., n, k)
        Outputs.
    weights : array of shape (n,) or None
        The rows' weights; None for equal ones.
    threshold : float
        From where on a single output means class 1.
    """

    y: Array
    a: Array
    weights: Array | None = None
    threshold: float = 0.5

    @property
    def one_class(self) -> bool:
        """Whether each row of y is one class: one-hot, or a 0 or 1 for a single output."""
        return self.yes_or_no and (self.y.shape[-1] == 1 or bool((self.y.sum(axis=-1) == 1).all()))

    @property
    def yes_or_no(self) -> bool:
        """Whether every number of y is 0 or 1."""
        return bool(((self.y == 0) | (self.y == 1)).all())

    def mean(self, rows: Array) -> Array:
        """The weighted mean over rows (..., n)."""
        mean: Array = np.average(rows.astype(np.float64), axis=-1, weights=self.weights)
        return mean

    def counts(self) -> Array:
        """The weight of the rows of class i that were taken for class j, of shape (..., k, k)."""
        k = max(2, self.y.shape[-1])
        truth, predicted = decided(self.y), decided(self.a, self.threshold)
        each = [confusion_matrix(truth, row, k, self.weights) for row in predicted.reshape(-1, len(truth))]
        return np.reshape(each, (*predicted.shape[:-1], k, k)).astype(np.float64)


@dataclass(frozen=True)
class Metric(ABC):
    """What every metric has.

    Attributes
    ----------
    name : str
        Its column in the history; with ``val_`` in front for the validation rows.
    formula : str
        What it is, in LaTeX.
    higher_is_better : bool or None
        Which way is up; None where chainrule cannot know.
    needs : str
        What y must hold for it to make sense, in words.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    higher_is_better: ClassVar[bool | None]
    needs: ClassVar[str] = "numbers"

    def fits(self, outcome: Outcome) -> bool:
        """Whether it makes sense of such targets."""
        return True

    @abstractmethod
    def measure(self, outcome: Outcome) -> Array:
        """The metric, of shape (...,): one number for each network."""
