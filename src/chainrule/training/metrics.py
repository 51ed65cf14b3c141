"""Metrics: what people want to know of predictions, beside J. None of them is trained on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from chainrule.catalogue import Catalogue
from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array, Rows
from chainrule.training.classification import decided

__all__ = [
    "METRICS",
    "R2",
    "RMSE",
    "Accuracy",
    "BalancedAccuracy",
    "BinaryAccuracy",
    "CustomMetric",
    "MacroF1",
    "MeanAbsoluteError",
    "Metric",
    "MetricLike",
    "Outcome",
    "checked_metrics",
]


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
        pairs = decided(self.y) * k + decided(self.a, self.threshold)
        weights = np.ones(len(self.y)) if self.weights is None else self.weights
        counted = [np.bincount(row, weights, minlength=k * k) for row in pairs.reshape(-1, len(self.y))]
        return np.reshape(counted, (*pairs.shape[:-1], k, k))


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


class _OfClasses(Metric):
    """A metric of decided classes."""

    higher_is_better = True
    needs = "one class for each row"

    def fits(self, outcome: Outcome) -> bool:
        return outcome.one_class


@dataclass(frozen=True)
class Accuracy(_OfClasses):
    """The share of rows whose class was decided right."""

    name = "accuracy"
    formula = r"\frac{1}{n} \sum_r [c_r = \hat c_r]"

    def measure(self, outcome: Outcome) -> Array:
        return outcome.mean(decided(outcome.a, outcome.threshold) == decided(outcome.y))


@dataclass(frozen=True)
class BalancedAccuracy(_OfClasses):
    """The mean over the classes of the share of their rows that was decided right; absent classes are left out."""

    name = "balanced_accuracy"
    formula = r"\frac{1}{k} \sum_c \frac{n_{cc}}{\sum_j n_{cj}}"

    def measure(self, outcome: Outcome) -> Array:
        counts = outcome.counts()
        support = counts.sum(axis=-1)
        recall = np.divide(_diagonal(counts), support, out=np.zeros_like(support), where=support > 0)
        mean: Array = recall.sum(axis=-1) / (support > 0).sum(axis=-1)
        return mean


@dataclass(frozen=True)
class MacroF1(_OfClasses):
    """The mean over the classes of 2 right / (taken for it + of it); classes that nowhere occur are left out."""

    name = "f1"
    formula = r"\frac{1}{k} \sum_c \frac{2 n_{cc}}{\sum_j n_{cj} + \sum_j n_{jc}}"

    def measure(self, outcome: Outcome) -> Array:
        counts = outcome.counts()
        either = counts.sum(axis=-1) + counts.sum(axis=-2)
        f1 = np.divide(2 * _diagonal(counts), either, out=np.zeros_like(either), where=either > 0)
        mean: Array = f1.sum(axis=-1) / (either > 0).sum(axis=-1)
        return mean


@dataclass(frozen=True)
class BinaryAccuracy(Metric):
    """The share of the yes/no outputs that were decided right, each for itself: for several labels a row."""

    name = "binary_accuracy"
    formula = r"\frac{1}{n k} \sum_{r, j} [y_{rj} = [a_{rj} \ge \tfrac{1}{2}]]"
    higher_is_better = True
    needs = "0 or 1 for each output"

    def fits(self, outcome: Outcome) -> bool:
        return outcome.yes_or_no

    def measure(self, outcome: Outcome) -> Array:
        right: Rows = (outcome.a >= outcome.threshold) == (outcome.y > 0)
        return outcome.mean(right.mean(axis=-1))


@dataclass(frozen=True)
class MeanAbsoluteError(Metric):
    """The mean distance of outputs and targets."""

    name = "mae"
    formula = r"\frac{1}{n k} \sum_{r, j} |a_{rj} - y_{rj}|"
    higher_is_better = False

    def measure(self, outcome: Outcome) -> Array:
        return outcome.mean(np.abs(outcome.a - outcome.y).mean(axis=-1))


@dataclass(frozen=True)
class RMSE(Metric):
    """The root of the mean squared distance of outputs and targets."""

    name = "rmse"
    formula = r"\sqrt{\frac{1}{n k} \sum_{r, j} (a_{rj} - y_{rj})^2}"
    higher_is_better = False

    def measure(self, outcome: Outcome) -> Array:
        return np.sqrt(outcome.mean(np.square(outcome.a - outcome.y).mean(axis=-1)))


@dataclass(frozen=True)
class R2(Metric):
    """The share of the targets' variance that the outputs explain, averaged over the outputs that vary.

    1 is perfect, 0 is as good as always giving the mean, and there is no lower bound.
    """

    name = "r2"
    formula = r"1 - \frac{\sum_r (y_r - a_r)^2}{\sum_r (y_r - \bar y)^2}"
    higher_is_better = True
    needs = "numbers that vary"

    def fits(self, outcome: Outcome) -> bool:
        return bool((np.ptp(outcome.y, axis=0) > 0).any())

    def measure(self, outcome: Outcome) -> Array:
        y = outcome.y.astype(np.float64)
        error = outcome.mean(np.square(outcome.a - y).swapaxes(-1, -2))
        variance = outcome.mean(np.square(y - outcome.mean(y.T)).T)
        varies = variance > 0
        mean: Array = (1 - error[..., varies] / variance[varies]).mean(axis=-1)
        return mean


@dataclass(frozen=True)
class CustomMetric(Metric):
    """A person's own: a function of y (n, k), as it is encoded, and a (n, k) that gives one number."""

    higher_is_better = None
    formula = ""

    function: Callable[[Array, Array], Any]

    @property
    def name(self) -> str:  # type: ignore[override]  # what a class has in the catalogue, an instance has here
        return getattr(self.function, "__name__", type(self.function).__name__)

    def measure(self, outcome: Outcome) -> Array:
        leading, last = outcome.a.shape[:-2], outcome.a.shape[-2:]
        values = [self.function(outcome.y.copy(), a.copy()) for a in outcome.a.reshape(-1, *last)]
        try:
            return np.asarray(values, np.float64).reshape(leading)
        except (TypeError, ValueError):
            raise InvalidType(f"The metric {self.name} must give one number, not {values[0]!r}.") from None


MetricLike: TypeAlias = Metric | type[Metric] | str | Callable[[Array, Array], Any]
"""A metric as a person gives it: a name, a class, an instance, or a function of y and a."""

METRICS: Catalogue[Metric] = Catalogue(
    "metric",
    Metric,  # type: ignore[type-abstract]
    [Accuracy, BalancedAccuracy, BinaryAccuracy, MacroF1, MeanAbsoluteError, RMSE, R2],
)
"""Every metric by name."""


def checked_metrics(metrics: Any) -> tuple[Metric, ...]:
    """The metrics that a person gives, each once.

    Raises
    ------
    InvalidArgument, InvalidType
        For unknown names, with the nearest; for what is no metric; and where two have one name.
    """
    given = [metrics] if isinstance(metrics, str | type | Metric) or callable(metrics) else metrics
    if not isinstance(given, Iterable):
        raise InvalidType(f"metrics takes a list, such as ['accuracy'], not {metrics!r}.")
    checked = tuple(_metric(each) for each in given)
    names = [metric.name for metric in checked]
    for name in names:
        if names.count(name) > 1:
            raise InvalidArgument(
                f"Two metrics are called {name!r}: each is a column of the history and needs its own."
            )
        if name in ("J", "epoch", "penalty", "learning_rate", "seconds"):
            raise InvalidArgument(f"A metric cannot be called {name!r}, which is another column of the history.")
    return checked


def _metric(given: Any) -> Metric:
    if isinstance(given, str) and given not in METRICS.names:
        known = nearest_names(given, METRICS.names)
        raise InvalidArgument(f"{given!r} is not the name of a known metric; {known}")
    if callable(given) and not isinstance(given, type | Metric):
        return CustomMetric(given)
    return METRICS.resolve(given)


def _diagonal(counts: Array) -> Array:
    diagonal: Array = np.diagonal(counts, axis1=-2, axis2=-1)
    return diagonal
