"""A column that becomes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.data.tables.encoders.column_encoder import ColumnEncoder, Writer, checked_text
from chainrule.data.tables.table import Column
from chainrule.functions.arrays import Array

__all__ = ["DroppedColumn"]


@dataclass(frozen=True)
class DroppedColumn(ColumnEncoder):
    """It is left out, and a table to predict need not have it.

    Parameters
    ----------
    column : str
        Its name.
    reason : str
        Why, for a person to read.
    """

    name = "dropped"

    column: str
    reason: str

    def __post_init__(self) -> None:
        checked_text("The name of a column", self.column)
        checked_text("The reason for which a column is dropped", self.reason)

    @property
    def output_names(self) -> tuple[str, ...]:
        return ()

    @property
    def becomes(self) -> str:
        return self.reason

    def writer(self, cells: Column) -> Writer:
        return _nothing


def _nothing(start: int, stop: int, out: Array) -> None:
    """Nothing to write."""
