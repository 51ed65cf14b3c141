"""Mistakes in batch and layer normalisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.mistakes.mistake import Mistake
from chainrule.glassbox.hand_check.operations import (
    Normalise,
    NormBackward,
    NormMean,
    NormVariance,
    Operation,
    ScaleAndShift,
    Values,
)

__all__ = [
    "DeviationNotRooted",
    "EpsilonForgotten",
    "NormAxis",
    "SampleVariance",
    "ScaleForgotten",
    "ShiftForgotten",
    "StatisticsTakenAsConstant",
]


@dataclass(frozen=True)
class StatisticsTakenAsConstant(Mistake):
    """The parts of the error by way of the mean and the variance are left out.

    Attributes
    ----------
    variance_alone : bool
        Whether only that of the variance is.
    """

    name = "mean and variance of a norm taken as constants"

    variance_alone: bool = False

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, NormBackward) and operation.has_statistics

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, NormBackward)
        direct, by_mean, _ = operation.by_parts(v)
        return direct - by_mean if self.variance_alone else direct

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, NormBackward)
        direct = f"{operation.d_output} * {operation.scale} / sqrt({operation.variance} + {operation.epsilon:g})"
        return f"{direct}, less the part by way of the mean alone" if self.variance_alone else direct

    @property
    def title(self) -> str:
        return "the variance of a norm taken as a constant" if self.variance_alone else self.name

    @property
    def remark(self) -> str:
        return (
            "Mean and variance are computed from the very numbers that are normalised, so the error reaches them too."
        )


@dataclass(frozen=True)
class SampleVariance(Mistake):
    """The variance divided by n - 1."""

    name = "the variance divided by n - 1"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, NormVariance) and v[operation.x].shape[operation.axis] > 1

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, NormVariance)
        n = v[operation.x].shape[operation.axis]
        variance: Array = operation.right(v) * n / (n - 1)
        return variance

    def done(self, operation: Operation) -> str:
        return f"{operation.formula}, divided by one less than their number"


@dataclass(frozen=True)
class EpsilonForgotten(Mistake):
    """The epsilon under the root left out."""

    name = "the epsilon forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Normalise)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Normalise)
        centred = v[operation.x] - operation.spread(v[operation.mean])
        normalised: Array = centred / np.sqrt(operation.spread(v[operation.variance]))
        return normalised

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Normalise)
        return f"({operation.x} - {operation.mean}) / sqrt({operation.variance})"


@dataclass(frozen=True)
class DeviationNotRooted(Mistake):
    """Divided by the variance, and not by the standard deviation."""

    name = "divided by the variance, not by its root"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, Normalise)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, Normalise)
        centred = v[operation.x] - operation.spread(v[operation.mean])
        normalised: Array = centred / (operation.spread(v[operation.variance]) + operation.epsilon)
        return normalised

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, Normalise)
        return f"({operation.x} - {operation.mean}) / ({operation.variance} + {operation.epsilon:g})"


@dataclass(frozen=True)
class NormAxis(Mistake):
    """Mean or variance over the units where it is over the rows, or the other way round."""

    name = "a norm over the wrong axis"

    def applies(self, operation: Operation, v: Values) -> bool:
        if not isinstance(operation, NormMean | NormVariance):
            return False
        return len(set(v[operation.x].shape)) == 1  # otherwise the shape itself is wrong

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, NormMean | NormVariance)
        x, axis = v[operation.x], 1 - operation.axis
        if isinstance(operation, NormMean):
            return operation.mean(x, axis)
        return operation.mean((x - np.expand_dims(v[operation.mean_name], axis)) ** 2, axis)

    def done(self, operation: Operation) -> str:
        return "the same over the other axis"


@dataclass(frozen=True)
class ScaleForgotten(Mistake):
    """normalised + shift."""

    name = "the scale of a norm forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, ScaleAndShift | NormBackward)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, ScaleAndShift | NormBackward)
        if isinstance(operation, ScaleAndShift):
            return v[operation.normalised] + v[operation.shift]
        plain = _WithoutScale(v, operation.scale)
        return operation.right(plain)

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, ScaleAndShift | NormBackward)
        return operation.formula.replace(f"{operation.scale} * ", "").replace(f" * {operation.scale}", "")


class _WithoutScale:
    """The same arrays, with a scale of 1."""

    def __init__(self, v: Values, scale: str) -> None:
        self._v, self._scale = v, scale

    @property
    def without_mistakes(self) -> Values:
        """The right arrays."""
        return self._v.without_mistakes

    def __getitem__(self, name: str) -> Array:
        return np.ones_like(self._v[name]) if name == self._scale else self._v[name]


@dataclass(frozen=True)
class ShiftForgotten(Mistake):
    """scale * normalised."""

    name = "the shift of a norm forgotten"

    def applies(self, operation: Operation, v: Values) -> bool:
        return isinstance(operation, ScaleAndShift)

    def wrong(self, operation: Operation, v: Values) -> Array:
        assert isinstance(operation, ScaleAndShift)
        output: Array = v[operation.scale] * v[operation.normalised]
        return output

    def done(self, operation: Operation) -> str:
        assert isinstance(operation, ScaleAndShift)
        return f"{operation.scale} * {operation.normalised}"
