"""Text files with a delimiter between the columns (CSV, TSV and the like), read by Polars."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule.data.table_files import text_faults
from chainrule.data.table_files.line_chunks import empty_lines_at_end, line_chunks, plain_delimiters
from chainrule.data.table_files.reading import Kind, Reading
from chainrule.data.table_files.table_file import TableFile
from chainrule.errors import FileFormatError, require

if TYPE_CHECKING:
    import polars

__all__ = ["DelimitedFile"]

FIRST_ROWS = 1_000
"""Rows that types of columns are told from; where a later row shows that this was wrong, all are looked at."""

GZIP = b"\x1f\x8b"


class DelimitedFile(TableFile):
    """A text file with a line of names and a line for each row; it may be packed with gzip."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.name, self._path, self._reading = str(path), path, reading
        tabs = path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab"))
        self._delimiter = reading.delimiter or ("\t" if tabs else ",")

    def read(self) -> polars.DataFrame:
        require("polars", "tables")
        import polars

        with self._plain() as file:
            names = self._names(file)
            try:
                frame = self._frame(file)
            except polars.exceptions.PolarsError as error:
                raise text_faults.fault(self.name, file, len(names), self._delimiter, error) from None
            frame = frame[: max(0, len(frame) - empty_lines_at_end(file))]  # which Polars takes for rows
            if len(frame) == 0:
                raise FileFormatError(f"{self.name} has a line of {len(names)} names and no rows.")
            if frame[:, -1].null_count():  # which is how Polars fills a row that has too few entries
                text_faults.check_row_lengths(self.name, file, len(names), self._delimiter)
        return frame

    def batches(self, rows: int = 65_536, kinds: Mapping[str, Kind] | None = None) -> Iterator[polars.DataFrame]:
        require("polars", "tables")
        import polars

        types = {"number": polars.Float64, "text": polars.String, "boolean": polars.Boolean}
        with self._plain() as file:
            names = self._names(file)
            known = {name: types[kind] for name, kind in (kinds or {}).items() if name in names}
            # what is not known is told from all rows, since the parts already given cannot be taken back
            look_at = FIRST_ROWS if len(known) == len(names) else None
            settings = {"infer_schema_length": look_at, "schema_overrides": known, **self._settings()}
            yield from self._scanned(file, names, rows, settings)

    def text_batches(self) -> Iterator[polars.DataFrame]:
        """The table in parts, each cell the text that it is in the file; null where it is empty.

        Memory does not grow with the file.

        Raises
        ------
        FileMissing, FileFormatError, MissingExtra
            As in `batches`.
        """
        require("polars", "tables")
        import polars

        with self._plain() as file:
            names, checked = self._names(file), False
            for first_line, rows in line_chunks(file):
                try:
                    part = polars.read_csv(first_line + rows, separator=self._delimiter, infer_schema=False)
                except polars.exceptions.PolarsError as error:
                    raise text_faults.fault(self.name, file, len(names), self._delimiter, error) from None
                # a row that has too few entries is filled up, so the delimiters are counted
                if not checked and plain_delimiters(rows, self._delimiter) != len(part) * (len(names) - 1):
                    text_faults.check_row_lengths(self.name, file, len(names), self._delimiter)
                    checked = True
                yield part

    def _scanned(self, file: Path, names: list[str], rows: int, settings: dict[str, Any]) -> Iterator[polars.DataFrame]:
        import polars

        try:
            lazy = polars.scan_csv(file, **settings)
            if no_rows := empty_lines_at_end(file):
                lazy = lazy.head(max(0, lazy.select(polars.len()).collect().item() - no_rows))
            for part in lazy.collect_batches(chunk_size=rows, maintain_order=True, lazy=True):
                if part[:, -1].null_count():
                    text_faults.check_row_lengths(self.name, file, len(names), self._delimiter)
                yield part
        except polars.exceptions.PolarsError as error:
            raise text_faults.fault(self.name, file, len(names), self._delimiter, error) from None

    def _frame(self, file: Path) -> polars.DataFrame:
        """The table, read the fast way, which knows of no entries that mean nothing, where there are none."""
        import polars

        try:
            frame = polars.read_csv(file, infer_schema_length=FIRST_ROWS, **{**self._settings(), "null_values": None})
            texts = (column for column in frame.iter_columns() if column.dtype == polars.String)
            if not any(column.is_in(self._reading.missing).any() for column in texts):
                return frame
            return polars.read_csv(file, infer_schema_length=FIRST_ROWS, **self._settings())
        except polars.exceptions.ComputeError as error:
            if "could not parse" not in str(error):
                raise
            return polars.read_csv(file, infer_schema_length=None, **self._settings())

    def _settings(self) -> dict[str, Any]:
        return {
            "separator": self._delimiter,
            "null_values": list(self._reading.missing),
            "try_parse_dates": True,
            "glob": False,
        }

    def _names(self, file: Path) -> list[str]:
        return text_faults.checked_names(self.name, file, self._delimiter)

    @contextmanager
    def _plain(self) -> Iterator[Path]:
        """The file as unpacked UTF-8: itself, or a copy that is gone afterwards."""
        with self._path.open("rb") as file:
            packed = file.read(2) == GZIP
        if not packed and self._reading.encoding == "utf-8":
            yield self._path
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "table")
            self._copy_plain(copy, packed)
            yield copy

    def _copy_plain(self, copy: Path, packed: bool) -> None:
        encoding = self._reading.encoding
        # bytes that are no UTF-8 stay as they are, for whoever reads the copy to say where they stand
        errors = "surrogateescape" if encoding == "utf-8" else "strict"
        begin = gzip.open if packed else open
        try:
            with (
                begin(self._path, "rt", encoding=encoding, errors=errors, newline="") as source,
                copy.open("w", encoding="utf-8", errors=errors, newline="") as target,
            ):
                shutil.copyfileobj(source, target)
        except UnicodeError as error:
            raise FileFormatError(f"{self.name} is not written in {encoding}: {error}.") from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileFormatError(f"{self.name} cannot be unpacked: {error}.") from None
