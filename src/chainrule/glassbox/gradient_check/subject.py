"""What a gradient check needs to know of a network, whatever it is written in."""

from __future__ import annotations

from typing import Protocol

from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout

__all__ = ["Subject"]


class Subject(Protocol):
    """A function J of a vector theta, with the gradient that a program claims for it."""

    @property
    def layout(self) -> Layout:
        """The arrays in theta."""

    @property
    def theta(self) -> Array:
        """Where to check, in float64, of shape (P,)."""

    def claimed_gradient(self) -> Array:
        """What the program says that dJ/dtheta is, of shape (P,)."""

    def J(self, thetas: Array) -> tuple[Array, Array]:
        """J at each of `thetas` (m, P), of shape (m,), and on which side of every kink it lies, of shape (m, kinks)."""

    @property
    def knows_its_kinks(self) -> bool:
        """Whether `J` tells the sides of all kinks; otherwise they are looked for."""

    @property
    def numbers_per_theta(self) -> int:
        """About how many numbers one evaluation of J keeps in memory."""
