"""Gated activations: z times a smooth gate, which opens from 0 to 1 as z grows.

Far above 0 they are z and far below 0 they are 0, as the ReLU is, but they have no corner; a little below 0 they dip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.activations.activation import Elementwise
from chainrule.functions.normal_distribution import TAIL

__all__ = ["Gelu", "GeluTanh", "Mish", "Silu"]

ROOT_2_OVER_PI = 0.7978845608028653559
ROOT_2_PI = 2.5066282746310005024


@dataclass(frozen=True)
class Gelu(Elementwise):
    r"""f(z) = z Phi(z), with Phi the distribution function of the normal distribution: exact, with 15 digits.

    References
    ----------
    Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016, section 2.
    """

    name = "gelu"
    formula = r"z \, \Phi(z)"
    derivative_formula = r"\Phi(z) + z \, \varphi(z), \; \varphi(z) = \frac{e^{-z^2 / 2}}{\sqrt{2 \pi}}"
    output_range = "bounded_below"
    default_initializer = "he_normal"

    @staticmethod
    def expression(z: Any) -> Any:
        x = np.minimum(np.abs(z), 40)  # beyond, the tail is 0, and x^2 could overflow
        u = 8 / (4 + x) - 1
        g = 0.0
        for coefficient in TAIL:
            g = g * u + coefficient
        # x^2 = s^2 + (x - s) (x + s): the square of a number of sixteenths is exact, and what is left is small, so that
        # the exponential does not magnify the rounding of x^2
        s = np.floor(16 * x) / 16
        tail = g * (u + 1) / 2 * np.exp(-s * s / 2) * np.exp(-(x - s) * (x + s) / 2)
        return z * np.where(z > 0, 1 - tail, tail)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        tiny = np.abs(z) < 1e-30
        Phi = np.where(tiny, 0.5 + 0 * z, a / np.where(tiny, 1, z))  # 0.5 in the dtype of z
        x = np.minimum(np.abs(z), 40)
        return Phi + z * (np.exp(-x * x / 2) / ROOT_2_PI)


@dataclass(frozen=True)
class GeluTanh(Elementwise):
    r"""The GELU with tanh in the place of the distribution function, off by less than 5e-4.

    (1 + tanh(u)) / 2 is sigma(2 u), which keeps its digits where tanh(u) is near -1.

    References
    ----------
    Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016, section 2.
    """

    name = "gelu_tanh"
    formula = r"z \, \sigma(2 u), \; u = \sqrt{2 / \pi} \left( z + 0.044715 z^3 \right)"
    derivative_formula = r"\sigma(2 u) + 2 z u' \sigma(2 u) (1 - \sigma(2 u))"
    output_range = "bounded_below"
    default_initializer = "he_normal"

    @staticmethod
    def expression(z: Any) -> Any:
        x = np.minimum(np.abs(z), 40)  # beyond, e is 0, and x^2 could overflow
        e = np.exp(-2 * ROOT_2_OVER_PI * x * (1 + 0.044715 * x * x))  # exp(-|2 u|), at most 1
        return z * (np.maximum(e, np.sign(z)) / (1 + e))

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        x = np.minimum(np.abs(z), 40)
        e = np.exp(-2 * ROOT_2_OVER_PI * x * (1 + 0.044715 * x * x))
        u_slope = ROOT_2_OVER_PI * (1 + 3 * 0.044715 * x * x)
        return np.maximum(e, np.sign(z)) / (1 + e) + 2 * z * u_slope * (e / ((1 + e) * (1 + e)))


@dataclass(frozen=True)
class Silu(Elementwise):
    r"""f(z) = z sigma(z), the sigmoid linear unit, also called swish.

    References
    ----------
    Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units for neural network function approximation in reinforcement
    learning", Neural Networks 107 (2018), eq. 7 and 8.
    """

    name = "silu"
    formula = r"z \, \sigma(z)"
    derivative_formula = r"\sigma(z) + z \, \sigma(z) (1 - \sigma(z))"
    output_range = "bounded_below"
    default_initializer = "he_normal"

    @staticmethod
    def expression(z: Any) -> Any:
        e = np.exp(-np.abs(z))  # at most 1
        return z * (np.maximum(e, np.sign(z)) / (1 + e))

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        e = np.exp(-np.abs(z))
        return np.maximum(e, np.sign(z)) / (1 + e) + z * (e / ((1 + e) * (1 + e)))


@dataclass(frozen=True)
class Mish(Elementwise):
    r"""f(z) = z tanh(log(1 + exp(z))).

    With e = exp(-|z|), the gate is t = (1 + 2 e) / (1 + 2 e + 2 e^2) above 0, and (e^2 + 2 e) / (e^2 + 2 e + 2) below.

    References
    ----------
    Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020, eq. 1.
    """

    name = "mish"
    formula = r"z \, t, \; t = \tanh \log(1 + e^z)"
    derivative_formula = r"t + z \, (1 - t^2) \, \sigma(z)"
    output_range = "bounded_below"
    default_initializer = "he_normal"
    tier = 2

    @staticmethod
    def expression(z: Any) -> Any:
        e = np.exp(-np.abs(z))
        numerator = np.where(z > 0, 1 + 2 * e, e * (e + 2))
        return z * (numerator / (numerator + np.where(z > 0, 2 * e * e, 2)))

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        e = np.exp(-np.abs(z))
        numerator = np.where(z > 0, 1 + 2 * e, e * (e + 2))
        t = numerator / (numerator + np.where(z > 0, 2 * e * e, 2))
        return t + z * (1 - t * t) * (np.maximum(e, np.sign(z)) / (1 + e))
