"""Metrics of predicted numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.training.metrics.metric import Metric, Outcome

__all__ = ["R2", "MeanAbsoluteError", "RootMeanSquaredError"]


@dataclass(frozen=True)
class MeanAbsoluteError(Metric):
    """The mean distance of outputs and targets."""

    name = "mae"
    formula = r"\frac{1}{n k} \sum_{r, j} |a_{rj} - y_{rj}|"
    higher_is_better = False

    def measure(self, outcome: Outcome) -> Array:
        return outcome.mean(np.abs(outcome.a - outcome.y).mean(axis=-1))


@dataclass(frozen=True)
class RootMeanSquaredError(Metric):
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
