"""The run folder: what a training on the command line leaves behind.

==================== ==========================================================================
model.safetensors    the network, with its encoder and classes
settings.json        data, seed, sizes and rates: all that is needed to do it again
history.json         a column for each quantity, an entry for each epoch
predictions.csv      for each held-out row its number, label, predicted class and all outputs
==================== ==========================================================================
"""

from __future__ import annotations

import csv
import errno
import io
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chainrule.errors import FileFormatError, FileMissing, FileNotWritten
from chainrule.files.model_file import FORMAT_VERSION
from chainrule.files.whole_file import write_whole
from chainrule.functions.arrays import Array, Rows

__all__ = [
    "MODEL_FILE",
    "PREDICTIONS_FILE",
    "check_place",
    "numbered_folders",
    "predictions_csv",
    "read_settings",
    "write_run_folder",
]

MODEL_FILE, SETTINGS_FILE, HISTORY_FILE = "model.safetensors", "settings.json", "history.json"
PREDICTIONS_FILE = "predictions.csv"


def write_run_folder(
    places: Iterable[Path],
    save_model: Callable[[Path], None],
    settings: Mapping[str, Any],
    history: Mapping[str, Any],
    predictions: str,
) -> Path:
    """Write a new folder, whole or not at all, and return where it is.

    Parameters
    ----------
    places : iterable of Path
        Where it may be, in one parent folder; the first that is free is taken, even while others write there.
    save_model : callable
        Writes the model file to the path that it is given.
    settings, history : mapping
        Data that JSON can hold; the version of the format is added to the settings.
    predictions : str
        The text of the table of predictions.

    Raises
    ------
    FileNotWritten
        If no place is free, or with the reason of the system.
    """
    candidates = iter(places)
    first = next(candidates)
    unfinished = _unfinished_folder(first)
    try:
        save_model(unfinished / MODEL_FILE)
        write_whole(unfinished / SETTINGS_FILE, _json({"format_version": FORMAT_VERSION, **settings}))
        write_whole(unfinished / HISTORY_FILE, _json(history))
        write_whole(unfinished / PREDICTIONS_FILE, predictions.encode())
        unfinished.chmod(0o755)  # mkdtemp lets nobody else look
        for place in itertools.chain([first], candidates):
            if _renamed(unfinished, place):
                return place
        raise _taken(first)
    except OSError as error:
        if isinstance(error, FileNotWritten):
            raise
        raise FileNotWritten(f"The run folder {first} could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)  # gone already once it has its name


def check_place(folder: Path) -> None:
    """Make sure that a run folder can be made here, before the work whose results it is to hold.

    Raises
    ------
    FileNotWritten
        If it exists, or its parent cannot be written to.
    """
    if folder.exists():
        raise _taken(folder)
    new_parent = not folder.parent.exists()
    _unfinished_folder(folder).rmdir()
    if new_parent:
        folder.parent.rmdir()  # the run itself makes it, when there is something to keep


def numbered_folders(parent: Path, name: str) -> Iterator[Path]:
    """``parent/name-1``, ``parent/name-2`` and so on."""
    return (parent / f"{name}-{i}" for i in itertools.count(1))


def _unfinished_folder(folder: Path) -> Path:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name[:100]}.", suffix=".part"))
    except OSError as error:
        raise FileNotWritten(f"The run folder {folder} could not be made: {error.strerror or error}.") from error


def _renamed(unfinished: Path, place: Path) -> bool:
    """Give the folder its name, unless that is taken, perhaps since a moment ago."""
    if place.exists():
        return False
    try:
        os.rename(unfinished, place)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            return False
        raise
    return True


def _taken(folder: Path) -> FileNotWritten:
    return FileNotWritten(f"{folder} exists already, and a run never replaces another: choose a new folder.")


def read_settings(folder: Path) -> dict[str, Any]:
    """The settings of a run.

    Raises
    ------
    FileMissing
        If there is no such folder, or it is no run folder.
    FileFormatError
        If they are damaged or of a newer format.
    """
    file = folder / SETTINGS_FILE
    if not folder.is_dir():
        raise FileMissing(f"There is no run folder {folder}. `chainrule train digits` makes one and says where.")
    if not file.is_file():
        raise FileMissing(f"{folder} is no run folder, or an incomplete one: it has no {SETTINGS_FILE}.")
    try:
        settings = json.loads(file.read_bytes())
        version = settings["format_version"]
        newer = version > FORMAT_VERSION
    except (ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise FileFormatError(f"{file} is damaged or incomplete: {error!r}") from None
    if newer:
        raise FileFormatError(
            f"{file} has format version {version}, and this chainrule reads up to {FORMAT_VERSION}: update chainrule."
        )
    return dict(settings)


def predictions_csv(
    rows: Rows, labels: Sequence[Any] | Array, predicted: Sequence[Any] | Array, outputs: Array, classes: Sequence[Any]
) -> str:
    """A table of predictions; each number has as many digits as give it back bit for bit."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["row", "label", "predicted", *(f"output_{name}" for name in classes)])
    for row, label, guess, values in zip(rows, labels, predicted, outputs, strict=True):
        table.writerow([row, label, guess, *(str(value) for value in values)])
    return text.getvalue()


def _json(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, indent=1, allow_nan=False) + "\n").encode()
