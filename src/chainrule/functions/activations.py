"""Activation functions: a = f(z), each beside its derivative f'(z).

An elementwise activation is a pair of pure expressions, valid for one number and for an array alike, so that the
NumPy engine calls, and a compiled engine compiles, the same function. The derivative is asked for with both z and
a = f(z) in hand and uses whichever is cheaper; it is always f'(z), never f' of a.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from chainrule.catalogue import Catalogue
from chainrule.functions.arrays import Array
from chainrule.functions.settings import WithSettings

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "ActivationLike",
    "Elementwise",
    "Identity",
    "OutputRange",
    "Relu",
    "Sigmoid",
    "Softmax",
    "Tanh",
]

OutputRange: TypeAlias = Literal["real", "nonnegative", "symmetric", "probability", "distribution"]
"""Where a lies: any number; 0 and up; (-1, 1); (0, 1); or (0, 1) with a row's sum 1."""


@dataclass(frozen=True)
class Activation(ABC):
    """What every activation has.

    Attributes
    ----------
    name : str
        Its name in settings and files.
    formula, derivative_formula : str
        f(z) and f'(z) in LaTeX, as the docs and the explanations show them.
    output_range : OutputRange
        Where its values lie; a loss that needs, say, probabilities looks here.
    kinks : tuple of float
        Values of z at which f has no derivative. There, f' is the value from the left.
    default_initializer : str
        Name of the initializer that keeps the scale of the activations through the layers.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    derivative_formula: ClassVar[str]
    output_range: ClassVar[OutputRange]
    kinks: ClassVar[tuple[float, ...]] = ()
    default_initializer: ClassVar[str] = "xavier_normal"

    @abstractmethod
    def f(self, z: Array) -> Array:
        """Compute a = f(z), an array of the shape and dtype of `z`, which is not modified."""

    @abstractmethod
    def backward(self, d_a: Array, z: Array, a: Array) -> Array:
        """dJ/dz from dJ/da, both of shape (..., n, d): one step of the chain rule."""

    def __str__(self) -> str:
        return type(self).__name__


class Elementwise(WithSettings, Activation):
    """An activation of which each output depends on its own z alone, so that dJ/dz = dJ/da * f'(z)."""

    expression: ClassVar[Callable[..., Any]]
    """f as a pure expression of z and the settings, for one number or an array."""

    derivative_expression: ClassVar[Callable[..., Any]]
    """f'(z) as a pure expression of z, a = f(z) and the settings, for one number or an array."""

    def f(self, z: Array) -> Array:
        a: Array = self.expression(z, *self.settings) if self.settings else self.expression(z)
        return a

    def derivative(self, z: Array, a: Array) -> Array:
        """f'(z), given z and a = f(z)."""
        slope: Array = self.derivative_expression(z, a, *self.settings)
        return slope

    def backward(self, d_a: Array, z: Array, a: Array) -> Array:
        delta: Array = d_a * self.derivative_expression(z, a, *self.settings)
        return delta


@dataclass(frozen=True)
class Identity(Elementwise):
    r"""f(z) = z: the output of a regression."""

    name = "identity"
    formula = r"z"
    derivative_formula = r"1"
    output_range = "real"

    @staticmethod
    def expression(z: Any) -> Any:
        return z + 0  # a new array: a caller who writes to a must not change z

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return 0 * z + 1


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
class Sigmoid(Elementwise):
    r"""f(z) = 1 / (1 + exp(-z)), written so that no z overflows and small values keep their digits."""

    name = "sigmoid"
    formula = r"\frac{1}{1 + e^{-z}}"
    derivative_formula = r"a (1 - a)"
    output_range = "probability"

    @staticmethod
    def expression(z: Any) -> Any:
        e = np.exp(-np.abs(z))  # at most 1
        return np.where(z >= 0, 1, e) / (1 + e)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return a * (1 - a)


@dataclass(frozen=True)
class Tanh(Elementwise):
    r"""f(z) = tanh(z), the hyperbolic tangent."""

    name = "tanh"
    formula = r"\tanh z"
    derivative_formula = r"1 - a^2"
    output_range = "symmetric"

    @staticmethod
    def expression(z: Any) -> Any:
        return np.tanh(z)

    @staticmethod
    def derivative_expression(z: Any, a: Any) -> Any:
        return 1 - a * a


@dataclass(frozen=True)
class Softmax(Activation):
    r"""a_j = exp(z_j) / sum_k exp(z_k), over the last axis: the probabilities of k classes.

    Every output depends on every z of its row, so its derivative is a matrix,
    da_j/dz_k = a_j ([j = k] - a_k), and dJ/dz_k = a_k (g_k - sum_j g_j a_j) with g = dJ/da.

    References
    ----------
    Bridle, "Probabilistic interpretation of feedforward classification network outputs", 1990, eq. 12.
    """

    name = "softmax"
    formula = r"\frac{e^{z_j}}{\sum_k e^{z_k}}"
    derivative_formula = r"\frac{\partial a_j}{\partial z_k} = a_j ([j = k] - a_k)"
    output_range = "distribution"

    def f(self, z: Array) -> Array:
        # NumPy reduces the first axis of an array for many rows at once, and short last ones row by row: with the
        # classes first, 1,785 rows of 10 take 37 us instead of 198
        a = z.T.copy()
        a -= np.maximum.reduce(a, axis=0)  # the largest is 0 then: nothing overflows
        np.exp(a, out=a)
        a /= np.add.reduce(a, axis=0)
        return np.ascontiguousarray(a.T)

    def backward(self, d_a: Array, z: Array, a: Array) -> Array:
        delta: Array = a * (d_a - (d_a * a).sum(axis=-1, keepdims=True))
        return delta


ActivationLike: TypeAlias = Activation | type[Activation] | str
"""An activation as a person gives it: an instance, a class or a name."""

# The catalogue only asks for classes that can be made; the abstract base is what they share.
ACTIVATIONS: Catalogue[Activation] = Catalogue(
    "activation",
    Activation,  # type: ignore[type-abstract]
    [Identity, Relu, Sigmoid, Softmax, Tanh],
)
"""Every activation by name."""
