"""Metrics of decided classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array, Rows
from chainrule.training.classification import decided
from chainrule.training.metrics.metric import Metric, Outcome

__all__ = ["Accuracy", "BalancedAccuracy", "BinaryAccuracy", "MacroF1"]


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

    name = "macro_f1"
    formula = r"\frac{1}{k} \sum_c \frac{2 n_{cc}}{\sum_j n_{cj} + \sum_j n_{jc}}"

    def measure(self, outcome: Outcome) -> Array:
        counts = outcome.counts()
        either = counts.sum(axis=-1) + counts.sum(axis=-2)
        f1 = np.divide(2 * _diagonal(counts), either, out=np.zeros_like(either), where=either > 0)
        mean: Array = f1.sum(axis=-1) / (either > 0).sum(axis=-1)
        return mean


@dataclass(frozen=True)
class BinaryAccuracy(Metric):
    """The share of the yes/no outputs that were decided right, each for itself: for several labels a row.

    The threshold tau is 1/2, and 0 with the hinge loss.
    """

    name = "binary_accuracy"
    formula = r"\frac{1}{n k} \sum_{r, j} [y_{rj} = [a_{rj} \ge \tau]]"
    higher_is_better = True
    needs = "0 or 1 for each output"

    def fits(self, outcome: Outcome) -> bool:
        return outcome.yes_or_no

    def measure(self, outcome: Outcome) -> Array:
        right: Rows = (outcome.a >= outcome.threshold) == (outcome.y > 0)
        return outcome.mean(right.mean(axis=-1))


def _diagonal(counts: Array) -> Array:
    diagonal: Array = np.diagonal(counts, axis1=-2, axis2=-1)
    return diagonal
