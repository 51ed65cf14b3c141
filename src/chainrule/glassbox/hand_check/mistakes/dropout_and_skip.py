"""Mistakes with dropout and residual connections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import (
    DropoutBackward,
    DropoutForward,
    Operation,
    SkipBackward,
    SkipForward,
    Values,
)

__all__ = ["DropoutEnlargementForgotten", "DropoutForgotten", "InsideForgotten", "NothingDropped", "SkipForgotten"]


@dataclass(frozen=True)
class DropoutForgotten(Mistake):
    """The mask is left out backwards, where the error of a dropped unit is 0."""

    name = "the dropout mask forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, DropoutBackward) and bool(np.any(v[operation.factor] != 1))

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, DropoutBackward)
        return v[operation.d_output]

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, DropoutBackward)
        return f"{operation.d_output} alone"

    @property
    def remark(self) -> str:
        return "A unit that was dropped forward gets no error back: the factor is the same both ways."


@dataclass(frozen=True)
class NothingDropped(Mistake):
    """The mask is left out forward, as in prediction."""

    name = "dropout left out on the way forward"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, DropoutForward) and bool(np.any(v[operation.factor] != 1))

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, DropoutForward)
        return v[operation.x]

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, DropoutForward)
        return f"{operation.x} alone"

    @property
    def remark(self) -> str:
        return "This step is one of training, in which units are dropped; a prediction drops none."


@dataclass(frozen=True)
class DropoutEnlargementForgotten(Mistake):
    """The mask without its factor 1 / (1 - rate)."""

    name = "dropout without its factor 1 / (1 - rate)"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, DropoutForward | DropoutBackward) and bool((v[operation.factor] > 1).any())

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, DropoutForward | DropoutBackward)
        kept: Array = v[operation.ingredients[0]] * (v[operation.factor] > 0)
        return kept

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, DropoutForward | DropoutBackward)
        return f"{operation.ingredients[0]} where it is kept, else 0"


@dataclass(frozen=True)
class SkipForgotten(Mistake):
    """The way around the layers is left out."""

    name = "the skip forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, SkipForward | SkipBackward)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, SkipForward | SkipBackward)
        return v[operation.inside]

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, SkipForward | SkipBackward)
        return f"{operation.inside} alone"


@dataclass(frozen=True)
class InsideForgotten(Mistake):
    """The way through the layers is left out."""

    name = "the layers inside the residual connection forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, SkipForward | SkipBackward)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, SkipForward | SkipBackward)
        return v[operation.x if isinstance(operation, SkipForward) else operation.d_output]

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, SkipForward | SkipBackward)
        return f"{operation.x if isinstance(operation, SkipForward) else operation.d_output} alone"
