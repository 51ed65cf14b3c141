"""One pass through a network of dense layers, with every derivative found by differences.

From this the gradient can be computed rightly, and with any mistake put in, whatever the program's own derivatives say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.gradient_check.differences import STEP

__all__ = ["OnePass", "derivative_of_each", "derivative_of_rows", "slopes", "smooth", "trusted_slopes"]

NEAR_A_KINK = 1e-3
"""Slopes to both sides that differ by more than this share: there is no derivative to compare with."""

EXACT = 1e-7
"""A program's own slope that is nearer than this share to that by differences is right, and more exact."""


@dataclass(frozen=True, eq=False)
class OnePass:
    """What a pass computed, and what a step of the program claims; by layer number.

    Attributes
    ----------
    x, y : array of shape (n, d_1), (n, k)
        The rows.
    w : dict of int to array
        Before the step.
    w_after : dict of int to array
        After a step with the learning rate 1.
    received : dict of int to array
        What the dense layer i multiplies with w[i]: a[i], with its mask where there is dropout.
    z, a : dict of int to array
        Before and after each activation, from layer 2.
    g : array of shape (n, k)
        dJ/da of the outputs.
    delta : array of shape (n, k)
        dJ/dz of the outputs.
    slopes : dict of int to array
        f'(z) of each hidden layer, and of the output layer where it goes entry by entry.
    own_at_z, own_at_a : dict of int to array
        What the program's own derivative gives for z, and for a in the place of z.
    own_output : array of shape (n, k) or None
        The delta of the outputs that the program's own functions make of g, where it can be told.
    masks : dict of int to array
        By what a[i] was multiplied on its way to dense layer i, where there is dropout.
    claimed : dict of str to array
        The gradient that the program claims, by name; NaN at kinks.
    """

    x: Array
    y: Array
    w: Mapping[int, Array]
    w_after: Mapping[int, Array]
    received: Mapping[int, Array]
    z: Mapping[int, Array]
    a: Mapping[int, Array]
    g: Array
    delta: Array
    slopes: Mapping[int, Array]
    own_at_z: Mapping[int, Array]
    own_at_a: Mapping[int, Array]
    own_output: Array | None
    claimed: Mapping[str, Array]
    masks: Mapping[int, Array] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.x)

    @property
    def k(self) -> int:
        """Number of outputs."""
        return int(self.y.shape[1])

    @property
    def last(self) -> int:
        """Number of the output layer."""
        return max(self.z)


def slopes(f: Callable[[Array], Array], z: Array) -> Array:
    """f'(z) of a function that goes entry by entry, by central differences."""
    h = STEP * np.maximum(1, np.abs(z))
    right, left = z + h, z - h
    slope: Array = (f(right) - f(left)) / (right - left)
    return slope


def smooth(f: Callable[[Array], Array], z: Array) -> Array:
    """Where f has a derivative: its slopes to both sides are equal."""
    h = STEP * np.maximum(1, np.abs(z))
    right, left = (f(z + h) - f(z)) / h, (f(z) - f(z - h)) / h
    equal: Array = np.abs(right - left) <= NEAR_A_KINK * (np.abs(right) + np.abs(left) + NEAR_A_KINK)
    return equal


def trusted_slopes(f: Callable[[Array], Array], z: Array, own: Array | None) -> Array:
    """f'(z) by differences; the program's own, which are exact, where they agree, or where z is at a kink."""
    found = slopes(f, z)
    if own is None:
        return found
    agrees = np.abs(found - own) <= EXACT * (np.abs(own) + np.abs(own).max(initial=0.0))
    return np.where(agrees | ~smooth(f, z), own, found)


def derivative_of_each(J: Callable[[Array], float], at: Array) -> Array:
    """dJ/d(entry) for every entry of an array, by central differences."""
    found, moved = np.empty_like(at), at.copy()
    for index in np.ndindex(*at.shape):
        value = at[index]
        h = STEP * max(1.0, abs(float(value)))
        moved[index] = right = value + h
        above = J(moved)
        moved[index] = left = value - h
        found[index] = (above - J(moved)) / (right - left)
        moved[index] = value
    return found


def derivative_of_rows(rows: Callable[[Array], Array], at: Array) -> Array:
    """d(a row's number)/d(each entry of that row), of the shape of `at` (n, k), where rows do not touch each other."""
    found = np.empty_like(at)
    for j in range(at.shape[1]):
        right, left = at.copy(), at.copy()
        right[:, j] += STEP * np.maximum(1, np.abs(at[:, j]))
        left[:, j] -= STEP * np.maximum(1, np.abs(at[:, j]))
        found[:, j] = (rows(right) - rows(left)) / (right[:, j] - left[:, j])
    return found
