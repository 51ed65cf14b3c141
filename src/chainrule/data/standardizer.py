"""Standardisation: every column with mean 0 and standard deviation 1 over the rows that it was fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from chainrule.data.encoder import Encoder
from chainrule.data.rows import as_numbers, checked_rows, checked_weights
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array

__all__ = ["Standardizer"]


@dataclass(frozen=True)
class Standardizer(Encoder):
    """(x - mean) / deviation, column by column; plain data once it is fitted.

    Parameters
    ----------
    mean, deviation : tuple of float
        One for each column; the deviation of a constant column is 1.

    Raises
    ------
    InvalidArgument
        If they differ in length, are not finite, or a deviation is not above 0.
    """

    name: ClassVar[str] = "standardizer"

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def __post_init__(self) -> None:
        for field in ("mean", "deviation"):
            object.__setattr__(self, field, tuple(float(v) for v in getattr(self, field)))
        if len(self.mean) != len(self.deviation):
            raise InvalidArgument(
                f"{len(self.mean)} means and {len(self.deviation)} deviations; each column needs both."
            )
        if not np.isfinite((self.mean, self.deviation)).all() or min(self.deviation, default=1) <= 0:
            raise InvalidArgument("Means must be finite, and deviations finite and above 0.")

    @classmethod
    def fitted(cls, x: Array, sample_weight: Any = None) -> Standardizer:
        """From rows of shape (n, d): their means and (biased) standard deviations, computed in float64.

        Parameters
        ----------
        x : array-like of shape (n, d)
            Rows of numbers of any size, up to the largest and down to the smallest that there are.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows: a row of weight 2 counts as two.

        Raises
        ------
        InvalidArgument, InvalidType
            If they are not rows of finite real numbers.
        """
        rows = as_numbers("x", x, np.dtype(np.float64))
        if rows.ndim != 2 or len(rows) == 0:
            raise InvalidArgument(f"x must have rows and columns to fit on, but its shape is {rows.shape}.")
        weights = None if sample_weight is None else checked_weights(sample_weight, len(rows))
        mean, deviation = _moments(rows, weights)
        # a column that is constant but for rounding would be blown up to noise of size 1
        constant = deviation <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
        return cls(tuple(mean), tuple(np.where(constant, 1.0, deviation)))

    @property
    def n_columns(self) -> int:
        """Number of columns that it was fitted on."""
        return len(self.mean)

    @property
    def n_outputs(self) -> int:
        """As many numbers as it has columns."""
        return len(self.mean)

    def transform(self, x: Any, dtype: DTypeLike | None = None) -> Array:
        """Rows (n, d) standardised, as a new array.

        Parameters
        ----------
        x : array-like of shape (n, d)
            Rows of real numbers.
        dtype : dtype, optional
            Of the result, which is then computed in float64: what raw columns of large, close numbers tell would be
            lost in float32. By default float64, and float32 rows are taken and stay as they are.

        Raises
        ------
        InvalidArgument, InvalidType
            If they are not rows of real numbers with as many columns as it was fitted on.
        """
        single = dtype is None and getattr(x, "dtype", None) == np.float32
        working: np.dtype[np.floating] = np.dtype(np.float32) if single else np.dtype(np.float64)
        rows = checked_rows(x, self.n_columns, working)
        standardized: Array = (rows - np.asarray(self.mean, working)) / np.asarray(self.deviation, working)
        if dtype is None:
            return standardized
        with np.errstate(over="ignore"):  # what is too large for the dtype is found by who asked for it
            return standardized.astype(dtype, copy=False)

    def restored(self, standardized: Array) -> Array:
        """The inverse of `transform` for arrays of shape (..., n, k), in their dtype.

        k may be a multiple of the number of columns, such as one number for each of several levels of a column; these
        stand side by side.
        """
        repeats = standardized.shape[-1] // max(1, self.n_columns)
        mean, deviation = (np.repeat(values, repeats) for values in (self.mean, self.deviation))
        restored: Array = (standardized * deviation + mean).astype(standardized.dtype, copy=False)
        return restored


def _moments(rows: Array, weights: Array | None) -> tuple[Array, Array]:
    """Means and deviations of the columns.

    Each is divided by a power of two, so that no square is too large or too small, and its numbers are taken from the
    first of them, so that large numbers close together lose nothing.
    """
    _, exponents = np.frexp(np.abs(rows).max(axis=0))
    scaled = np.ldexp(rows, -exponents)
    first = scaled[0].copy()
    scaled -= first
    shares = None if weights is None else weights / weights.max()

    def average(values: Array) -> Array:
        averages: Array = values.mean(axis=0) if shares is None else shares @ values / shares.sum()
        return averages

    centre = average(scaled)
    scaled -= centre
    np.square(scaled, out=scaled)
    return np.ldexp(first + centre, exponents), np.ldexp(np.sqrt(average(scaled)), exponents)
