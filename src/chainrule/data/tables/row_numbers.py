"""Columns that only count the rows."""

from __future__ import annotations

import numpy as np

from chainrule.data.tables.table import Column

__all__ = ["counts_rows"]

FEWEST = 10
"""With fewer rows, chance may have made a column ascend by one."""


def counts_rows(column: Column) -> bool:
    """Whether each row has the next whole number, as a number of the row has, so that it tells nothing of new rows."""
    if not isinstance(column, np.ndarray) or column.dtype.kind not in "fiu" or len(column) < FEWEST:
        return False
    first = column[0]
    if not np.isfinite(first) or first != np.floor(first):
        return False
    return bool((column[1:] > column[:-1]).all() and (column[1:] - column[:-1] == 1).all())
