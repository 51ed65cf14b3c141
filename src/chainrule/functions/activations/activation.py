"""The contract of an activation: a = f(z), beside its derivative f'(z).

An elementwise activation is a pair of pure expressions, valid for one number and for an array alike, so that the
NumPy engine calls, and a compiled engine compiles, the same function. The derivative is asked for with both z and
a = f(z) in hand and uses whichever is cheaper; it is always f'(z), never f' of a.

An expression calls NumPy's functions and no other, since a function of this package that it called would have to be
compiled before it. So what several share is written out in each: sigma(z) as ``np.maximum(e, np.sign(z)) / (1 + e)``
with ``e = np.exp(-np.abs(z))``, which no z makes overflow. The maximum is 1 from 0 on and e below; np.where, which goes
entry by entry, would take three times as long as the rest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from chainrule.functions.arrays import Array
from chainrule.functions.settings import WithSettings

__all__ = ["Activation", "ActivationLike", "Elementwise", "OutputRange"]

OutputRange: TypeAlias = Literal[
    "real",
    "bounded_below",
    "nonnegative",
    "positive",
    "symmetric",
    "closed_probability",
    "probability",
    "distribution",
]
"""Where a lies: any number; from a negative number up; 0 and up; above 0; in [-1, 1]; in [0, 1], both reached; between
0 and 1; or between 0 and 1 with a row's sum 1."""


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
    default_initializer : str
        Name of the initializer that keeps the scale of the activations through the layers.
    tier : int
        1: works everywhere; 2: in the NumPy engine only.
    """

    name: ClassVar[str]
    formula: ClassVar[str]
    derivative_formula: ClassVar[str]
    output_range: ClassVar[OutputRange]
    default_initializer: ClassVar[str] = "xavier_normal"
    tier: ClassVar[int] = 1

    @property
    def kinks(self) -> tuple[float, ...]:
        """Values of z at which f, f' or f'' jumps; central differences of f across them are off.

        Where f has no derivative, f' is the value from the left.
        """
        return ()

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


ActivationLike: TypeAlias = Activation | type[Activation] | str
"""An activation as a person gives it: an instance, a class or a name."""
