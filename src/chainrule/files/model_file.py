"""The model file: named arrays in a safetensors file, with a JSON description in its metadata.

Any reader of safetensors can open it; only what is in the description makes it a network again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import FileFormatError, FileMissing, InvalidType
from chainrule.files.whole_file import write_whole
from chainrule.functions.arrays import Array

__all__ = ["FORMAT_VERSION", "read_model_file", "write_model_file"]

FORMAT_VERSION = 3
"""The newest version that this chainrule reads, and the one that it writes."""

METADATA_KEY = "chainrule"
"""Its value is the SHA-256 checksum, a space, and the description as JSON."""


def write_model_file(path: str | os.PathLike[str], description: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write the file, whole or not at all.

    Parameters
    ----------
    path : path-like
        Where to.
    description : mapping
        Data that JSON can hold; the version of the format is added.
    arrays : mapping of str to array
        By name; copied into C order first, since safetensors 0.8 scrambles others without a word.

    Raises
    ------
    FileNotWritten
        With the reason of the system; a file that was there is as it was.
    """
    from safetensors.numpy import save

    try:
        text = json.dumps({"format_version": FORMAT_VERSION, **description}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise FileFormatError(f"The description cannot be written as JSON: {error}.") from None
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # in one string, since the order in which safetensors writes several changes from run to run
    write_whole(path, save(contiguous, {METADATA_KEY: f"{_checksum(text, contiguous)} {text}"}))


def read_model_file(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Array]]:
    """The description and the arrays of a file.

    Raises
    ------
    FileMissing
        If there is none.
    FileFormatError
        If it is damaged, incomplete, something else or of a newer format.
    """
    from safetensors import SafetensorError, safe_open

    if not isinstance(path, str | os.PathLike):
        raise InvalidType(f"The path of a model file is a string or a Path, not {path!r}.")
    file = Path(path)
    try:
        is_file = file.is_file()
    except (OSError, ValueError) as error:
        raise FileMissing(f"There can be no model file {str(file)[:80]!r}: {error}.") from None
    if not is_file:
        raise FileMissing(f"There is no model file {file}{': that is a folder' if file.is_dir() else ''}.")
    try:
        with safe_open(file, framework="numpy") as opened:
            checksum, _, text = (opened.metadata() or {}).get(METADATA_KEY, "").partition(" ")
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118  (not a mapping)
    except (SafetensorError, OSError, TypeError, AttributeError) as error:
        raise FileFormatError(f"{file} is not a model file, or is damaged or incomplete: {error}") from None
    description = _description(file, text)
    if checksum != _checksum(text, arrays):
        raise FileFormatError(f"{file} is damaged: what is in it is not what was written (its checksum differs).")
    return description, arrays


def _checksum(text: str, arrays: Mapping[str, Array]) -> str:
    """SHA-256 of the description and of every array's name, dtype, shape and bytes."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)  # no copy, as tobytes makes one
    return digest.hexdigest()


def _description(file: Path, text: str) -> dict[str, Any]:
    if not text:
        raise FileFormatError(f"{file} is a safetensors file, but holds no chainrule network.")
    try:
        description = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"The description in {file} is damaged: {error}") from None
    version = description.get("format_version") if isinstance(description, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FileFormatError(f"The description in {file} names no version of its format.")
    if version > FORMAT_VERSION:
        raise FileFormatError(
            f"{file} has format version {version}, and this chainrule reads up to {FORMAT_VERSION}: update chainrule."
        )
    return dict(description)
