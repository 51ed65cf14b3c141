"""A column of which only the gaps tell anything."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.data.tables.encoders.column_encoder import ColumnEncoder, Writer, checked_text
from chainrule.data.tables.encoders.dropped_column import DroppedColumn
from chainrule.data.tables.table import Column, missing_in
from chainrule.functions.arrays import Array

__all__ = ["PresenceEncoder", "without_variation"]


@dataclass(frozen=True)
class PresenceEncoder(ColumnEncoder):
    """1 where the column is missing, 0 where it is not: its values were all the same among the training rows.

    Parameters
    ----------
    column : str
        Its name.
    value : str
        The value that it always had, for a person to read.
    """

    name = "presence"

    column: str
    value: str

    def __post_init__(self) -> None:
        checked_text("The name of a column", self.column)
        checked_text("The value of a column", self.value)

    @property
    def output_names(self) -> tuple[str, ...]:
        return (f"{self.column} missing",)

    @property
    def becomes(self) -> str:
        return f"1 where missing, else 0 (it was always {self.value})"

    def writer(self, cells: Column) -> Writer:
        def write(start: int, stop: int, out: Array) -> None:
            out[:, 0] = missing_in(cells[start:stop])

        return write


def without_variation(column: str, value: str, *, gaps: bool) -> DroppedColumn | PresenceEncoder:
    """What a column becomes that has one value among the training rows."""
    return PresenceEncoder(column, value) if gaps else DroppedColumn(column, f"it is always {value}")
