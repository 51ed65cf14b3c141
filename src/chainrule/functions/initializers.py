"""Initializers: how the weights start.

Each draws with the variance scale / fan. With fan the number of inputs, a layer of linear units then keeps the
variance of what passes forward; He's scale of 2 makes up for the half that a ReLU sets to 0; Xavier's mean of
inputs and outputs is the compromise between forward and backward.
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from chainrule.catalogue import Catalogue
from chainrule.functions.arrays import Array

__all__ = [
    "INITIALIZERS",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "InitializerLike",
    "LecunNormal",
    "LecunUniform",
    "XavierNormal",
    "XavierUniform",
]


@dataclass(frozen=True)
class Initializer(ABC):
    """A distribution with mean 0 and variance ``scale / fan``.

    Attributes
    ----------
    name : str
        Its name in settings and files.
    scale : float
        Numerator of the variance.
    fan : {"in", "mean"}
        Denominator: the number of inputs, or the mean of the numbers of inputs and outputs.
    distribution : {"normal", "uniform"}
        Its shape.
    """

    name: ClassVar[str]
    scale: ClassVar[float]
    fan: ClassVar[Literal["in", "mean"]]
    distribution: ClassVar[Literal["normal", "uniform"]]

    def standard_deviation(self, n_in: int, n_out: int) -> float:
        """The standard deviation of a weight between `n_in` and `n_out` units."""
        fan = n_in if self.fan == "in" else (n_in + n_out) / 2
        return float(np.sqrt(self.scale / fan))

    def draw(self, rng: np.random.Generator, n_in: int, n_out: int) -> Array:
        """Weights of shape (n_in, n_out) in float64, so that networks of every dtype start alike."""
        deviation = self.standard_deviation(n_in, n_out)
        if self.distribution == "normal":
            return rng.normal(0.0, deviation, (n_in, n_out))
        limit = np.sqrt(3) * deviation  # the variance of uniform(-l, l) is l^2 / 3
        return rng.uniform(-limit, limit, (n_in, n_out))


@dataclass(frozen=True)
class XavierNormal(Initializer):
    """Variance 2 / (n_in + n_out), normal. Glorot and Bengio, AISTATS 2010, eq. 12."""

    name, scale, fan, distribution = "xavier_normal", 1.0, "mean", "normal"


@dataclass(frozen=True)
class XavierUniform(Initializer):
    """Variance 2 / (n_in + n_out), uniform. Glorot and Bengio, AISTATS 2010, eq. 16."""

    name, scale, fan, distribution = "xavier_uniform", 1.0, "mean", "uniform"


@dataclass(frozen=True)
class HeNormal(Initializer):
    """Variance 2 / n_in, normal: for ReLU. He et al., ICCV 2015, eq. 10."""

    name, scale, fan, distribution = "he_normal", 2.0, "in", "normal"


@dataclass(frozen=True)
class HeUniform(Initializer):
    """Variance 2 / n_in, uniform: for ReLU. He et al., ICCV 2015, eq. 10."""

    name, scale, fan, distribution = "he_uniform", 2.0, "in", "uniform"


@dataclass(frozen=True)
class LecunNormal(Initializer):
    """Variance 1 / n_in, normal: what the post calls Xavier. LeCun et al., "Efficient BackProp", 1998, eq. 16."""

    name, scale, fan, distribution = "lecun_normal", 1.0, "in", "normal"


@dataclass(frozen=True)
class LecunUniform(Initializer):
    """Variance 1 / n_in, uniform. LeCun et al., "Efficient BackProp", 1998, eq. 16."""

    name, scale, fan, distribution = "lecun_uniform", 1.0, "in", "uniform"


InitializerLike: TypeAlias = Initializer | type[Initializer] | str
"""An initializer as a person gives it: an instance, a class or a name."""

INITIALIZERS: Catalogue[Initializer] = Catalogue(
    "initializer",
    Initializer,
    [HeNormal, HeUniform, LecunNormal, LecunUniform, XavierNormal, XavierUniform],
)
"""Every initializer by name."""
