"""Rectifiers: z itself above 0, and less than it below.

None saturates above 0, so that deep networks of them learn; they differ in what they make of a negative z.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.activations.activation import Elementwise
from chainrule.validation import finite_number

__all__ = ["Elu", "LeakyRelu", "Relu", "Selu", "Softplus"]

SELU_SCALE = 1.0507009873554804934
SELU_ALPHA = 1.6732632423543772848
"""Of Klambauer et al., eq. 14: with them, mean 0 and variance 1 are what a layer gives back for them."""


@dataclass(frozen=True)
class Relu(Elementwise):
    r"""f(z) = max(0, z), the rectified linear unit; at 0, its derivative is 0.

    References
    ----------
    Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
    """

    name = "relu"
    formula = r"\max(0, z)"
    derivative_formula = r"[z > 0]"
    output_range = "nonnegative"
    kinks = (0.0,)
    default_initializer = "he_normal"

    @staticmethod
    def expression(z: Any) -> Any:
        return np.maximum(z, 0)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return np.sign(a)  # a is z where z > 0, else 0: its sign is the 1 or 0 wanted, in the dtype of a


@dataclass(frozen=True)
class LeakyRelu(Elementwise):
    r"""f(z) = z above 0, slope * z below; at 0, its derivative is the slope.

    Parameters
    ----------
    slope : float
        Of the part below 0, between 0 and 1.

    Raises
    ------
    InvalidArgument
        If the slope is not between 0 and 1.

    References
    ----------
    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013, section 2.
    """

    name = "leaky_relu"
    formula = r"\max(s z, z), \; s \text{ the slope}"
    derivative_formula = r"[z > 0] + s \, [z \le 0]"
    output_range = "real"
    kinks = (0.0,)
    default_initializer = "he_normal"

    slope: float = 0.01

    def __post_init__(self) -> None:
        slope = finite_number("The slope of LeakyRelu", self.slope, above=0, below=1)
        object.__setattr__(self, "slope", slope)

    @staticmethod
    def expression(z: Any, slope: Any) -> Any:
        return np.maximum(z, slope * z)

    @staticmethod
    def derivative_expression(z: Any, a: Any, slope: Any) -> Any:
        return np.maximum(np.sign(z), slope)  # the sign is 1 above 0, and else below the slope


@dataclass(frozen=True)
class Elu(Elementwise):
    r"""f(z) = z above 0, alpha (exp(z) - 1) below: the exponential linear unit.

    Parameters
    ----------
    alpha : float
        Minus the value to which it falls, above 0.

    Raises
    ------
    InvalidArgument
        If alpha is not above 0.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units", ICLR
    2016, eq. 15.
    """

    name = "elu"
    formula = r"\max(0, z) + \alpha \left( e^{\min(0, z)} - 1 \right)"
    derivative_formula = r"[z > 0] + \alpha e^z \, [z \le 0]"
    output_range = "bounded_below"
    kinks = (0.0,)
    default_initializer = "he_normal"

    alpha: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", finite_number("The alpha of Elu", self.alpha, above=0))

    @staticmethod
    def expression(z: Any, alpha: Any) -> Any:
        return np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0))  # one of the two is 0

    @staticmethod
    def derivative_expression(z: Any, a: Any, alpha: Any) -> Any:
        return np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0)))


@dataclass(frozen=True)
class Selu(Elementwise):
    r"""The ELU with such an alpha and such a scale that layers keep mean 0 and variance 1 by themselves.

    That holds for weights with the variance 1 / n_in, which are the default.

    References
    ----------
    Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017, eq. 2 and 14.
    """

    name = "selu"
    formula = r"\lambda \left( \max(0, z) + \alpha \left( e^{\min(0, z)} - 1 \right) \right)"
    derivative_formula = r"\lambda \left( [z > 0] + \alpha e^z \, [z \le 0] \right)"
    output_range = "bounded_below"
    kinks = (0.0,)
    default_initializer = "lecun_normal"

    @staticmethod
    def expression(z: Any) -> Any:
        return SELU_SCALE * (np.maximum(z, 0) + SELU_ALPHA * np.expm1(np.minimum(z, 0)))

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return SELU_SCALE * np.where(z > 0, 1, SELU_ALPHA * np.exp(np.minimum(z, 0)))


@dataclass(frozen=True)
class Softplus(Elementwise):
    r"""f(z) = log(1 + exp(z)), a ReLU without its corner, written so that no z overflows and small values keep digits.

    References
    ----------
    Dugas et al., "Incorporating second-order functional knowledge for better option pricing", NeurIPS 2000.
    """

    name = "softplus"
    formula = r"\log(1 + e^z)"
    derivative_formula = r"\sigma(z) = \frac{1}{1 + e^{-z}}"
    output_range = "positive"
    default_initializer = "he_normal"

    @staticmethod
    def expression(z: Any) -> Any:
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        e = np.exp(-np.abs(z))
        return np.maximum(e, np.sign(z)) / (1 + e)
