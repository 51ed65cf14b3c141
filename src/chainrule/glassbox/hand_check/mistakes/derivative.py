"""Mistakes with the derivative f' of an activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from chainrule.functions.activations import Identity
from chainrule.functions.activations.activation import Elementwise
from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import HiddenDelta, KnownLoss, Operation, OutputDelta, Values

__all__ = [
    "CrossEntropyDelta",
    "DerivativeAtA",
    "DerivativeForgotten",
    "DerivativeFormulaOfZ",
    "DerivativeTwice",
    "SoftmaxDiagonal",
]

FORMULAS_OF_A = {"sigmoid": "a (1 - a)", "tanh": "1 - a^2"}
"""Derivatives that are usually written with a in place of z."""


def _of_delta(operation: Operation) -> OutputDelta | HiddenDelta | None:
    return operation if isinstance(operation, OutputDelta | HiddenDelta) else None


def _d_a(operation: Operation) -> str:
    return operation.d_output if isinstance(operation, HiddenDelta) else "dJ/da"


@dataclass(frozen=True)
class _InDelta(Mistake):
    """One in delta = dJ/da * f'(z)."""

    elementwise: ClassVar[bool] = True

    def applies(self, operation: Operation, v: Values) -> bool:
        delta = _of_delta(operation)
        if delta is None or isinstance(delta.activation, Identity):
            return False
        return isinstance(delta.activation, Elementwise) or not self.elementwise

    def wrong(self, operation: Operation, v: Values) -> Array:
        delta = _of_delta(operation)
        assert delta is not None
        return self.wrong_delta(delta, v)

    def wrong_delta(self, delta: OutputDelta | HiddenDelta, v: Values) -> Array:
        """The same, of an operation whose kind is known."""
        raise NotImplementedError


@dataclass(frozen=True)
class DerivativeForgotten(_InDelta):
    """delta = dJ/da."""

    name = "the derivative f' forgotten"
    elementwise = False

    def wrong_delta(self, delta: OutputDelta | HiddenDelta, v: Values) -> Array:
        return delta.d_a(v)

    def done(self, operation: Operation) -> str:
        return f"{_d_a(operation)} alone"


@dataclass(frozen=True)
class DerivativeAtA(_InDelta):
    """f'(a) for f'(z): the post's."""

    name = "the derivative taken at a instead of z"

    def wrong_delta(self, delta: OutputDelta | HiddenDelta, v: Values) -> Array:
        f, a = delta.activation, v[delta.a]
        if isinstance(delta, HiddenDelta):
            a = f.f(v[delta.z])  # what leaves the layer may have been changed by now
        assert isinstance(f, Elementwise)
        return delta.d_a(v) * f.derivative(a, f.f(a))

    def done(self, operation: Operation) -> str:
        delta = _of_delta(operation)
        assert delta is not None
        return f"{_d_a(operation)} * f'({delta.a})"

    @property
    def remark(self) -> str:
        return "f' is the slope of f at the place where f was taken, which is z."


@dataclass(frozen=True)
class DerivativeFormulaOfZ(_InDelta):
    """The formula of f' that takes a, filled in with z."""

    name = "the formula of f' that takes a, filled in with z"

    def applies(self, operation: Operation, v: Values) -> bool:
        delta = _of_delta(operation)
        return super().applies(operation, v) and delta is not None and delta.activation.name in FORMULAS_OF_A

    def wrong_delta(self, delta: OutputDelta | HiddenDelta, v: Values) -> Array:
        f, z = delta.activation, v[delta.z]
        assert isinstance(f, Elementwise)
        return delta.d_a(v) * f.derivative(z, z)

    def done(self, operation: Operation) -> str:
        delta = _of_delta(operation)
        assert delta is not None
        slope = FORMULAS_OF_A[delta.activation.name].replace("a", delta.z)
        return f"{_d_a(operation)} * {slope if slope.startswith(delta.z) else f'({slope})'}"

    @property
    def remark(self) -> str:
        return "With a = f(z), the slope f'(z) is a (1 - a) for sigmoid and 1 - a^2 for tanh: a belongs there."


@dataclass(frozen=True)
class DerivativeTwice(_InDelta):
    """delta * f'."""

    name = "the derivative f' multiplied in twice"

    def wrong_delta(self, delta: OutputDelta | HiddenDelta, v: Values) -> Array:
        slope = delta.slope(v)
        assert slope is not None
        right: Array = delta.right(v) * slope
        return right

    def done(self, operation: Operation) -> str:
        delta = _of_delta(operation)
        assert delta is not None
        if _cancels(operation):
            return f"({delta.formula}) * f'({delta.z})"
        return f"{_d_a(operation)} * f'({delta.z}) * f'({delta.z})"


@dataclass(frozen=True)
class SoftmaxDiagonal(_InDelta):
    """a (1 - a) as the derivative of softmax, as if it were elementwise."""

    name = "only the diagonal of softmax's derivative"
    elementwise = False

    def applies(self, operation: Operation, v: Values) -> bool:
        delta = _of_delta(operation)
        return delta is not None and delta.activation.name == "softmax"

    def wrong_delta(self, delta: OutputDelta | HiddenDelta, v: Values) -> Array:
        a = v[delta.a]
        d: Array = delta.d_a(v) * a * (1 - a)
        return d

    def done(self, operation: Operation) -> str:
        delta = _of_delta(operation)
        assert delta is not None
        return f"{_d_a(operation)} * {delta.a} * (1 - {delta.a})"

    @property
    def remark(self) -> str:
        return "Every output of a softmax depends on every z of its row, so all of them count."


@dataclass(frozen=True)
class CrossEntropyDelta(Mistake):
    """(a - y) / n, which is the delta of a cross-entropy after its own output, for another loss."""

    name = "the delta of cross-entropy, a - y, for another loss"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, OutputDelta) and not _cancels(operation) and isinstance(operation.loss, KnownLoss)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, OutputDelta)
        assert isinstance(operation.loss, KnownLoss)
        d: Array = (v[operation.a] - v[operation.y]) * operation.loss.shares[:, np.newaxis]
        return d

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, OutputDelta)
        return f"({operation.a} - {operation.y}) / n"


def _cancels(operation: Operation) -> bool:
    """Whether the slope of f has cancelled in the output's delta."""
    return isinstance(operation, OutputDelta) and isinstance(operation.loss, KnownLoss) and operation.loss.is_on_logits
