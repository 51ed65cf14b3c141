"""Batch and layer normalisation, forward and backward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.operations.operation import Index, Operation, Values, number, sum_of_products

__all__ = ["NormBackward", "NormMean", "NormVariance", "Normalise", "ScaleAndShift", "ScaleGradient", "ShiftGradient"]


@dataclass(frozen=True)
class _Statistic(Operation):
    """A mean over the rows (axis 0, with their shares), or over a row's units (axis 1)."""

    x: str
    axis: int
    shares: Array | None

    @property
    def by_row(self) -> bool:  # type: ignore[override]
        """Whether there is one for each row."""
        return self.axis == 1

    def mean(self, values: Array, axis: int | None = None) -> Array:
        """The mean over the axis, or over another."""
        axis = self.axis if axis is None else axis
        if axis == 1 or self.shares is None:
            mean: Array = values.mean(axis=axis)
            return mean
        weighted: Array = (self.shares * values).sum(axis=0)
        return weighted

    def spread(self, statistic: Array) -> Array:
        """The statistic beside the values that it is of."""
        return statistic[:, np.newaxis] if self.axis == 1 else statistic


@dataclass(frozen=True)
class NormMean(_Statistic):
    """The mean of each unit over the rows, or of each row over its units."""

    @property
    def ingredients(self) -> tuple[str, ...]:
        return (self.x,)

    def right(self, v: Values) -> Array:
        return self.mean(v[self.x])

    @property
    def formula(self) -> str:
        return f"the mean of {self.x} over {'the units of each row' if self.axis else 'the rows'}"


@dataclass(frozen=True)
class NormVariance(_Statistic):
    """The mean squared distance from the mean."""

    mean_name: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.x, self.mean_name

    def right(self, v: Values) -> Array:
        return self.mean((v[self.x] - self.spread(v[self.mean_name])) ** 2)

    @property
    def formula(self) -> str:
        return (
            f"the mean of ({self.x} - {self.mean_name})^2 over {'the units of each row' if self.axis else 'the rows'}"
        )


@dataclass(frozen=True)
class Normalise(Operation):
    """(x - mean) / sqrt(variance + epsilon)."""

    x: str
    mean: str
    variance: str
    axis: int
    epsilon: float

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.x, self.mean, self.variance

    def spread(self, statistic: Array) -> Array:
        """A statistic beside the values that it is of."""
        return statistic[:, np.newaxis] if self.axis == 1 else statistic

    def right(self, v: Values) -> Array:
        return (v[self.x] - self.spread(v[self.mean])) / np.sqrt(self.spread(v[self.variance]) + self.epsilon)

    @property
    def formula(self) -> str:
        return f"({self.x} - {self.mean}) / sqrt({self.variance} + {self.epsilon:g})"

    def terms(self, v: Values, index: Index) -> str:
        at = (index[0],) if self.axis == 1 else (index[1],)
        mean, variance = v[self.mean][at], v[self.variance][at]
        return f"({v[self.x][index]:.5g} - {number(mean)}) / sqrt({variance:.5g} + {self.epsilon:g})"


@dataclass(frozen=True)
class ScaleAndShift(Operation):
    """scale * normalised + shift."""

    normalised: str
    scale: str
    shift: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.normalised, self.scale, self.shift

    def right(self, v: Values) -> Array:
        return v[self.scale] * v[self.normalised] + v[self.shift]

    @property
    def formula(self) -> str:
        return f"{self.scale} * {self.normalised} + {self.shift}"

    def terms(self, v: Values, index: Index) -> str:
        pair = (v[self.scale][index[1]], v[self.normalised][index])
        return sum_of_products([pair], v[self.shift][index[1]])


@dataclass(frozen=True)
class NormBackward(Operation):
    """dJ/dx of a normalisation, with the parts that go by way of the mean and of the variance.

    `shares` are those of the rows in the mean, None where running averages were used, which no row changes.
    """

    d_output: str
    scale: str
    normalised: str
    variance: str
    axis: int
    shares: Array | None
    epsilon: float

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.d_output, self.normalised, self.variance, self.scale

    @property
    def has_statistics(self) -> bool:
        """Whether mean and variance depend on x."""
        return self.axis == 1 or self.shares is not None

    def by_parts(self, v: Values) -> tuple[Array, Array, Array]:
        """The direct part, and what goes by way of the mean and of the variance; the error is the first less those."""
        d, normalised = v[self.d_output] * v[self.scale], v[self.normalised]
        variance = v[self.variance][:, np.newaxis] if self.axis == 1 else v[self.variance]
        inverse = 1 / np.sqrt(variance + self.epsilon)
        if not self.has_statistics:
            return d * inverse, np.zeros_like(d), np.zeros_like(d)
        shares = 1 / d.shape[1] if self.axis == 1 else self.shares
        by_mean = shares * d.sum(axis=self.axis, keepdims=True)
        by_variance = shares * normalised * (d * normalised).sum(axis=self.axis, keepdims=True)
        return d * inverse, by_mean * inverse, by_variance * inverse

    def right(self, v: Values) -> Array:
        direct, by_mean, by_variance = self.by_parts(v)
        return direct - by_mean - by_variance

    def added_up(self, v: Values) -> Array:
        direct, by_mean, by_variance = self.by_parts(v)
        return np.abs(direct) + np.abs(by_mean) + np.abs(by_variance)

    @property
    def formula(self) -> str:
        direct = f"{self.d_output} * {self.scale} / sqrt({self.variance} + {self.epsilon:g})"
        return f"{direct}, less the parts by way of the mean and of the variance" if self.has_statistics else direct

    def terms(self, v: Values, index: Index) -> str:
        parts = np.broadcast_arrays(*self.by_parts(v))
        direct, by_mean, by_variance = (part[index] for part in parts)
        return f"{number(direct)} - {number(by_mean)} - {number(by_variance)}" if self.has_statistics else ""


@dataclass(frozen=True)
class ScaleGradient(Operation):
    """dJ/d(scale): the sum over the rows of dJ/d(output) * normalised."""

    by_row: ClassVar[bool] = False

    d_output: str
    normalised: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return self.d_output, self.normalised

    def right(self, v: Values) -> Array:
        d: Array = (v[self.d_output] * v[self.normalised]).sum(axis=0)
        return d

    def added_up(self, v: Values) -> Array:
        d: Array = np.abs(v[self.d_output] * v[self.normalised]).sum(axis=0)
        return d

    @property
    def formula(self) -> str:
        return f"the sum over the rows of {self.d_output} * {self.normalised}"

    def terms(self, v: Values, index: Index) -> str:
        (unit,) = index
        return sum_of_products(zip(v[self.d_output][:, unit], v[self.normalised][:, unit], strict=True))


@dataclass(frozen=True)
class ShiftGradient(Operation):
    """dJ/d(shift): the sum over the rows of dJ/d(output)."""

    by_row: ClassVar[bool] = False

    d_output: str

    @property
    def ingredients(self) -> tuple[str, ...]:
        return (self.d_output,)

    def right(self, v: Values) -> Array:
        d: Array = v[self.d_output].sum(axis=0)
        return d

    def added_up(self, v: Values) -> Array:
        d: Array = np.abs(v[self.d_output]).sum(axis=0)
        return d

    @property
    def formula(self) -> str:
        return f"the sum over the rows of {self.d_output}"
