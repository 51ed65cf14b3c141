"""A column of a table that an option names."""

from __future__ import annotations

from chainrule.data.tables.table import Column, Table
from chainrule.errors import InvalidArgument, nearest_names

__all__ = ["column_of"]


def column_of(table: Table, place: str, option: str, name: str) -> Column:
    """The column of a table that an option names.

    Parameters
    ----------
    table : Table
        Where it should be.
    place : str
        What the table is called.
    option : str
        The option, without its dashes.
    name : str
        What the option says.

    Raises
    ------
    InvalidArgument
        If there is none, with the names that there are.
    """
    if name not in table:
        raise InvalidArgument(f"--{option}: {place} has no column {name!r}; {nearest_names(name, table.names)}")
    return table[name]
