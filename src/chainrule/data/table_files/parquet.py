"""Parquet files, read by Polars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.data.table_files.reading import Kind, Reading
from chainrule.data.table_files.table_file import TableFile
from chainrule.errors import FileFormatError, require

if TYPE_CHECKING:
    import polars

__all__ = ["ParquetFile"]


class ParquetFile(TableFile):
    """A Parquet file, which knows the types of its columns."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.name, self._path = str(path), path

    def read(self) -> polars.DataFrame:
        require("polars", "tables")
        import polars

        try:
            frame = polars.read_parquet(self._path, glob=False)
        except (polars.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from None
        if len(frame) == 0:
            raise FileFormatError(f"{self.name} has the columns {', '.join(frame.columns) or '(none)'}, and no rows.")
        return frame

    def batches(self, rows: int = 65_536, kinds: Mapping[str, Kind] | None = None) -> Iterator[polars.DataFrame]:
        require("polars", "tables")
        import polars

        try:
            lazy = polars.scan_parquet(self._path, glob=False)
            # slices, since Polars' own batches read ahead, and their memory was measured to grow with the file
            for start in range(0, lazy.select(polars.len()).collect().item(), rows):
                yield lazy.slice(start, rows).collect()
        except (polars.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> FileFormatError:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return FileFormatError(f"{self.name} is no Parquet file, or is damaged: {reason}.")
