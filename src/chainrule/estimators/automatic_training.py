"""What ``"auto"`` stands for: a learning rate, a decay and a number of epochs that follow from the table.

The constants were chosen by error, log loss and time on other tables than those of ``benchmarks/accuracy.py``, which
yet did not stay unseen: "How the defaults were chosen" in ``benchmarks/README.md`` tells how and on which.
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

MAX_WEIGHT_DECAY = 5.0

MAX_STEPS = 6000
"""As many as pay on tables that are long, without decay."""

TIME_CONSTANTS = 20
"""With AdamW, weights are a moving average of the updates with a time constant of 1 / (learning rate * decay) steps; a
training of so many of these has come to rest."""

MIN_EPOCHS, MAX_EPOCHS = 5, 100


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

    With fewer rows for each column a network overfits more easily, so the weights decay faster, and a training whose
    weights decay faster needs fewer steps::

        weight_decay = min(5, c * n_columns / weight),  c = 40 for classes, 100 for numbers
        steps        = min(6000, 20 / (0.01 * weight_decay))
        epochs       = steps / ceil(n_rows / batch), between 5 and 100

    With a learning rate that is given, the decay is multiplied by 0.01 / rate, since what a step takes away is the
    product of both. With an `alpha` that is given, there is no decay, and the steps are 6000. Where the numbers come
    from is told in ``benchmarks/README.md``.

    Parameters
    ----------
    estimator : BaseMultilayerPerceptron
        Whose parameters overrule.
    weight : float
        Sum of the weights of the rows: a row of weight 2 counts as two.
    n_rows, n_columns, batch : int
        Rows and columns to learn from, and rows of a step.

    Returns
    -------
    AutomaticTraining
        Learning rate, decay and epochs.
    """
    rate = RATE if estimator.learning_rate_init in (None, "auto") else float(estimator.learning_rate_init)
    decay, steps = 0.0, float(MAX_STEPS)
    if estimator.alpha == "auto":
        decay = min(MAX_WEIGHT_DECAY, estimator._weight_decay_coefficient * n_columns / weight)
        steps = min(steps, TIME_CONSTANTS / (RATE * decay))
        decay *= RATE / rate  # what a step takes away is their product
    epochs = round(steps / -(-n_rows // batch))
    return AutomaticTraining(rate, decay, int(np.clip(epochs, MIN_EPOCHS, MAX_EPOCHS)))
