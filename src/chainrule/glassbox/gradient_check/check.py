"""Check a gradient: what backpropagation says, beside what J itself says when a parameter is moved a little."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.functions.losses import LOSSES, LossLike, default_loss
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.gradient_check.differences import ROUNDING, numerical_gradient
from chainrule.glassbox.gradient_check.learner_subject import LearnerSubject
from chainrule.glassbox.gradient_check.network_subject import NetworkSubject
from chainrule.glassbox.gradient_check.reading import read
from chainrule.glassbox.gradient_check.remarks import remarks_on
from chainrule.glassbox.gradient_check.result import AGREEMENT, ArrayCheck, GradientCheck
from chainrule.glassbox.learner_network import LearnerNetwork
from chainrule.glassbox.learner_network.own_code import named_attribute
from chainrule.model import Network
from chainrule.network.layout import Layout
from chainrule.network.objective import Objective
from chainrule.validation import whole_number

__all__ = ["check_gradients"]

MOST_LEFT_OUT = 0.05
"""Share of entries at kinks beyond which a check says too little."""

LARGE_J = 1e6
"""A J beyond this has differences whose rounding is more than about 1e-4, the size of many a gradient."""

HIDDEN = 1e-3
"""Share of its length by which a gradient that small must be off for the rounding of J to be said to hide it."""

SMALL_ARRAY = 1e-6
"""An array whose gradient is smaller than this share of the largest array's is measured against that share instead."""


def check_gradients(
    network: Any,
    x: Any,
    y: Any,
    loss: LossLike | type[Any] | None = None,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    sample_weight: Any = None,
    seed: int = 0,
) -> GradientCheck:
    """Compare backpropagation with central differences of J, entry by entry, in float64; say what is wrong, and where.

    J is the one that `fit` prints, plus the penalty, with these rows as one batch. The numerical derivative of entry j
    is (J(theta + h e_j) - J(theta - h e_j)) / (2 h), with h = eps^(1/3) max(1, |theta_j|) and eps = 2.2e-16. Right
    gradients agree to about 1e-8; from 1e-6 on, something is wrong. Then each mistake that people make is put into the
    gradient, layer by layer, and those that give what is claimed are named.

    Parameters
    ----------
    network : Network, fitted estimator, or a network written as in the post
        Stays as it is. One as in the post has ``w``, ``b``, ``activations``, ``_feed_forward`` and ``_back_prop``; its
        J is what its loss prints, and its gradient what one step with the learning rate 1 takes away.
    x, y : array-like
        A few rows, as for `Network.fit`; for a network as in the post, as for its own.
    loss : LossLike, optional
        As for `Network.fit`; for a network as in the post its class, by default that of its last fit.
    l1, l2, sample_weight
        As for `Network.fit`; not for a network as in the post, which knows none.
    seed : int
        Of the dropout masks, which are the same in every evaluation.

    Returns
    -------
    GradientCheck
        With ``max_relative_error``, ``reading``, ``remarks`` and ``heat_map()``.

    Raises
    ------
    InvalidArgument
        If more than 5 % of the entries are at kinks, where there is no derivative to compare with; if J is not finite,
        another one each time, or so large that its rounding hides the gradient; or if a step does not heed its learning
        rate, so that what it takes away is no gradient.
    InvalidType
        If it is no network, or lacks what is needed, with what that is.
    """
    fitted = named_attribute(network, "network_")
    if isinstance(fitted, Network):
        network = fitted
    if isinstance(network, Network):
        return _compared(_network_subject(network, x, y, loss, Penalty(l1, l2), sample_weight, seed), network.dtype)
    learner = LearnerNetwork(network, loss)
    if l1 or l2 or sample_weight is not None:
        raise InvalidArgument("l1, l2 and sample_weight are of chainrule's J; a network as in the post has its own.")
    subject = LearnerSubject(learner, *learner.rows(x, y), learner.row_remarks(y))
    subject.check_repeatable()
    return _compared(subject)


def _network_subject(
    network: Network, x: Any, y: Any, loss: Any, penalty: Penalty, sample_weight: Any, seed: int
) -> NetworkSubject:
    whole_number("seed", seed, minimum=0)
    if network.n_members is not None:
        raise InvalidArgument("The gradient check is of one network: give a member, such as network.member(0).")
    exact = network.astype(np.float64)
    exact.check_finite()
    architecture = exact.architecture
    chosen = (
        LOSSES.resolve(loss) if loss is not None else exact.loss or default_loss(architecture.output_layer.activation)
    )
    rows = LabelledRows.checked(
        x,
        y,
        sample_weight,
        architecture=architecture,
        loss=chosen,
        dtype=exact.dtype,
        encoder=exact.encoder,
        target_scaler=exact.target_scaler,
        classes=exact.classes,
    )
    if isinstance(rows.x, np.ndarray):  # remarks may be found later, when the caller has changed these
        rows = replace(rows, x=rows.x.copy(), y=rows.y.copy())
    return NetworkSubject(Objective(architecture, chosen, penalty), exact.theta, exact.state, rows, seed)


def _compared(subject: NetworkSubject | LearnerSubject, dtype: Any = np.float64) -> GradientCheck:
    J = float(subject.J(subject.theta[np.newaxis])[0][0])
    if not np.isfinite(J):
        raise InvalidArgument(
            f"J is {J} for these rows, and such a J has no derivatives: look for numbers that overflow, or for a "
            "logarithm of 0, as in chainrule.trace(network, x, y).remarks."
        )
    claimed = subject.claimed_gradient()
    numerical = numerical_gradient(subject)
    if np.isnan(numerical).mean() > MOST_LEFT_OUT:
        raise InvalidArgument(
            f"{int(np.isnan(numerical).sum())} of {numerical.size} parameters are at a kink, such as the 0 of a ReLU, "
            "where there is no derivative to compare with. A row of x that is all 0 does that while the biases are 0: "
            "use other rows, or fit for an epoch first."
        )
    rounding = ROUNDING * abs(J)
    arrays = _array_checks(subject.layout, claimed, numerical, rounding)
    difference, total = _norms(claimed, numerical)
    overall = _ratio(difference, max(total, rounding * np.sqrt(claimed.size)))
    _check_told_from_rounding(J, difference, total, rounding * float(np.sqrt(claimed.size)))
    wrong = max(overall, *(array.relative_error for array in arrays)) >= AGREEMENT
    reading = read(subject, numerical) if wrong else ()
    return GradientCheck(
        arrays,
        overall,
        claimed,
        numerical,
        subject.layout,
        smallest=rounding,
        reading=reading,
        find_remarks=partial(remarks_on, subject, claimed, np.dtype(dtype), [finding.kind for finding in reading]),
    )


def _array_checks(layout: Layout, claimed: Array, numerical: Array, rounding: float) -> tuple[ArrayCheck, ...]:
    """Each array's relative error, measured against the rounding of J where the array is smaller than that."""
    sums = [_norms(slot.view(claimed), slot.view(numerical)) for slot in layout]
    small = SMALL_ARRAY * max(total for _, total in sums)
    return tuple(
        ArrayCheck(
            slot.name,
            slot.shape,
            _ratio(difference, max(total, small, rounding * np.sqrt(slot.stop - slot.start))),
            int(np.isnan(slot.view(numerical)).sum()),
        )
        for slot, (difference, total) in zip(layout, sums, strict=True)
    )


def _check_told_from_rounding(J: float, difference: float, total: float, smallest: float) -> None:
    """Refuse a gradient that the rounding of a very large J hides: right and wrong ones would agree with it alike."""
    if abs(J) > LARGE_J and total < smallest and difference > HIDDEN * total:
        raise InvalidArgument(
            f"J is {J:.3g}, and the gradient next to nothing beside it: its differences are rounding, and nothing can "
            "be compared with them. Scale x, y or the weights, and leave out what is only added to J."
        )


def _norms(claimed: Array, numerical: Array) -> tuple[float, float]:
    """|numerical - claimed| and |numerical| + |claimed|, over the entries that were checked."""
    checked = ~np.isnan(numerical)
    difference = np.linalg.norm(numerical[checked] - claimed[checked])
    return float(difference), float(np.linalg.norm(numerical[checked]) + np.linalg.norm(claimed[checked]))


def _ratio(difference: float, total: float) -> float:
    return 0.0 if difference == 0 else difference / total if total > 0 else float("inf")
