"""Rows taken for columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import InputError, Operation, Values, WeightedSum, WeightGradient

__all__ = ["BackNotTransposed", "ForwardTransposed", "ProductTransposed"]


def _is_square(array: Array) -> bool:
    return array.ndim == 2 and array.shape[0] == array.shape[1] > 1


@dataclass(frozen=True)
class BackNotTransposed(Mistake):
    """delta @ w for delta @ w.T."""

    name = "w not transposed on the way back"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, InputError) and _is_square(v[operation.w])

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, InputError)
        d: Array = v[operation.delta] @ v[operation.w]
        return d

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, InputError)
        return f"{operation.delta} @ {operation.w}"


@dataclass(frozen=True)
class ForwardTransposed(Mistake):
    """a @ w.T for a @ w."""

    name = "w transposed on the way forward"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, WeightedSum) and _is_square(v[operation.w])

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, WeightedSum)
        z: Array = v[operation.a] @ v[operation.w].T
        return z if operation.b is None else z + v[operation.b]

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, WeightedSum)
        return f"{operation.a} @ {operation.w}.T" + ("" if operation.b is None else f" + {operation.b}")


@dataclass(frozen=True)
class ProductTransposed(Mistake):
    """delta.T @ a for a.T @ delta, carried forward: dw itself transposed is found among the confusions."""

    name = "dw transposed"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, WeightGradient) and _is_square(v[operation.w])

    def place_sets(self, operations: Mapping[str, Operation], v: Values, names: Iterable[str]) -> list[frozenset[str]]:
        _, *before = names
        return super().place_sets(operations, v, before)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, WeightGradient)
        of_data: Array = operation.of_data(v).T
        return of_data + operation.of_penalty(v)

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, WeightGradient)
        return f"{operation.delta}.T @ {operation.a}"
