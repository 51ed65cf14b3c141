"""The gradient check: what backpropagation says, beside what J itself says when a parameter is moved a little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.functions.losses import LOSSES, LossLike, default_loss
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.gradient_subjects import ChainruleSubject, PostStyleNetwork, PostSubject, Subject
from chainrule.model import Network
from chainrule.network.layout import Layout
from chainrule.network.objective import Objective
from chainrule.validation import whole_number

__all__ = ["ArrayCheck", "GradientCheck", "check_gradients"]

STEP = float(np.finfo(np.float64).eps ** (1 / 3))
"""Balances the error of the difference, which grows with the step squared, and rounding, which does the reverse."""

AGREEMENT = 1e-6
"""Relative error from which on a gradient is wrong."""

MOST_LEFT_OUT = 0.05
"""Share of entries at kinks beyond which a check says too little."""

SMALL_ARRAY = 1e-6
"""An array whose gradient is smaller than this share of the largest array's is measured against that share instead."""

ROUNDING = 10 * float(np.finfo(np.float64).eps) / STEP / 1e-6
"""An entry's numerical derivative carries the rounding of J, about eps J / step. Times this, J is the size of a
gradient of which that rounding is 1e-6: what is smaller, such as a gradient of 0, is measured against it."""

NUMBERS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class ArrayCheck:
    """How the two gradients of one array compare.

    Attributes
    ----------
    name : str
        Such as ``w[1]``.
    shape : tuple of int
        Its shape.
    relative_error : float
        |numerical - backpropagated| / max(|numerical| + |backpropagated|, 1e-6 of the largest array's sum), with
        Euclidean norms over the entries that were checked. The denominator is never so small that the rounding of J
        alone would come to 1e-6.
    left_out : int
        Entries whose two evaluations lie on different sides of a kink.
    """

    name: str
    shape: tuple[int, ...]
    relative_error: float
    left_out: int


@dataclass(frozen=True)
class GradientCheck:
    """The outcome of `check_gradients`; printed, it is a table.

    Attributes
    ----------
    arrays : tuple of ArrayCheck
        One for each array of parameters.
    overall : float
        The relative error of the whole gradient.
    backpropagated, numerical : array of shape (P,)
        The two gradients, in the layout of theta; `numerical` is NaN at entries left out.
    layout : Layout
        Which entry is which.
    """

    arrays: tuple[ArrayCheck, ...]
    overall: float
    backpropagated: Array
    numerical: Array
    layout: Layout

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of any array, and overall."""
        return max(self.overall, *(array.relative_error for array in self.arrays))

    @property
    def left_out(self) -> int:
        """Entries at kinks, in all arrays."""
        return sum(array.left_out for array in self.arrays)

    def worst_entry(self) -> str:
        """The entry with the largest difference, as a sentence."""
        entry = int(np.nanargmax(np.abs(self.numerical - self.backpropagated)))
        return (
            f"Largest difference: {self.layout.name_of(entry)}, backpropagated {self.backpropagated[entry]:.9g}, "
            f"numerical {self.numerical[entry]:.9g}."
        )

    def verdict(self) -> str:
        """Whether the two gradients agree, as a sentence."""
        if self.max_relative_error < AGREEMENT:
            return f"They agree: every relative error is below {AGREEMENT:g}."
        return f"They do not agree: a right gradient has relative errors below {AGREEMENT:g}."

    def __repr__(self) -> str:
        rows = [(a.name, str(a.shape), f"{a.relative_error:.1e}", str(a.left_out)) for a in self.arrays]
        total = str((self.layout.size,))
        rows = [("array", "shape", "relative error", "at kinks"), *rows]
        rows.append(("overall", total, f"{self.overall:.1e}", str(self.left_out)))
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [
            "  ".join(
                (row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2]), row[3].rjust(widths[3]))
            )
            for row in rows
        ]
        return "\n".join([*lines, self.worst_entry(), self.verdict()])


def check_gradients(
    network: Network | PostStyleNetwork,
    x: Any,
    y: Any,
    loss: LossLike | type[Any] | None = None,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    sample_weight: Any = None,
    seed: int = 0,
) -> GradientCheck:
    """Compare backpropagation with central differences of J, entry by entry, in float64.

    J is the one that `fit` prints, plus the penalty, with these rows as one batch. The numerical derivative of entry j
    is (J(theta + h e_j) - J(theta - h e_j)) / (2 h), with h = eps^(1/3) max(1, |theta_j|) and eps = 2.2e-16. Right
    gradients agree to about 1e-8; from 1e-6 on, something is wrong.

    Parameters
    ----------
    network : Network or a network written as in the post
        Stays as it is. One as in the post has ``w``, ``b``, ``activations``, ``_feed_forward`` and ``_back_prop``.
    x, y : array-like
        A few rows, as for `Network.fit`; for a network as in the post, as for its own.
    loss : LossLike, optional
        As for `Network.fit`; for a network as in the post its class, which must be given.
    l1, l2, sample_weight
        As for `Network.fit`.
    seed : int
        Of the dropout masks, which are the same in every evaluation.

    Returns
    -------
    GradientCheck
        With ``max_relative_error``.

    Raises
    ------
    InvalidArgument
        If more than 5 % of the entries are at kinks, where there is no derivative to compare with.
    """
    if isinstance(network, Network):
        subject: Subject = _chainrule_subject(network, x, y, loss, Penalty(l1, l2), sample_weight, seed)
    elif isinstance(network, PostStyleNetwork):
        if loss is None and network.loss is not None:
            loss = type(network.loss)  # that of its last fit
        if not isinstance(loss, type):
            raise InvalidType("For a network written as in the post, give the loss as its class, such as MSE.")
        subject = PostSubject(network, x, y, loss)
    else:
        raise InvalidType(
            f"{type(network).__name__} is neither a chainrule Network nor a network with the post's w, b, activations, "
            "learning_rate, loss, _feed_forward and _back_prop."
        )
    return _compared(subject)


def _chainrule_subject(
    network: Network, x: Any, y: Any, loss: Any, penalty: Penalty, sample_weight: Any, seed: int
) -> ChainruleSubject:
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
    return ChainruleSubject(Objective(architecture, chosen, penalty), exact.theta, exact.state, rows, seed)


def _compared(subject: Subject) -> GradientCheck:
    claimed = subject.claimed_gradient()
    numerical = _numerical_gradient(subject)
    if np.isnan(numerical).mean() > MOST_LEFT_OUT:
        raise InvalidArgument(
            f"{int(np.isnan(numerical).sum())} of {numerical.size} parameters are at a kink, such as the 0 of a ReLU, "
            "where there is no derivative to compare with. A row of x that is all 0 does that while the biases are 0: "
            "use other rows, or fit for an epoch first."
        )
    sums = [_norms(slot.view(claimed), slot.view(numerical)) for slot in subject.layout]
    small = SMALL_ARRAY * max(total for _, total in sums)
    rounding = ROUNDING * float(np.abs(subject.J(subject.theta[np.newaxis])[0][0]))
    arrays = tuple(
        ArrayCheck(
            slot.name,
            slot.shape,
            _ratio(difference, max(total, small, rounding * np.sqrt(slot.stop - slot.start))),
            int(np.isnan(slot.view(numerical)).sum()),
        )
        for slot, (difference, total) in zip(subject.layout, sums, strict=True)
    )
    difference, total = _norms(claimed, numerical)
    overall = _ratio(difference, max(total, rounding * np.sqrt(claimed.size)))
    return GradientCheck(arrays, overall, claimed, numerical, subject.layout)


def _numerical_gradient(subject: Subject) -> Array:
    """Central differences; NaN where the two evaluations lie on different sides of a kink."""
    theta = subject.theta
    steps = STEP * np.maximum(1, np.abs(theta))
    numerical = np.empty_like(theta)
    at_once = max(1, NUMBERS_AT_ONCE // (2 * max(subject.numbers_per_theta, theta.size)))
    for start in range(0, theta.size, at_once):
        entries = np.arange(start, min(start + at_once, theta.size))
        thetas = np.tile(theta, (2 * len(entries), 1))
        plus, minus = thetas[: len(entries)], thetas[len(entries) :]
        plus[np.arange(len(entries)), entries] += steps[entries]
        minus[np.arange(len(entries)), entries] -= steps[entries]
        between = plus[np.arange(len(entries)), entries] - minus[np.arange(len(entries)), entries]
        J, sides = subject.J(thetas)
        numerical[entries] = (J[: len(entries)] - J[len(entries) :]) / between  # 2 h as float64 has it
        straddles = (sides[: len(entries)] != sides[len(entries) :]).any(axis=1)
        numerical[entries[straddles]] = np.nan
    return numerical


def _norms(claimed: Array, numerical: Array) -> tuple[float, float]:
    """|numerical - claimed| and |numerical| + |claimed|, over the entries that were checked."""
    checked = ~np.isnan(numerical)
    difference = np.linalg.norm(numerical[checked] - claimed[checked])
    return float(difference), float(np.linalg.norm(numerical[checked]) + np.linalg.norm(claimed[checked]))


def _ratio(difference: float, total: float) -> float:
    return 0.0 if difference == 0 else difference / total if total > 0 else float("inf")
