"""Prediction intervals that keep their promise: quantiles, widened by what rows held out for it show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.validation import finite_number

__all__ = ["IntervalCalibration"]


@dataclass(frozen=True, eq=False)
class IntervalCalibration:
    """How far the targets of the calibration rows lie outside the intervals between quantiles.

    Interval p lies between the level p from below and the level p from above. Romano, Patterson and Candes,
    "Conformalized quantile regression", NeurIPS 2019, eq. 6 to 8; rows of weight w count as w rows.

    Attributes
    ----------
    excess : array of shape (n, targets, intervals)
        max(lower - y, y - upper): below 0 inside.
    weights : array of shape (n,)
        The rows' weights.
    """

    excess: Array
    weights: Array

    @classmethod
    def fitted(cls, levels: Array, y: Array, weights: Array | None) -> IntervalCalibration:
        """From the predicted quantiles (n, targets, levels) and the targets (n, targets) of the calibration rows."""
        intervals = levels.shape[-1] // 2
        lower, upper = levels[..., :intervals], levels[..., ::-1][..., :intervals]
        excess = np.maximum(lower - y[..., np.newaxis], y[..., np.newaxis] - upper)
        return cls(excess, np.ones(len(y)) if weights is None else np.asarray(weights, np.float64))

    def check(self, targets: int, levels: int) -> None:
        """Make sure that it was fitted on so many targets and levels.

        Raises
        ------
        InvalidArgument
            If not.
        """
        n = len(self.excess)
        shapes = self.excess.shape == (n, targets, levels // 2) and self.weights.shape == (n,) and n > 0
        if not shapes or not np.isfinite(self.excess).all() or not (self.weights > 0).all():
            raise InvalidArgument("the calibration of its intervals does not fit.")

    def margin(self, interval: int, coverage: float) -> Array:
        """By how much an interval must be widened to hold this share of what is to come, (targets,).

        Raises
        ------
        InvalidArgument
            If the coverage is not between 0 and 1, or more than so few rows can promise.
        """
        share = finite_number("coverage", coverage, above=0, below=1)
        total = float(self.weights.sum())
        needed = share * (total + 1)
        if needed > total:
            least = math.ceil(share / (1 - share))
            raise InvalidArgument(
                f"coverage={share:g} needs at least {least} calibration rows, and there are {total:g}: raise "
                "calibration_fraction, give more rows, or ask for less."
            )
        excess = self.excess[..., interval]
        order = np.argsort(excess, axis=0)
        reached = np.cumsum(self.weights[order], axis=0)
        place = np.argmax(reached >= needed * (1 - 1e-12), axis=0)  # the sum of weights is rounded
        row = np.take_along_axis(order, place[np.newaxis], axis=0)
        margin: Array = np.take_along_axis(excess, row, axis=0)[0]
        return margin

    def interval(self, levels: Array, shares: Sequence[float], coverage: float) -> Array:
        """Lower and upper ends (n, targets, 2) from predicted quantiles (n, targets, levels) of these shares."""
        widths = [shares[-1 - p] - shares[p] for p in range(self.excess.shape[-1])]
        nearest = int(np.argmin(np.abs(np.asarray(widths) - coverage)))
        margin = self.margin(nearest, coverage).astype(levels.dtype)
        ends = np.stack([levels[..., nearest] - margin, levels[..., -1 - nearest] + margin], axis=-1)
        crossed = ends[..., 0] > ends[..., 1]
        ends[crossed] = ends[crossed].mean(axis=-1, keepdims=True)  # narrower than nothing: a single point
        return ends
