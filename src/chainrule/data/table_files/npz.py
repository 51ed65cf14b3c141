"""NPZ files: NumPy's arrays by name, without pickles."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from chainrule.data.rows import counted
from chainrule.data.table_files.reading import Reading
from chainrule.data.table_files.table_file import TableFile
from chainrule.errors import WRONG_DATA, FileFormatError
from chainrule.functions.arrays import Array

__all__ = ["NpzFile"]

WRONG_FILE: tuple[type[Exception], ...] = (
    *WRONG_DATA,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)
"""What NumPy and zipfile raise for files that are damaged, encrypted or packed in ways that they do not know."""


class NpzFile(TableFile):
    """A matrix of rows and an array of targets; or a table with an array for each column.

    The columns of the matrix are called by their numbers from 0, and the targets y. Rows that are pictures, or other
    arrays of more dimensions, are laid out flat. A file without the matrix is a table if its arrays are columns.
    """

    default_target: ClassVar[str | None] = "y"

    def __init__(self, path: Path, reading: Reading) -> None:
        self.name, self._path, self._reading = str(path), path, reading

    def read(self) -> dict[str, Array]:
        arrays = self._arrays()
        x, y = self._reading.x, self._reading.y
        if x in arrays:
            return {**self._columns(x, arrays[x]), **({"y": self._target(y, arrays)} if y in arrays else {})}
        lengths = {len(array) for array in arrays.values() if array.ndim == 1}
        if len(lengths) != 1 or any(array.ndim != 1 for array in arrays.values()):
            held = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "nothing"
            raise FileFormatError(
                f"{self.name} has no array {x!r}, but {held}: say with --x and --y which are the rows and the targets."
            )
        return arrays

    def _arrays(self) -> dict[str, Array]:
        try:
            if not zipfile.is_zipfile(self._path):
                raise ValueError("it is no archive")
            with np.load(self._path, allow_pickle=False) as file:
                return {name: self._array(name, file[name]) for name in file.files}
        except MemoryError as error:
            raise FileFormatError(f"{self.name} says that it holds more than the memory does: {error}.") from None
        except WRONG_FILE as error:
            if "Object arrays" in str(error):
                raise FileFormatError(
                    f"{self.name} holds arrays of Python objects, which only a pickle can: save strings as such, "
                    "with x.astype(str)."
                ) from None
            reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
            raise FileFormatError(f"{self.name} is no NPZ file, or is damaged: {reason}.") from None

    @staticmethod
    def _array(name: str, found: Any) -> Array:
        if not isinstance(found, np.ndarray):  # which NumPy gives as the bytes that it is
            raise ValueError(f"{name} in it is no array")
        return found

    def _columns(self, name: str, x: Array) -> dict[str, Array]:
        if x.ndim == 0 or len(x) == 0:
            raise FileFormatError(f"{name} in {self.name} has no rows: its shape is {x.shape}.")
        flat = x.reshape(len(x), -1)
        return {str(i): flat[:, i] for i in range(flat.shape[1])}

    def _target(self, name: str, arrays: dict[str, Array]) -> Array:
        y, n = arrays[name], len(arrays[self._reading.x])
        if y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        if y.shape != (n,):
            raise FileFormatError(
                f"{name} in {self.name} has the shape {y.shape}, and must have one entry for each of "
                f"{counted(n, 'row')}."
            )
        return y
