"""Text that spells a number."""

from __future__ import annotations

import math

__all__ = ["spells_number"]


def spells_number(label: str) -> bool:
    """Whether a text is a finite number as people write them; ``nan`` and ``1_000`` are none."""
    try:
        return "_" not in label and math.isfinite(float(label))
    except ValueError:
        return False
