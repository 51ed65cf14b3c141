"""A column of booleans of which some are missing; one without gaps is a plain array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array

__all__ = ["BooleanColumn"]


@dataclass(frozen=True, eq=False)
class BooleanColumn:
    """True, False or missing, by row.

    Parameters
    ----------
    codes : array of shape (n,)
        1 for true, 0 for false, -1 for missing, kept in int8.

    Raises
    ------
    InvalidArgument
        If there is another number, or more than one dimension.
    """

    codes: Array

    def __post_init__(self) -> None:
        codes = np.asarray(self.codes)
        whole = codes.ndim == 1 and (codes.dtype.kind in "iu" or not codes.size)  # an empty list is one of floats
        if not whole or (codes.size and not (int(codes.min()) >= -1 and int(codes.max()) <= 1)):
            raise InvalidArgument("A column of booleans with gaps has 1, 0 or -1 for each row.")
        object.__setattr__(self, "codes", codes.astype(np.int8, copy=False))

    @classmethod
    def of_values(cls, values: Array, missing: Array) -> BooleanColumn:
        """From booleans of shape (n,), and which of them are missing."""
        return cls(np.where(missing, np.int8(-1), values.astype(np.int8)))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def dtype(self) -> str:
        """What it holds, for sentences."""
        return "booleans"

    def __getitem__(self, rows: Any) -> BooleanColumn:
        """Some rows: a slice, or the numbers of rows."""
        return BooleanColumn(self.codes[rows])

    def values(self) -> Array:
        """One object for each row: True, False, or None where it is missing."""
        found: Array = np.array([False, True, None], object)[self.codes]
        return found
