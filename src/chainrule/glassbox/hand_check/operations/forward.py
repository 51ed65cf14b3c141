"""The forward pass: weighted sums, activations, dropout, skips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.operations.operation import Index, Operation, Values, number, sum_of_products

__all__ = ["Activate", "DropoutForward", "SkipForward", "WeightedSum"]


@dataclass(frozen=True)
class WeightedSum(Operation):
    """z[i+1] = a[i] @ w[i] + b[i]."""

    a: str
    w: str
    b: str | None

    @property
    def ingredients(self) -> tuple[str, ...]:
        return (self.a, self.w) if self.b is None else (self.a, self.w, self.b)

    def right(self, v: Values) -> Array:
        z: Array = v[self.a] @ v[self.w]
        return z if self.b is None else z + v[self.b]

    def added_up(self, v: Values) -> Array:
        z: Array = np.abs(v[self.a]) @ np.abs(v[self.w])
        return z if self.b is None else z + np.abs(v[self.b])

    @property
    def formula(self) -> str:
        return f"{self.a} @ {self.w}" + ("" if self.b is None else f" + {self.b}")

    def terms(self, v: Values, index: Index) -> str:
        row, column = index
        rest = () if self.b is None else (v[self.b][column],)
        return sum_of_products(zip(v[self.a][row], v[self.w][:, column], strict=True), *rest)


@dataclass(frozen=True)
class Activate(Operation):
    """a = f(z)."""

    z: str
    activation: Activation

    @property
    def ingredients(self) -> tuple[str, ...]:
        return (self.z,)

    def right(self, v: Values) -> Array:
        return self.activation.f(v[self.z])

    @property
    def formula(self) -> str:
        return f"{self.activation.name}({self.z})"

    def terms(self, v: Values, index: Index) -> str:
        if self.activation.name == "softmax":
            row = ", ".join(f"{each:.5g}" for each in v[self.z][index[0]]) if v[self.z].shape[1] <= 6 else "..."
            return f"softmax of row {index[0]} of {self.z}: ({row}), entry {index[1]}"
        return f"{self.activation.name}({v[self.z][index]:.5g})"


@dataclass(frozen=True)
class DropoutForward(Operation):
    """x * factor, where the factor is 0 or 1 / (1 - rate)."""

    x: str
    factor: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.x, self.factor

    def right(self, v: Values) -> Array:
        return v[self.x] * v[self.factor]

    @property
    def formula(self) -> str:
        return f"{self.x} * {self.factor}"

    def terms(self, v: Values, index: Index) -> str:
        return f"{number(v[self.x][index])} * {number(v[self.factor][index])}"


@dataclass(frozen=True)
class SkipForward(Operation):
    """x + what the layers inside make of it."""

    x: str
    inside: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.inside, self.x

    def right(self, v: Values) -> Array:
        return v[self.x] + v[self.inside]

    @property
    def formula(self) -> str:
        return f"{self.x} + {self.inside}"

    def terms(self, v: Values, index: Index) -> str:
        return f"{number(v[self.x][index])} + {number(v[self.inside][index])}"
