"""What an epoch cost: the mean of its batches, each of which counts by its rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.engines.problem import Problem
from chainrule.functions.arrays import Array

__all__ = ["epoch_mean"]


def epoch_mean(values: Any, problem: Problem) -> Array:
    """The means of the values of each epoch's batches, (..., steps), weighted by their rows; the last may be short.

    Of one epoch or of several at once, they have the same bits.
    """
    sizes = np.full(problem.steps_per_epoch, float(problem.batch_size))
    sizes[-1] = problem.n_rows - problem.batch_size * (problem.steps_per_epoch - 1)
    means: Array = (np.asarray(values) * sizes).sum(axis=-1) / problem.n_rows
    return means
