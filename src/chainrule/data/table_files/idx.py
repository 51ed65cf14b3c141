"""IDX files, in which MNIST is published: a few bytes about the shape, then the numbers."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import ClassVar

import numpy as np

from chainrule.data.table_files.reading import Reading
from chainrule.data.table_files.table_file import TableFile
from chainrule.errors import FileFormatError, FileMissing
from chainrule.functions.arrays import Array

__all__ = ["IdxFiles", "is_idx"]

NUMBERS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""The code in the third byte, and the numbers that follow."""

GZIP = b"\x1f\x8b"


def is_idx(path: Path) -> bool:
    """Whether a file begins like an IDX file, or is called like one; it may be packed with gzip."""
    if path.name.removesuffix(".gz").endswith((".idx", "-ubyte", ".idx3", ".idx1")):
        return True
    try:
        start = _start(path)
    except (OSError, EOFError, zlib.error):
        return False  # whoever reads it as what its name says will tell
    return len(start) == 4 and start[:2] == b"\0\0" and start[2] in NUMBERS and 1 <= start[3] <= 8


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
        content = path.read_bytes()
        content = gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError(f"{path} cannot be unpacked: {error}.") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in NUMBERS:
        raise FileFormatError(f"{path} is no IDX file: it begins with the bytes {content[:4].hex(' ') or '(none)'}.")
    kind, dimensions = np.dtype(NUMBERS[content[2]]), content[3]
    begin = 4 + 4 * dimensions
    if dimensions == 0 or len(content) < begin:
        raise FileFormatError(f"{path} is damaged or incomplete: it ends before its shape is told.")
    shape = tuple(np.frombuffer(content, ">u4", dimensions, 4).tolist())
    wanted, there = math.prod(shape) * kind.itemsize, len(content) - begin
    if wanted != there:
        raise FileFormatError(
            f"{path} is damaged or incomplete: {shape} numbers are {wanted} bytes, and it has {there}."
        )
    return np.frombuffer(content, kind, offset=begin).reshape(shape).astype(kind.newbyteorder("="), copy=False)
