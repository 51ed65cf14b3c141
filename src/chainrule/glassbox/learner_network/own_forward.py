"""Where a learner's ``_feed_forward`` computes something else than its w, b and activations say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.glassbox.learner_network.own_code import copied, named_attribute, own_code

if TYPE_CHECKING:
    from chainrule.glassbox.learner_network.network import LearnerNetwork

__all__ = ["forward_remark"]

RELATIVE = 1e-6
"""Two numbers are the same up to this share of the largest of their array."""


def forward_remark(network: LearnerNetwork, x: Array) -> str:
    """A sentence on the first z or a of its ``_feed_forward`` that is not a[i] @ w[i] + b[i] or f(z); empty if none.

    Nothing is said of code that is not there or fails: whoever needs it says so.

    Parameters
    ----------
    network : LearnerNetwork
        A copy of the learner's.
    x : array of shape (n, d_1)
        Rows.
    """
    if not callable(named_attribute(network.given, "_feed_forward")):
        return ""
    z, a = network.forward(x)
    try:
        with own_code(""):
            own_z, own_a = copied(network.given)._feed_forward(x.copy())
    except InvalidType:
        return ""
    for i in z:
        for letter, own, right, rule in (
            ("z", own_z, z[i], f"a[{i - 1}] @ w[{i - 1}] + b[{i - 1}]"),
            ("a", own_a, a[i], f"{network.activations[i]}.activation(z[{i}])"),
        ):
            found = _array(own, i, right.shape)
            overwritten = letter == "z" and found is not None and np.array_equal(found, a[i])  # by the activation
            if found is not None and not overwritten and not _same(found, right):
                at = tuple(int(each) for each in np.argwhere(~_close(found, right))[0])
                place = ",".join(map(str, at))
                return (
                    f"{network.name}._feed_forward computes something else than the post's: its {letter}[{i}][{place}] "
                    f"is {found[at]:.4g}, and {rule} gives {right[at]:.4g}. Every z and a here is that of w, b and "
                    "activations alone."
                )
    return ""


def _array(given: Any, i: int, shape: tuple[int, ...]) -> Array | None:
    """The array of a layer, where the learner's code gives one of this shape."""
    if not isinstance(given, Mapping) or i not in given:
        return None
    try:
        found = np.array(given[i], np.float64)
    except (TypeError, ValueError):
        return None
    return found if found.shape == shape else None


def _close(one: Array, other: Array) -> Array:
    largest = max(float(np.abs(each[np.isfinite(each)]).max(initial=0.0)) for each in (one, other))
    with np.errstate(invalid="ignore"):
        close: Array = (np.abs(one - other) <= RELATIVE * largest) | (one == other) | (np.isnan(one) & np.isnan(other))
    return close


def _same(one: Array, other: Array) -> bool:
    return bool(_close(one, other).all())
