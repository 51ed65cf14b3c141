"""IDX files, in which MNIST is published: a few bytes about the shape, then the numbers."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import BinaryIO, ClassVar

import numpy as np

from chainrule.data.table_files.reading import Reading
from chainrule.data.table_files.table_file import TableFile
from chainrule.errors import FileFormatError, FileMissing
from chainrule.functions.arrays import Array

__all__ = ["IdxFiles", "is_idx"]

NUMBERS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""The code in the third byte, and the numbers that follow."""

GZIP = b"\x1f\x8b"

MOST_DIMENSIONS = 8

PIECE = 1 << 26
"""Bytes that are read at once."""


def is_idx(path: Path) -> bool:
    """Whether a file begins like an IDX file, or is called like one; it may be packed with gzip."""
    if path.name.removesuffix(".gz").endswith((".idx", "-ubyte", ".idx3", ".idx1")):
        return True
    try:
        start = _start(path)
    except (OSError, EOFError, zlib.error):
        return False  # whoever reads it as what its name says will tell
    return len(start) == 4 and start[:2] == b"\0\0" and start[2] in NUMBERS and 1 <= start[3] <= MOST_DIMENSIONS


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        start = file.read(4)
    if not start.startswith(GZIP):
        return start
    with gzip.open(path) as unpacked:
        return unpacked.read(4)


class IdxFiles(TableFile):
    """A file of pictures, laid out flat as columns called by their numbers, and beside it one of labels."""

    default_target: ClassVar[str | None] = "label"

    def __init__(self, path: Path, reading: Reading) -> None:
        self.name, self._path = str(path), path
        self._labels = None if reading.labels is None else Path(reading.labels)

    def read(self) -> dict[str, Array]:
        pictures = _numbers(self._path)
        if pictures.ndim < 2:
            raise FileFormatError(f"{self.name} holds {pictures.shape} numbers, which are labels: give the pictures.")
        flat = pictures.reshape(len(pictures), -1)
        columns = {str(i): flat[:, i] for i in range(flat.shape[1])}
        labels = self._labels or _beside(self._path)
        if labels is None:
            return columns
        if not labels.is_file():
            raise FileMissing(f"There is no file {labels} with the labels.")
        names = _numbers(labels)
        if names.shape != (len(flat),):
            raise FileFormatError(
                f"{labels} has labels of the shape {names.shape}, and {self.name} has {len(flat)} pictures."
            )
        return {**columns, "label": names}


def _beside(pictures: Path) -> Path | None:
    """The labels that go with the pictures by their name, as train-images-idx3-ubyte and train-labels-idx1-ubyte."""
    name = pictures.name.replace("images", "labels").replace("idx3", "idx1")
    bare = name.removesuffix(".gz")
    found = [pictures.with_name(each) for each in (name, bare, f"{bare}.gz") if each != pictures.name]
    return next((each for each in found if each.is_file()), None)


def _numbers(path: Path) -> Array:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP
        with gzip.open(path) if packed else path.open("rb") as content:
            return _numbers_in(path, content)
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError(f"{path} cannot be unpacked: {error}.") from None


def _numbers_in(path: Path, file: gzip.GzipFile | BinaryIO) -> Array:
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in NUMBERS:
        raise FileFormatError(f"{path} is no IDX file: it begins with the bytes {start.hex(' ') or '(none)'}.")
    kind, dimensions = np.dtype(NUMBERS[start[2]]), start[3]
    if dimensions > MOST_DIMENSIONS:
        raise FileFormatError(f"{path} is damaged, or no IDX file: it is to have {dimensions} dimensions.")
    told = file.read(4 * dimensions)
    if dimensions == 0 or len(told) < 4 * dimensions:
        raise FileFormatError(f"{path} is damaged or incomplete: it ends before its shape is told.")
    shape = tuple(np.frombuffer(told, ">u4").tolist())
    wanted = math.prod(shape) * kind.itemsize
    content = _read_at_most(file, wanted + 1)
    if wanted != len(content):
        there = "more" if len(content) > wanted else str(len(content))
        raise FileFormatError(
            f"{path} is damaged or incomplete: {shape} numbers are {wanted} bytes, and it has {there}."
        )
    if wanted == 0:
        raise FileFormatError(f"{path} holds no numbers: its shape is {shape}.")
    return np.frombuffer(content, kind).reshape(shape).astype(kind.newbyteorder("="), copy=False)


def _read_at_most(file: gzip.GzipFile | BinaryIO, most: int) -> bytes:
    """Piece by piece, since a file of a few bytes can say that it has any number of them."""
    pieces, left = [], most
    while left and (piece := file.read(min(left, PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
