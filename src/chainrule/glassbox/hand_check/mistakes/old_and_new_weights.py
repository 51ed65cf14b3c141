"""Weights before the step in the place of those after it, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import Given, InputError, Operation, Update, Values

__all__ = ["BackWithNewWeights", "ForwardWithNewWeights", "OldForNew"]


@dataclass(frozen=True)
class OldForNew(Mistake):
    """The parameter before the step, given as the one after it."""

    name = "the old weights instead of the new"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Update)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Update)
        return v[operation.parameter]

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Update)
        return f"{operation.parameter} as it was before the step"


@dataclass(frozen=True)
class BackWithNewWeights(Mistake):
    """The error taken back through weights that had been updated already."""

    name = "the error taken back through the new weights"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, InputError)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, InputError)
        new = v if operation.moves_alone else v.without_mistakes
        d: Array = v[operation.delta] @ new[f"new {operation.w}"].T
        return d

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, InputError)
        return f"{operation.delta} @ (new {operation.w}).T"

    @property
    def remark(self) -> str:
        return "All errors are taken back through the weights of the forward pass; the weights move afterwards."


@dataclass(frozen=True)
class ForwardWithNewWeights(Mistake):
    """The parameter after the step, where the one before it belongs."""

    name = "the new weights instead of the old"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Given) and operation.new is not None

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Given)
        assert operation.new is not None
        return v.without_mistakes[operation.new]  # what follows from this very mistake would be a circle

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Given)
        return f"{operation.new}, as it is after the step"
