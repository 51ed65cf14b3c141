"""Which single value of a table counts as missing?"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["is_missing"]

MISSING_TYPES = ("NoneType", "NAType", "NaTType")
"""Those of None, pandas.NA and pandas.NaT; by name, since pandas need not be there."""


def is_missing(value: Any) -> bool:
    """Whether a single value is None, NaN, NaT or pandas.NA."""
    if type(value).__name__ in MISSING_TYPES:
        return True
    if hasattr(value, "__len__"):
        return False
    try:
        unequal = value != value  # NaN and NaT, of whatever library, differ from themselves
    except ArithmeticError:
        return True  # the signalling NaN of a Decimal, which refuses to be compared
    return bool(unequal) if isinstance(unequal, bool | np.bool_) else False
