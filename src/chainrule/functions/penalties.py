"""Penalties on large weights: terms of J, beside the data's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.validation import finite_number

__all__ = ["Penalty"]


@dataclass(frozen=True)
class Penalty:
    """l1 * sum |w| + (l2 / 2) * sum w^2, over the weights; biases and scales are free.

    With the half, l2 is the factor of w in the gradient, as in scikit-learn's ``alpha`` and most textbooks.

    Parameters
    ----------
    l1, l2 : float
        Strengths, at least 0.

    Raises
    ------
    InvalidArgument
        If one is negative or not finite.
    """

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        for field in ("l1", "l2"):
            object.__setattr__(self, field, finite_number(field, getattr(self, field), minimum=0))

    def __bool__(self) -> bool:
        return self.l1 > 0 or self.l2 > 0

    def value(self, theta: Array, mask: Array) -> Array:
        """The penalty of parameters (..., P), of shape (...,); `mask` (P,) is 1 at weights, else 0."""
        w = theta * mask
        value: Array = self.l2 / 2 * (w * w).sum(axis=-1)
        return value if self.l1 == 0 else self.l1 * np.abs(w).sum(axis=-1) + value

    def gradient(self, theta: Array, mask: Array) -> Array:
        """Its gradient, of the shape of `theta`; at a weight of 0, that of |w| is 0."""
        w = theta * mask
        gradient: Array = self.l2 * w if self.l1 == 0 else self.l1 * np.sign(w) + self.l2 * w
        return gradient
