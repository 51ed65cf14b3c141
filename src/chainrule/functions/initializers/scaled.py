"""Random numbers of which the scale is kept through the layers.

Each draws with the variance scale / fan. With fan the number of inputs, a layer of linear units then keeps the
variance of what passes forward; He's scale of 2 makes up for the half that a ReLU sets to 0; Xavier's mean of
inputs and outputs is the compromise between forward and backward.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.functions.initializers.initializer import Initializer

__all__ = [
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "Scaled",
    "XavierNormal",
    "XavierUniform",
]


@dataclass(frozen=True)
class Scaled(Initializer):
    """A distribution with mean 0 and variance ``scale / fan``.

    Attributes
    ----------
    scale : float
        Numerator of the variance.
    fan : {"in", "mean"}
        Denominator: the number of inputs, or the mean of the numbers of inputs and outputs.
    distribution : {"normal", "uniform"}
        Its shape.
    """

    scale: ClassVar[float]
    fan: ClassVar[Literal["in", "mean"]]

    def standard_deviation(self, n_in: int, n_out: int) -> float:
        """The standard deviation of a weight between `n_in` and `n_out` units."""
        fan = n_in if self.fan == "in" else (n_in + n_out) / 2
        return float(np.sqrt(self.scale / fan))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], n_in: int, n_out: int) -> Array:
        deviation = self.standard_deviation(n_in, n_out)
        if self.distribution == "normal":
            return rng.normal(0.0, deviation, shape)
        limit = np.sqrt(3) * deviation  # the variance of uniform(-l, l) is l^2 / 3
        return rng.uniform(-limit, limit, shape)


@dataclass(frozen=True)
class XavierNormal(Scaled):
    """Variance 2 / (n_in + n_out), normal. Glorot and Bengio, AISTATS 2010, eq. 12."""

    name, scale, fan, distribution = "xavier_normal", 1.0, "mean", "normal"
    variance = r"2 / (n_\text{in} + n_\text{out})"


@dataclass(frozen=True)
class XavierUniform(Scaled):
    """Variance 2 / (n_in + n_out), uniform. Glorot and Bengio, AISTATS 2010, eq. 16."""

    name, scale, fan, distribution = "xavier_uniform", 1.0, "mean", "uniform"
    variance = r"2 / (n_\text{in} + n_\text{out})"


@dataclass(frozen=True)
class HeNormal(Scaled):
    """Variance 2 / n_in, normal: for ReLU. He et al., ICCV 2015, eq. 10."""

    name, scale, fan, distribution = "he_normal", 2.0, "in", "normal"
    variance = r"2 / n_\text{in}"


@dataclass(frozen=True)
class HeUniform(Scaled):
    """Variance 2 / n_in, uniform: for ReLU. He et al., ICCV 2015, eq. 10."""

    name, scale, fan, distribution = "he_uniform", 2.0, "in", "uniform"
    variance = r"2 / n_\text{in}"


@dataclass(frozen=True)
class LecunNormal(Scaled):
    """Variance 1 / n_in, normal: what the post calls Xavier. LeCun et al., "Efficient BackProp", 1998, eq. 16."""

    name, scale, fan, distribution = "lecun_normal", 1.0, "in", "normal"
    variance = r"1 / n_\text{in}"


@dataclass(frozen=True)
class LecunUniform(Scaled):
    """Variance 1 / n_in, uniform. LeCun et al., "Efficient BackProp", 1998, eq. 16."""

    name, scale, fan, distribution = "lecun_uniform", 1.0, "in", "uniform"
    variance = r"1 / n_\text{in}"
