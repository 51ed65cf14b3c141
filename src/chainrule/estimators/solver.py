"""From an estimator's parameters to the optimizer, its learning rate, its batches and its penalty."""

from __future__ import annotations

import math
import warnings
from typing import Any

from chainrule.errors import InvalidArgument
from chainrule.estimators.automatic_training import (
    FALLING_BETA_2,
    PLAIN_ALPHA,
    PLAIN_BETA_2,
    PLAIN_RATE,
    AutomaticTraining,
)
from chainrule.estimators.learning_rate import EpochRate
from chainrule.functions.arrays import Array
from chainrule.functions.losses import MSE, Loss
from chainrule.optimizers import LBFGS, OPTIMIZERS, SGD, Adam, AdamW, Momentum, Nesterov, Optimizer
from chainrule.optimizers.schedules import SCHEDULES, Cosine, Horizon, Schedule

__all__ = [
    "RATE_NAMES",
    "SOLVER_NAMES",
    "batch_rows",
    "is_full_batch",
    "is_spread_out",
    "l2_of",
    "learning_rate_of",
    "optimizer_of",
]

LBFGS_GAIN = 2.220446049250313e-09
"""SciPy's own default, by which scikit-learn's L-BFGS stops."""

WITH_SETTINGS = frozenset({"clip", "moving_average"})
"""Optimizers that need another one inside, which a name cannot give."""

SOLVER_NAMES = frozenset({*OPTIMIZERS.names} - WITH_SETTINGS)
"""Every name that the parameter `solver` takes."""

SCIKIT_LEARN_RATES = frozenset({"invscaling", "adaptive"})
"""Rates that follow scikit-learn's rules; as there, of gradient descent alone, other solvers keep them constant."""

RATE_NAMES = frozenset({"auto", *SCHEDULES.names, *SCIKIT_LEARN_RATES} - {"warm_up"})
"""Every name that the parameter `learning_rate` takes; a warm-up needs the schedule that it leads to."""


def optimizer_of(estimator: Any, automatic: AutomaticTraining | None = None) -> Optimizer:
    """The optimizer that `solver` names or is, with the parameters that scikit-learn has for its three.

    Raises
    ------
    InvalidArgument
        If one of those is out of its range.
    """
    if estimator.solver == "adam":
        by_itself = PLAIN_BETA_2 if automatic is None else FALLING_BETA_2
        beta2 = by_itself if estimator.beta_2 == "auto" else estimator.beta_2
        moments = {"beta1": estimator.beta_1, "beta2": beta2, "epsilon": estimator.epsilon}
        if estimator.alpha != "auto":
            return Adam(**moments)
        decay = 0.0 if automatic is None else automatic.decay
        return AdamW(**moments, decay=decay)  # without decay, too, so that a partial_fit takes up what a fit remembers
    if estimator.solver == "sgd":
        if estimator.momentum == 0:
            return SGD()
        return Nesterov(estimator.momentum) if estimator.nesterovs_momentum else Momentum(estimator.momentum)
    if estimator.solver == "lbfgs":
        return LBFGS(tolerance=estimator.tol, gain_tolerance=LBFGS_GAIN, evaluations=estimator.max_fun)
    return OPTIMIZERS.resolve(estimator.solver)


def is_full_batch(solver: Any) -> bool:
    """Whether a solver takes all rows at once, and so cannot take up a few more."""
    return isinstance(solver, LBFGS) or solver is LBFGS or solver == "lbfgs"


def learning_rate_of(
    estimator: Any, optimizer: Optimizer, automatic: AutomaticTraining | None = None
) -> float | Schedule | None:
    """The learning rate as `Network.fit` takes it; None for the solver that has none.

    Raises
    ------
    InvalidArgument
        If the schedule cannot start from this rate.
    """
    if isinstance(optimizer, LBFGS):
        return None
    if automatic is not None:
        return Cosine(automatic.rate)
    rate = estimator.learning_rate
    if isinstance(rate, Schedule):
        return rate
    initial = PLAIN_RATE if estimator.learning_rate_init == "auto" else estimator.learning_rate_init
    initial = optimizer.default_learning_rate if initial is None else float(initial)
    if rate in SCIKIT_LEARN_RATES:
        return EpochRate(initial) if isinstance(optimizer, SGD | Momentum | Nesterov) else initial
    return initial if rate in ("auto", "constant") else SCHEDULES[rate](initial)  # type: ignore[call-arg]


def is_spread_out(rate: float | Schedule | None) -> bool:
    """Whether a learning rate depends on how long the training will be, so that it needs its end to be known."""
    if not isinstance(rate, Schedule):
        return False
    short, long = (rate.values(0, 60, Horizon(total, 6), {}) for total in (60, 600))
    return bool((short != long).any())


def batch_rows(estimator: Any, n_rows: int) -> int:
    """Rows of a step; with ``"auto"`` at most 200, and no rest of a single row where batch norms would choke on it.

    Raises
    ------
    InvalidArgument
        If there is but one row for batch norms.
    """
    if estimator.batch_norm and n_rows == 1:
        raise InvalidArgument("batch_norm needs the variance over several rows, and n_samples = 1: give more rows.")
    if is_full_batch(estimator.solver):
        return n_rows
    if estimator.batch_size != "auto":
        if estimator.batch_size > n_rows:
            warnings.warn(
                f"batch_size={estimator.batch_size} is larger than the {n_rows} rows to learn from. It is going to be "
                "clipped: all are taken at once.",
                stacklevel=6,
            )
        return min(int(estimator.batch_size), n_rows)
    size = min(200, n_rows)
    while estimator.batch_norm and size > 2 and n_rows % size == 1:
        size -= 1
    return size


def l2_of(alpha: float | str, batch: int, weights: Array | None, loss: Loss, n_outputs: int) -> float:
    """The factor of a weight in the gradient of J, from `alpha`.

    scikit-learn's penalty of a batch is alpha / 2 * sum w^2, divided by the sum of the batch's weights, beside *half*
    the squared error, *summed* over the outputs; chainrule's squared error is whole, and a mean over them.

    Parameters
    ----------
    alpha : float or "auto"
        scikit-learn's; ``"auto"`` for its default, 1e-4.
    batch : int
        Rows of a step.
    weights : array of shape (n,) or None
        Of the rows; None for equal ones.
    loss : Loss
        What is learned by.
    n_outputs : int
        Of the network.

    Returns
    -------
    float
        As `Network.fit` takes it: `l2`.

    Raises
    ------
    InvalidArgument
        If it is infinite, since the weights are next to nothing.
    """
    alpha = PLAIN_ALPHA if alpha == "auto" else alpha
    of_loss = 2 / n_outputs if isinstance(loss, MSE) else 1
    weight = batch * (1.0 if weights is None else float(weights.mean()))
    if alpha == 0:
        return 0.0
    l2 = float(alpha) * of_loss / weight if weight > 0 else math.inf
    if not math.isfinite(l2):
        raise InvalidArgument(
            f"alpha={alpha:g}, divided by a batch's weight of {weight:g}, is infinite: give larger sample_weight, or "
            "alpha=0."
        )
    return l2
