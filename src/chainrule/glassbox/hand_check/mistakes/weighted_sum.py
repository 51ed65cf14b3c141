"""Mistakes in z = a @ w + b and in a = f(z)."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.functions.activations import Identity
from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import Activate, Operation, Values, WeightedSum, WeightGradient

__all__ = ["ActivationForgotten", "ActivationTwice", "BiasForgotten", "BiasSubtracted", "ZInProduct"]


@dataclass(frozen=True)
class BiasForgotten(Mistake):
    """z = a @ w."""

    name = "the bias forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, WeightedSum) and operation.b is not None

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, WeightedSum)
        z: Array = v[operation.a] @ v[operation.w]
        return z

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, WeightedSum)
        return f"{operation.a} @ {operation.w}"


@dataclass(frozen=True)
class BiasSubtracted(Mistake):
    """z = a @ w - b."""

    name = "the bias subtracted"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, WeightedSum) and operation.b is not None

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, WeightedSum)
        assert operation.b is not None
        z: Array = v[operation.a] @ v[operation.w] - v[operation.b]
        return z

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, WeightedSum)
        return f"{operation.a} @ {operation.w} - {operation.b}"


@dataclass(frozen=True)
class ActivationForgotten(Mistake):
    """a = z."""

    name = "the activation forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Activate) and not isinstance(operation.activation, Identity)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Activate)
        return v[operation.z]

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Activate)
        return operation.z


@dataclass(frozen=True)
class ActivationTwice(Mistake):
    """a = f(f(z))."""

    name = "the activation applied twice"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Activate) and not isinstance(operation.activation, Identity)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Activate)
        f = operation.activation.f
        return f(f(v[operation.z]))

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Activate)
        f = operation.activation.name
        return f"{f}({f}({operation.z}))"


@dataclass(frozen=True)
class ZInProduct(Mistake):
    """dw = z.T @ delta."""

    name = "z in the place of a"

    def applies(self, operation: Operation, v: Values) -> bool:
        if isinstance(operation, WeightGradient):
            return operation.z is not None
        return False

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, WeightGradient)
        assert operation.z is not None
        of_data: Array = v[operation.z].T @ v[operation.delta]
        return of_data + operation.of_penalty(v)

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, WeightGradient)
        return f"{operation.z}.T @ {operation.delta}"
