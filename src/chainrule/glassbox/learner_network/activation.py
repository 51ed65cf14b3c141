"""A learner's activation, called with copies: what it writes to, or gives back, is noticed and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.activations.activation import Activation, Elementwise
from chainrule.functions.arrays import Array
from chainrule.glassbox.learner_network.own_code import named_attribute, own_code

__all__ = ["LearnerActivation"]

GRID = np.linspace(-5.0, 5.0, 80).reshape(8, 10)
"""The z at which a learner's activation is compared with those of chainrule; none is 0, where some have corners."""

FAR = np.linspace(-29.0, 29.0, 80).reshape(8, 10)
"""Some more, where one that is cut off, as ReLU6 is at 6, parts from the one that it is made from."""

WRITTEN_ANEW = {
    "Relu": "np.maximum(z, 0)",
}
"""What an activation that overwrites its argument may return instead, by the class's name in the post."""

NO_PRIME = (
    "{name} has no `prime`, the derivative f'(z), which backpropagation needs (the post prints none for its Relu). Add "
    "it to the class, as a static method; for ReLU: def prime(z): return np.where(z > 0, 1.0, 0.0)."
)


@dataclass(frozen=True, init=False, eq=False)
class LearnerActivation(Elementwise):
    """A learner's activation class, called with copies; f is its ``activation`` and f' its ``prime``, both of z.

    Attributes
    ----------
    given : object
        What the learner wrote.
    """

    output_range = "real"
    tier = 2
    formula = "f(z)"
    derivative_formula = "f'(z)"

    given: Any

    def __init__(self, given: Any) -> None:
        object.__setattr__(self, "given", given)
        if not callable(named_attribute(given, "activation")):
            raise InvalidType(
                f"{self.name} is among the network's activations, but has no function `activation`, as Relu and "
                "Sigmoid of the post have."
            )

    @property
    def name(self) -> str:  # type: ignore[override]
        """What the class is called."""
        return getattr(self.given, "__name__", type(self.given).__name__)

    @property
    def settings(self) -> tuple[Any, ...]:
        """None that are known."""
        return ()

    @property
    def has_prime(self) -> bool:
        """Whether there is a derivative at all."""
        return callable(named_attribute(self.given, "prime"))

    def f(self, z: Array) -> Array:
        return _result(f"{self.name}.activation", self.given.activation, z)

    def derivative(self, z: Array, a: Array) -> Array:
        if not self.has_prime:
            raise InvalidType(NO_PRIME.format(name=self.name))
        return _result(f"{self.name}.prime", self.given.prime, z, number=True)

    def backward(self, d_a: Array, z: Array, a: Array) -> Array:
        delta: Array = d_a * self.derivative(z, a)
        return delta

    @cached_property
    def known_as(self) -> Activation | None:
        """The activation of chainrule that has the same values, if there is one."""
        try:
            own = [(z, self.f(z)) for z in (GRID, FAR)]
        except InvalidType:  # it takes z of its own layer's width alone
            return None
        for member in ACTIVATIONS:
            activation: Activation = member()
            if all(np.allclose(activation.f(z), a, rtol=1e-9, atol=1e-12) for z, a in own):
                return activation
        return None

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What it does to the array that it is given, a sentence for each of its functions."""
        named = [("activation", self.given.activation)]
        if self.has_prime:
            named.append(("prime", self.given.prime))
        return tuple(sentence for name, function in named if (sentence := _aliasing(self.name, name, function)))

    def __str__(self) -> str:
        return self.name


def _result(name: str, function: Callable[[Array], Any], z: Array, *, number: bool = False) -> Array:
    """What a function makes of z; with `number`, one number is one for every entry, such as the slope of a line."""
    given = np.array(z, np.float64)
    with own_code(f"{name} fails for an array of the shape {np.shape(z)}:"):
        result = function(given)
        found = None if result is None else np.array(result, np.float64)
    if found is None:
        raise InvalidType(f"{name} returns nothing (None), and an array of the shape of z is needed: add a return.")
    if number and found.ndim == 0:
        return np.full(np.shape(z), found)
    if found.shape != np.shape(z):
        raise InvalidType(
            f"{name} gives the shape {found.shape} for a z of the shape {np.shape(z)}: they must be equal."
        )
    return found


def _aliasing(owner: str, name: str, function: Callable[[Array], Any]) -> str | None:
    """A sentence on a function that writes to its argument, or gives it back."""
    given = GRID.copy()
    try:
        with own_code(name):
            result = function(given)
    except InvalidType:  # it takes z of its own layer's width alone
        return None
    writes = not np.array_equal(given, GRID)
    shares = isinstance(result, np.ndarray) and np.shares_memory(result, given)
    if not writes and not shares:
        return None
    instead = WRITTEN_ANEW.get(owner) if name == "activation" else None
    advice = f"let it return a new array{f', such as {instead}' if instead else ''}."
    if writes and shares:
        does, effect = "overwrites the array that it is given and returns it", "z and a are then one and the same array"
    elif writes:
        does, effect = "overwrites the array that it is given", "z is then no longer what it was"
    else:
        does, effect = "returns the array that it is given", "z and a are then one and the same array"
    if name == "prime":
        effect = "what was kept of the forward pass is then lost"
    return f"{owner}.{name} {does}: {effect}. The glass box works on copies; {advice}"
