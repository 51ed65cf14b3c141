"""Columns of numbers: centered, scaled and clipped smoothly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.data.tables.encoders.column_encoder import ColumnEncoder, Writer, checked_flag, checked_text
from chainrule.data.tables.encoders.dropped_column import DroppedColumn
from chainrule.data.tables.encoders.presence_encoder import without_variation
from chainrule.data.tables.reading import as_numbers, refuse_infinity
from chainrule.data.tables.robust_scaling import center_and_spread, scaled
from chainrule.data.tables.table import Column, missing_in
from chainrule.functions.arrays import Array
from chainrule.validation import finite_number

__all__ = ["NumericEncoder"]


@dataclass(frozen=True)
class NumericEncoder(ColumnEncoder):
    """z = (x - center) / spread, then z / sqrt(1 + (z / 3)²), which hardly moves small z and keeps all within ±3.

    Parameters
    ----------
    column : str
        Its name.
    center : float
        The median of the training rows; a missing value is taken to be there.
    spread : float
        q75 - q25 of the training rows; where these are equal, (max - min) / 2.
    missing : bool
        Whether there is an indicator of missing values, as a second number.
    smooth_clip : bool
        Whether to clip.
    """

    name = "numeric"

    column: str
    center: float
    spread: float
    missing: bool = False
    smooth_clip: bool = True

    def __post_init__(self) -> None:
        checked_text("The name of a column", self.column)
        object.__setattr__(self, "center", finite_number("A center", self.center))
        object.__setattr__(self, "spread", finite_number("A spread", self.spread, above=0))
        checked_flag("missing", self.missing)
        checked_flag("smooth_clip", self.smooth_clip)

    @classmethod
    def fitted(cls, column: str, cells: Array, *, smooth_clip: bool = True) -> ColumnEncoder:
        """From the training rows of a column of numbers or booleans; what is left of it where they do not vary.

        Raises
        ------
        InvalidArgument
            For infinity.
        """
        gaps = missing_in(cells)
        has_gaps = bool(gaps.any())
        values = cells[~gaps] if has_gaps else cells
        if len(values) == 0:
            return DroppedColumn(column, "it has no values")
        refuse_infinity(column, values)
        found = center_and_spread(values)
        if found is None:
            return without_variation(column, f"{float(values[0]):g}", gaps=has_gaps)
        return cls(column, *found, has_gaps, smooth_clip)

    @property
    def output_names(self) -> tuple[str, ...]:
        return (self.column, f"{self.column} missing") if self.missing else (self.column,)

    @property
    def becomes(self) -> str:
        center = f"x - {self.center:g}" if self.center >= 0 else f"x + {-self.center:g}"
        clip = ", clipped smoothly" if self.smooth_clip else ""
        return f"({center}) / {self.spread:g}{clip}{'; missing or not' if self.missing else ''}"

    def writer(self, cells: Column) -> Writer:
        numbers = as_numbers(self.column, cells)

        def write(start: int, stop: int, out: Array) -> None:
            block = numbers[start:stop]
            if block.dtype.kind != "f":
                out[:, 0] = scaled(block, self.center, self.spread, smooth_clip=self.smooth_clip)
                return
            refuse_infinity(self.column, block, start)
            gaps = np.isnan(block)
            z = scaled(block, self.center, self.spread, smooth_clip=self.smooth_clip)
            z[gaps] = 0
            out[:, 0] = z
            if self.missing:
                out[:, 1] = gaps

        return write
