"""Orthogonal weights: a layer turns what passes through it, and neither stretches nor shrinks it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.functions.initializers.initializer import Initializer
from chainrule.validation import finite_number

__all__ = ["Orthogonal"]


@dataclass(frozen=True)
class Orthogonal(Initializer):
    """gain * Q, with Q a random matrix of orthonormal columns, or of orthonormal rows if there are more columns.

    Every such Q is equally likely: that is so for the Q of a QR decomposition of normal numbers, once the diagonal of
    its R is made positive. Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks", ICLR 2014, section 3; Mezzadri, Notices of the AMS 54 (2007), for the signs.

    Parameters
    ----------
    gain : float
        By which lengths are multiplied, above 0; about sqrt(2) before a ReLU.

    Raises
    ------
    InvalidArgument
        If the gain is not above 0.
    """

    name = "orthogonal"
    variance = r"g^2 / \max(n_\text{in}, n_\text{out})"
    distribution = "every matrix with orthonormal columns (or rows), times the gain, alike"

    gain: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "gain", finite_number("The gain of Orthogonal", self.gain, above=0))

    def check_shape(self, what: str, shape: tuple[int, ...]) -> None:
        if len(shape) != 2:
            raise InvalidArgument(f"Orthogonal starts the weights of a layer, which are a matrix, and not its {what}.")

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], n_in: int, n_out: int) -> Array:
        self.check_shape("biases", shape)
        q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
        q *= np.where(np.diagonal(r) < 0, -1, 1)
        w: Array = self.gain * (q if n_in >= n_out else q.T)
        return w
