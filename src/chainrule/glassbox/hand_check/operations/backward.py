"""The backward pass: delta, da, dw, db, and the errors through dropout and skips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from chainrule.functions.activations import Activation
from chainrule.functions.activations.activation import Elementwise
from chainrule.functions.arrays import Array
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.hand_check.operations.loss_of_batch import LossOfBatch
from chainrule.glassbox.hand_check.operations.operation import Index, Operation, Values, number, sum_of_products

__all__ = [
    "BiasGradient",
    "DropoutBackward",
    "HiddenDelta",
    "InputError",
    "OutputDelta",
    "SkipBackward",
    "WeightGradient",
]


@dataclass(frozen=True)
class OutputDelta(Operation):
    """delta of the output layer, from y, z and a."""

    y: str
    z: str
    a: str
    loss: LossOfBatch

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.a, self.z, self.y

    @property
    def activation(self) -> Activation:
        """The activation of the output layer."""
        return self.loss.activation

    def right(self, v: Values) -> Array:
        return self.loss.delta(v[self.y], v[self.z], v[self.a])

    def d_a(self, v: Values) -> Array:
        """dJ/da of the output layer."""
        return self.loss.d_a(v[self.y], v[self.a])

    def slope(self, v: Values) -> Array | None:
        """f'(z); None of a softmax, whose derivative is a matrix."""
        f = self.activation
        return f.derivative(v[self.z], v[self.a]) if isinstance(f, Elementwise) else None

    @property
    def formula(self) -> str:
        return self.loss.delta_formula(self.y, self.z, self.a)

    def terms(self, v: Values, index: Index) -> str:
        return self.loss.delta_terms(v[self.y], v[self.z], v[self.a], index)


@dataclass(frozen=True)
class HiddenDelta(Operation):
    """delta[i] = da[i] * f'(z[i])."""

    d_output: str
    z: str
    a: str
    activation: Activation

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.d_output, self.z, self.a

    def right(self, v: Values) -> Array:
        return self.activation.backward(v[self.d_output], v[self.z], v[self.a])

    def d_a(self, v: Values) -> Array:
        """dJ/da."""
        return v[self.d_output]

    def slope(self, v: Values) -> Array | None:
        """f'(z); None of a softmax, whose derivative is a matrix."""
        f = self.activation
        return f.derivative(v[self.z], v[self.a]) if isinstance(f, Elementwise) else None

    @property
    def formula(self) -> str:
        if not isinstance(self.activation, Elementwise):
            return f"{self.a} * ({self.d_output} - the row's sum of {self.d_output} * {self.a})"
        return f"{self.d_output} * f'({self.z})"

    def terms(self, v: Values, index: Index) -> str:
        slope = self.slope(v)
        return "" if slope is None else f"{number(v[self.d_output][index])} * {number(slope[index])}"


@dataclass(frozen=True)
class InputError(Operation):
    """da[i] = delta[i+1] @ w[i].T.

    Attributes
    ----------
    delta, w : str
        From what.
    moves_alone : bool
        Whether the new w follows from w and dw alone, as in the post, and not from other gradients too.
    """

    delta: str
    w: str
    moves_alone: bool

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.delta, self.w

    def right(self, v: Values) -> Array:
        d: Array = v[self.delta] @ v[self.w].T
        return d

    def added_up(self, v: Values) -> Array:
        d: Array = np.abs(v[self.delta]) @ np.abs(v[self.w]).T
        return d

    @property
    def formula(self) -> str:
        return f"{self.delta} @ {self.w}.T"

    def terms(self, v: Values, index: Index) -> str:
        row, unit = index
        return sum_of_products(zip(v[self.delta][row], v[self.w][unit], strict=True))


@dataclass(frozen=True)
class WeightGradient(Operation):
    """dw[i] = a[i].T @ delta[i+1], and the penalty's part."""

    by_row: ClassVar[bool] = False

    a: str
    z: str | None
    delta: str
    w: str
    penalty: Penalty

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.delta, self.a, self.w

    def of_data(self, v: Values) -> Array:
        """The part without the penalty."""
        dw: Array = v[self.a].T @ v[self.delta]
        return dw

    def of_penalty(self, v: Values) -> Array:
        """The penalty's part."""
        return self.penalty.gradient(v[self.w], np.ones_like(v[self.w]))

    def right(self, v: Values) -> Array:
        return self.of_data(v) + self.of_penalty(v) if self.penalty else self.of_data(v)

    def added_up(self, v: Values) -> Array:
        dw: Array = np.abs(v[self.a]).T @ np.abs(v[self.delta])
        return dw + np.abs(self.of_penalty(v)) if self.penalty else dw

    @property
    def formula(self) -> str:
        l2 = f" + {self.penalty.l2:g} * {self.w}" if self.penalty.l2 else ""
        l1 = f" + {self.penalty.l1:g} * sign({self.w})" if self.penalty.l1 else ""
        return f"{self.a}.T @ {self.delta}{l2}{l1}"

    def terms(self, v: Values, index: Index) -> str:
        unit, column = index
        rest = (self.of_penalty(v)[index],) if self.penalty else ()
        return sum_of_products(zip(v[self.a][:, unit], v[self.delta][:, column], strict=True), *rest)


@dataclass(frozen=True)
class BiasGradient(Operation):
    """db[i]: the sum over the rows of delta[i+1]."""

    by_row: ClassVar[bool] = False

    delta: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return (self.delta,)

    def right(self, v: Values) -> Array:
        db: Array = v[self.delta].sum(axis=0)
        return db

    def added_up(self, v: Values) -> Array:
        db: Array = np.abs(v[self.delta]).sum(axis=0)
        return db

    @property
    def formula(self) -> str:
        return f"{self.delta}.sum(axis=0)"

    def terms(self, v: Values, index: Index) -> str:
        column = v[self.delta][:, index[0]]
        return " + ".join(number(each) for each in column) if len(column) <= 6 else ""


@dataclass(frozen=True)
class DropoutBackward(Operation):
    """dJ/d(output) * factor: the mask of the forward pass."""

    d_output: str
    factor: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.d_output, self.factor

    def right(self, v: Values) -> Array:
        return v[self.d_output] * v[self.factor]

    @property
    def formula(self) -> str:
        return f"{self.d_output} * {self.factor}"

    def terms(self, v: Values, index: Index) -> str:
        return f"{number(v[self.d_output][index])} * {number(v[self.factor][index])}"


@dataclass(frozen=True)
class SkipBackward(Operation):
    """dJ/dx of a residual connection: over the skip and through the layers inside."""

    d_output: str
    inside: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.inside, self.d_output

    def right(self, v: Values) -> Array:
        return v[self.d_output] + v[self.inside]

    @property
    def formula(self) -> str:
        return f"{self.d_output} + {self.inside}"

    def terms(self, v: Values, index: Index) -> str:
        return f"{number(v[self.d_output][index])} + {number(v[self.inside][index])}"
