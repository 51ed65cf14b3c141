"""The contract of an initializer: how the weights, or the biases, of a layer start."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["Initializer", "InitializerLike"]


@dataclass(frozen=True)
class Initializer(ABC):
    """What every initializer has.

    Attributes
    ----------
    name : str
        Its name in settings and files.
    variance : str
        The variance of one number in LaTeX, as the docs show it.
    distribution : str
        Where the numbers come from, in words.
    tier : int
        1: works everywhere; 2: in the NumPy engine only.
    """

    name: ClassVar[str]
    variance: ClassVar[str]
    distribution: ClassVar[str]
    tier: ClassVar[int] = 1

    @abstractmethod
    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], n_in: int, n_out: int) -> Array:
        """Starting numbers in float64, so that networks of every dtype start alike.

        Parameters
        ----------
        rng : numpy.random.Generator
            Where random numbers come from.
        shape : tuple of int
            (n_in, n_out) for weights, (n_out,) for biases.
        n_in, n_out : int
            The numbers of inputs and outputs of the layer.
        """

    def check_shape(self, what: str, shape: tuple[int, ...]) -> None:  # noqa: B027 (most can draw any shape)
        """Refuse a shape that it cannot draw.

        Raises
        ------
        InvalidArgument
            With `what` the numbers are, such as ``"weights"``, and why.
        """


InitializerLike: TypeAlias = Initializer | type[Initializer] | str | Array
"""An initializer as a person gives it: an instance, a class, a name, or the starting numbers themselves."""
