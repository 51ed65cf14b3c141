"""What an epoch cost: the mean of its batches, each of which counts by its rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.engines.problem import Problem

__all__ = ["epoch_mean"]


def epoch_mean(values: Any, problem: Problem) -> float:
    """The mean of one value for each batch, weighted by the batches' rows; the last batch may be short."""
    steps = problem.steps_per_epoch
    sizes = np.full(steps, problem.batch_size)
    sizes[-1] = problem.n_rows - problem.batch_size * (steps - 1)
    return float(sizes @ np.asarray(values) / sizes.sum())
