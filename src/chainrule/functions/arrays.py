"""The array types that signatures name."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Rows"]

Array: TypeAlias = NDArray[Any]
"""Floating-point numbers, float32 or float64; any leading axes (of several networks) come first."""

Rows: TypeAlias = NDArray[np.intp]
"""Numbers of rows."""
