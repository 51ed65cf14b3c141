"""What ``"auto"`` stands for: a learning rate, a decay and a number of epochs that follow from the table.

They are chosen by error and log loss on 26 tables of classes and 16 of numbers, none of which is among those of
``benchmarks/accuracy.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "FALLING_BETA_2",
    "PLAIN_ALPHA",
    "PLAIN_BETA_2",
    "PLAIN_RATE",
    "AutomaticTraining",
    "automatic_training",
    "is_automatic",
]

RATE = 0.01
"""Where the learning rate starts, from which it falls to 0 along half a cosine."""

PLAIN_RATE = 0.001
"""scikit-learn's, where the learning rate does not fall."""

FALLING_BETA_2 = 0.95
"""Of Adam's second moments, where the rate falls."""

PLAIN_ALPHA, PLAIN_BETA_2 = 1e-4, 0.999
"""scikit-learn's."""

STRONGEST_DECAY = 5.0

STEPS = 6000
"""As many as pay on tables that are long, without decay."""

MEMORIES = 20
"""Weights that decay remember 1 / (rate * decay) steps; a training of so many times that has come to rest."""

FEWEST_EPOCHS, MOST_EPOCHS = 5, 100


class AutomaticTraining(NamedTuple):
    """Where the rate starts, AdamW's decay (0 where alpha is given), and the epochs that the training needs."""

    rate: float
    decay: float
    epochs: int


def is_automatic(estimator: Any, *, incremental: bool) -> bool:
    """Whether the learning rate falls by itself, for which the training must know its end."""
    whole = not (incremental or estimator.warm_start)
    return bool(whole and estimator.solver == "adam" and estimator.learning_rate == "auto")


def automatic_training(estimator: Any, weight: float, n_rows: int, n_columns: int, batch: int) -> AutomaticTraining:
    """What suits a table.

    With fewer rows for each column there is more to remember by heart, so the weights decay faster, and a training that
    forgets faster needs fewer steps.

    Parameters
    ----------
    estimator : BaseMultilayerPerceptron
        Whose parameters overrule.
    weight : float
        Sum of the weights of the rows: a row of weight 2 counts as two.
    n_rows, n_columns, batch : int
        Rows and columns to learn from, and rows of a step.
    """
    rate = RATE if estimator.learning_rate_init in (None, "auto") else float(estimator.learning_rate_init)
    decay, steps = 0.0, float(STEPS)
    if estimator.alpha == "auto":
        decay = min(STRONGEST_DECAY, estimator._decay_by_crowding * n_columns / weight)
        steps = min(steps, MEMORIES / (RATE * decay))
        decay *= RATE / rate  # what a step takes away is their product
    epochs = round(steps / -(-n_rows // batch))
    return AutomaticTraining(rate, decay, int(np.clip(epochs, FEWEST_EPOCHS, MOST_EPOCHS)))
