"""Columns of booleans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.data.tables.encoders.column_encoder import ColumnEncoder, Writer, checked_flag, checked_text
from chainrule.data.tables.encoders.dropped_column import DroppedColumn
from chainrule.data.tables.encoders.presence_encoder import without_variation
from chainrule.data.tables.reading import as_booleans
from chainrule.data.tables.table import Column
from chainrule.functions.arrays import Array

__all__ = ["BooleanEncoder"]

BY_CODE = np.array([-1, 1, 0], np.int8)
"""What false (0), true (1) and missing (-1, which is the last) become."""


@dataclass(frozen=True)
class BooleanEncoder(ColumnEncoder):
    """1 for true, -1 for false.

    Parameters
    ----------
    column : str
        Its name.
    missing : bool
        Whether there is an indicator of missing values, as a second number.
    """

    name = "boolean"

    column: str
    missing: bool = False

    def __post_init__(self) -> None:
        checked_text("The name of a column", self.column)
        checked_flag("missing", self.missing)

    @classmethod
    def fitted(cls, column: str, codes: Array) -> ColumnEncoder:
        """From the codes (1, 0, or -1 for missing) of the training rows; what is left where they do not vary."""
        seen = [bool((codes == code).any()) for code in (-1, 0, 1)]
        if not any(seen[1:]):
            return DroppedColumn(column, "it has no values")
        if not all(seen[1:]):
            return without_variation(column, "true" if seen[2] else "false", gaps=seen[0])
        return cls(column, seen[0])

    @property
    def output_names(self) -> tuple[str, ...]:
        return (self.column, f"{self.column} missing") if self.missing else (self.column,)

    @property
    def becomes(self) -> str:
        return f"1 for true, -1 for false{'; missing or not' if self.missing else ''}"

    def writer(self, cells: Column) -> Writer:
        codes = as_booleans(self.column, cells)

        def write(start: int, stop: int, out: Array) -> None:
            block = codes[start:stop]
            out[:, 0] = BY_CODE[block]
            if self.missing:
                out[:, 1] = block < 0

        return write
