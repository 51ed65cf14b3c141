"""What every kind of file with a table can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from chainrule.data.table_files.reading import Kind

__all__ = ["TableFile"]


class TableFile(ABC):
    """A table on the disk: what `chainrule.data.tables.as_table` takes, whole or batch by batch.

    Attributes
    ----------
    name : str
        What to call it in a sentence.
    default_target : str or None
        The column to learn, where the kind of file has one.
    """

    name: str
    default_target: ClassVar[str | None] = None

    @abstractmethod
    def read(self) -> Any:
        """The whole table: a Polars frame, or arrays by the names of their columns.

        Raises
        ------
        FileMissing
            If there is no such file.
        FileFormatError
            If it cannot be read as what it is taken for, with the place.
        MissingExtra
            If what reads it is not installed.
        """

    def batches(self, rows: int = 65_536, kinds: Mapping[str, Kind] | None = None) -> Iterator[Any]:
        """The table in parts of at most so many rows, in their order.

        Parameters
        ----------
        rows : int
            At most so many in a part. What does not come in parts by nature comes as a part of a whole.
        kinds : mapping of str to str, optional
            What columns are to be read as where the file is text and does not say it.

        Raises
        ------
        FileMissing, FileFormatError, MissingExtra
            As in `read`, when the first part is asked for, or later.
        """
        table = self.read()
        n = len(next(iter(table.values()), ())) if isinstance(table, dict) else len(table)
        for start in range(0, n, rows):
            part = slice(start, start + rows)
            yield {name: column[part] for name, column in table.items()} if isinstance(table, dict) else table[part]
