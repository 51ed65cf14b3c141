"""An activation of one's own: a function and its derivative, tried before they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument, nearest_names
from chainrule.functions.activations.activation import Elementwise, OutputRange
from chainrule.functions.activations.catalogue import ACTIVATIONS
from chainrule.functions.arrays import Array
from chainrule.functions.initializers import INITIALIZERS
from chainrule.functions.pair_check import OwnDescription, OwnPair, as_float_array, check_own_name, checked_kinks

__all__ = ["CustomActivation"]

BOUNDS: dict[OutputRange, tuple[float, float]] = {
    "real": (-np.inf, np.inf),
    "bounded_below": (-np.inf, np.inf),
    "nonnegative": (0, np.inf),
    "positive": (0, np.inf),
    "symmetric": (-1, 1),
    "closed_probability": (0, 1),
    "probability": (0, 1),
}

OPEN: dict[OutputRange, OutputRange] = {"positive": "nonnegative", "probability": "closed_probability"}
"""Ranges whose bounds are not reached, since a logarithm is taken of what lies there, and those with the bounds."""


@dataclass(frozen=True, repr=False)
class CustomActivation(OwnDescription, Elementwise):
    """An activation from its f and f', as functions of arrays of z.

    When it is made, both are tried for z in [-4, 4]: they must keep the shape, take each number by itself, change
    nothing, be finite, and belong together, which central differences of f show. It is given to a layer as it is. A
    model file, which holds no code, cannot hold it.

    Parameters
    ----------
    f : callable
        a = f(z), for an array z.
    derivative : callable
        f'(z), as a function of z and not of a.
    name : str
        What it is called.
    output_range : OutputRange
        Where its values lie, which says what losses it goes with as an output. ``"positive"`` and ``"probability"``
        do not reach their bounds, ``"nonnegative"`` and ``"closed_probability"`` do.
    kinks : float or iterable of float
        Values of z at which f, f' or f'' jumps.
    default_initializer : str
        Name of the initializer for the weights before it.

    Raises
    ------
    InvalidArgument, InvalidType
        With what is wrong and for which z.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule.functions.activations import CustomActivation
    >>> sine = CustomActivation(np.sin, np.cos, name="sine", output_range="symmetric")
    >>> CustomActivation(np.sin, np.sin)
    Traceback (most recent call last):
    ...
    chainrule.errors.InvalidArgument: The derivative of CustomActivation 'custom' is -0.717356 at z = -0.8, where \
f itself has the slope 0.696707 (a central difference).
    """

    tier = 2

    given_f: Callable[[Array], Any]
    given_derivative: Callable[[Array], Any]
    given_kinks: tuple[float, ...]

    def __init__(
        self,
        f: Callable[[Array], Any],
        derivative: Callable[[Array], Any],
        *,
        name: str = "custom",
        output_range: OutputRange = "real",
        kinks: Iterable[float] | float = (),
        default_initializer: str = "xavier_normal",
    ) -> None:
        check_own_name("CustomActivation", name, ACTIVATIONS, "swish")
        if output_range not in BOUNDS:
            nearest = nearest_names(str(output_range), BOUNDS)
            raise InvalidArgument(f"{output_range!r} is not an output range of a CustomActivation; {nearest}")
        owner = f"CustomActivation {name!r}"
        corners = checked_kinks(owner, kinks)
        self._describe(
            name,
            "z",
            output_range=output_range,
            default_initializer=INITIALIZERS[default_initializer].name,
            given_f=f,
            given_derivative=derivative,
            given_kinks=corners,
        )
        z = np.linspace(-4, 4, 81)
        z = z[np.all([np.abs(z - kink) > 1e-3 for kink in corners], axis=0)] if corners else z
        z = z[: len(z) // 2 * 2].reshape(2, -1)
        a = OwnPair(owner, ("f", "z"), f, derivative).check(z)
        _check_range(owner, output_range, z, a)

    @property
    def kinks(self) -> tuple[float, ...]:
        return self.given_kinks

    def f(self, z: Array) -> Array:
        return as_float_array(self.given_f(z), z.dtype)

    def derivative(self, z: Array, a: Array) -> Array:
        return as_float_array(self.given_derivative(z), z.dtype)

    def backward(self, d_a: Array, z: Array, a: Array) -> Array:
        delta: Array = d_a * self.derivative(z, a)
        return delta


def _check_range(owner: str, output_range: OutputRange, z: Array, a: Array) -> None:
    low, high = BOUNDS[output_range]
    if output_range in OPEN:
        outside, where = (a <= low) | (a >= high), f"above {low:g} and below {high:g}"
        advice = f"; with bounds that it reaches, the range is {OPEN[output_range]!r}"
    else:
        outside, where, advice = (a < low) | (a > high), f"from {low:g} to {high:g}", ""
    if outside.any():
        raise InvalidArgument(
            f"f of {owner} is {a[outside][0]:g} at z = {z[outside][0]:.4g}, outside the output range {output_range!r} "
            f"that it is given, {where}{advice}."
        )
