"""Numbers brought to about -1 to 1 by their median and quartiles, which a few wild ones do not move.

After Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data"
(2024, arXiv 2407.04491), section 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["CenterAndSpread", "center_and_spread", "scaled"]

ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""Numbers that differ by less than this share of their size differ by rounding."""

LARGEST = float(np.finfo(np.float64).max)

FAR = 1e30
"""Beyond this many spreads from the center, all is one; float32 still holds it."""

CLIP = 3.0
"""What the smooth clip tends to."""


class CenterAndSpread(NamedTuple):
    """What a column is scaled by.

    Attributes
    ----------
    center : float
        The median.
    spread : float
        q75 - q25, or, where these are equal, (max - min) / 2.
    """

    center: float
    spread: float


def center_and_spread(values: Array) -> CenterAndSpread | None:
    """Of finite numbers of shape (n,), n > 0; None if all are equal but for rounding."""
    ordered = np.sort(values.astype(np.float64, copy=False))
    lowest, highest = float(ordered[0]), float(ordered[-1])
    if _equal(lowest, highest):
        return None
    q25, center, q75 = (_quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    spread = highest / 2 - lowest / 2 if _equal(q25, q75) else q75 - q25
    return CenterAndSpread(center, min(spread, LARGEST))


def scaled(values: Array, center: float, spread: float, *, smooth_clip: bool) -> Array:
    """(values - center) / spread, in float64; with the smooth clip x / sqrt(1 + (x / 3)²), between -3 and 3.

    NaN stays NaN.
    """
    with np.errstate(over="ignore", under="ignore"):
        z = values.astype(np.float64)
        z -= center
        z /= spread
        np.clip(z, -FAR, FAR, out=z)
        if smooth_clip:
            z /= np.sqrt(1 + np.square(z / CLIP))
    return z


def _equal(low: float, high: float) -> bool:
    return high / 2 - low / 2 <= ROUNDING / 2 * max(abs(low), abs(high))


def _quantile(ordered: Array, share: float) -> float:
    """Between the two nearest numbers, in proportion."""
    place = share * (len(ordered) - 1)
    low = int(place)
    below, above = float(ordered[low]), float(ordered[min(low + 1, len(ordered) - 1)])
    part = place - low
    return below * (1 - part) + above * part  # no difference, which could be more than a float holds
