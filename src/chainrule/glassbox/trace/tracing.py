"""Taking a trace, of a network of chainrule, of an estimator or of a learner's own network."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.losses import LossLike
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.learner_network import LearnerLoss, LearnerNetwork
from chainrule.glassbox.learner_network.own_code import named_attribute
from chainrule.glassbox.trace.learner_program import LearnerProgramStep
from chainrule.glassbox.trace.named_numbers import Trace
from chainrule.glassbox.trace.network_step import NetworkStep, learner_rows, masks_of, network_rows
from chainrule.model import Network
from chainrule.optimizers import OPTIMIZERS, SGD, OptimizerLike
from chainrule.optimizers.optimizer import Optimizer, StepOptimizer
from chainrule.validation import finite_number

__all__ = ["trace"]

POST_LEARNING_RATE = 1e-3
"""That of the post's `fit`, where neither the caller nor the learner's network says another one."""


def trace(
    network: Any,
    x: Any,
    y: Any,
    loss: LossLike | type[Any] | None = None,
    *,
    learning_rate: float | None = None,
    optimizer: OptimizerLike = SGD,
    l1: float = 0.0,
    l2: float = 0.0,
    sample_weight: Any = None,
    training: bool = True,
) -> Trace:
    """Take one step with all rows as one batch, on a copy, and keep every number of it.

    For a network of chainrule, it is the step that `Network.fit` would take next with these rows as its batch and the
    optimizer anew; dropout draws the masks that it would draw. For a learner's network with its own loss, it is the
    step that its own code takes, right or wrong; with a loss of chainrule, it is the right step from its w and b.

    Parameters
    ----------
    network : Network, fitted estimator, or a network as in the post
        Stays as it is.
    x, y : array-like
        Rows and targets, as for `Network.fit`, or as for the learner's own.
    loss : LossLike, or the class of a learner's loss, optional
        By default that of the last fit, else the one that goes with the output.
    learning_rate : float, optional
        Size of the step, above 0; by default what suits the optimizer, and for a learner's program that of its last
        fit, or 1e-3.
    optimizer : OptimizerLike
        Rule of the step; a learner's program has its own.
    l1, l2, sample_weight
        As for `Network.fit`; not for a learner's program.
    training : bool
        Whether layers behave as in training (norms take the statistics of the batch, dropout drops), or as in
        prediction.

    Returns
    -------
    Trace

    Raises
    ------
    InvalidArgument, InvalidType
        If something does not fit, or a learner's class lacks what is needed, with what to add.

    Examples
    --------
    >>> import numpy as np
    >>> import chainrule
    >>> nn = chainrule.Network((2, 3, 1), ("relu", "sigmoid"), seed=1, dtype=float)
    >>> step = chainrule.trace(nn, [[0.5, -1.0], [2.0, 1.0]], [0, 1])
    >>> step.z[2].shape, step.delta[3].shape
    ((2, 3), (2, 1))
    >>> bool(np.allclose(step.dw[2], step.a[2].T @ step.delta[3]))
    True
    >>> step["z[3][1,0]"] == float(step.z[3][1, 0])
    True
    """
    fitted = named_attribute(network, "network_")
    network = fitted if isinstance(fitted, Network) else network
    penalty, rule = Penalty(l1, l2), OPTIMIZERS.resolve(optimizer)
    if isinstance(network, Network):
        objective, rows = network_rows(network, x, y, loss, penalty, sample_weight)
        theta, state, masks = network.theta.copy(), network.state.copy(), masks_of(network)
    else:
        learner = LearnerNetwork(network, loss)  # or says what is missing
        if isinstance(learner.required_loss, LearnerLoss):
            return _of_program(learner, x, y, learning_rate, rule, penalty, sample_weight)
        objective, rows = learner_rows(learner, x, y, learner.required_loss, penalty, sample_weight)
        theta, state, masks = learner.theta, np.empty(0), None
    step_rule = _step_rule(rule)
    rate = step_rule.default_learning_rate if learning_rate is None else learning_rate
    rate = finite_number("learning_rate", rate, above=0)
    with np.errstate(all="ignore"):  # numbers that overflow are shown, and said to be lost
        return Trace(NetworkStep.taken(objective, theta, state, rows, step_rule, rate, masks, training=training))


def _step_rule(rule: Optimizer) -> StepOptimizer:
    if not isinstance(rule, StepOptimizer):
        raise InvalidArgument(
            f"{type(rule).__name__} does not take a step from one batch, which is what a trace shows."
        )
    return rule


def _of_program(
    network: LearnerNetwork,
    x: Any,
    y: Any,
    learning_rate: float | None,
    rule: Optimizer,
    penalty: Penalty,
    sample_weight: Any,
) -> Trace:
    if penalty or sample_weight is not None or rule != SGD():
        raise InvalidArgument(
            f"{network.name} with a loss of its own takes the step that its code takes: l1, l2, sample_weight and "
            "optimizer are for networks of chainrule, or for a loss of chainrule, such as loss='mse'."
        )
    if learning_rate is None:
        own = named_attribute(network.given, "learning_rate")
        learning_rate = POST_LEARNING_RATE if own is None else own
    rate = finite_number("learning_rate", learning_rate, above=0)
    assert isinstance(network.loss, LearnerLoss)
    with np.errstate(all="ignore"):
        return Trace(LearnerProgramStep.taken(network, network.loss, *network.rows(x, y), rate, network.row_remarks(y)))
