"""The folder of a set of worksheets: pages, solutions, a table for the answers, and what they were made from."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.errors import WRONG_DATA, FileFormatError, FileMissing, FileNotWritten
from chainrule.files.whole_file import write_whole
from chainrule.glassbox.worksheets.settings import worksheet_settings
from chainrule.glassbox.worksheets.solutions_page import solutions_page
from chainrule.glassbox.worksheets.student_page import student_page
from chainrule.glassbox.worksheets.table_file import csv_bytes
from chainrule.glassbox.worksheets.worksheets import Worksheets
from chainrule.version import __version__

__all__ = ["ANSWERS", "SETTINGS", "read_worksheets", "write_worksheets"]

ANSWERS = "answers.csv"
SETTINGS = "worksheets.json"
SOLUTIONS = "solutions.html"

FORMAT = "chainrule worksheets"
FORMAT_VERSION = 1
MOST_BYTES = 1_000_000
"""The names of a thousand students take a tenth of it."""


def write_worksheets(worksheets: Worksheets, folder: str | os.PathLike[str] | None = None) -> Path:
    """Write a set of worksheets to a new folder, all of it or nothing.

    Parameters
    ----------
    worksheets : Worksheets
        From `worksheet`.
    folder : path, optional
        By default ``worksheets-<seed>``. It must not be there yet.

    Returns
    -------
    pathlib.Path
        The folder: ``student-01.html``, ...; ``solutions.html``; ``answers.csv``, to be filled in; and
        ``worksheets.json``, from which `grade` knows the sheets again.

    Raises
    ------
    FileNotWritten
        If it is there already, or cannot be written.
    """
    target = Path(f"worksheets-{worksheets.settings.seed}" if folder is None else folder)
    try:
        if os.path.lexists(target):
            raise FileNotWritten(f"{target} is there already, and is left as it is: name another folder.")
        beside = target.parent / f".{target.name[:100]}.{secrets.token_hex(8)}.part"
        beside.mkdir(parents=True)
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotWritten):
            raise
        raise FileNotWritten(f"{target} could not be made: {getattr(error, 'strerror', None) or error}.") from error
    try:
        for name, content in _files(worksheets).items():
            write_whole(beside / name, content)
        beside.rename(target)
    except OSError as error:
        if isinstance(error, FileNotWritten):
            raise
        raise FileNotWritten(f"{target} could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)  # gone already where it has become the folder
    return target


def _files(worksheets: Worksheets) -> dict[str, bytes]:
    width = max(2, len(str(len(worksheets))))
    pages = {f"student-{each.student:0{width}}.html": student_page(each).encode() for each in worksheets.sheets}
    answers = [(sheet.name, question.name, "") for sheet in worksheets.sheets for question in sheet.questions]
    return {
        **pages,
        SOLUTIONS: solutions_page(worksheets).encode(),
        ANSWERS: csv_bytes([("student", "question", "answer"), *answers]),
        SETTINGS: (json.dumps(_description(worksheets), indent=1, ensure_ascii=False) + "\n").encode(),
    }


def _description(worksheets: Worksheets) -> dict[str, object]:
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "chainrule": __version__,
        "settings": worksheets.settings.data(),
        "numbers": _fingerprint(worksheets),
    }


def _fingerprint(worksheets: Worksheets) -> str:
    """What tells whether the numbers of the sheets are still those that were printed."""
    digest = hashlib.sha256()
    for sheet in worksheets.sheets:
        digest.update(np.array(sheet.instance.givens).tobytes())
    return digest.hexdigest()


def read_worksheets(folder: str | os.PathLike[str]) -> Worksheets:
    """The worksheets that a folder was made from.

    Raises
    ------
    FileMissing
        If there is no ``worksheets.json`` in it.
    FileFormatError
        If that is damaged or of a newer version, or these sheets can no longer be made again.
    """
    path = Path(folder) / SETTINGS
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES)  # what is longer is cut off, and so no JSON
    except OSError as error:
        raise FileMissing(
            f"{path} cannot be read ({error.strerror or error}); it says which sheets these are."
        ) from None
    try:
        found = json.loads(content.decode("utf-8"))
        if found["format"] != FORMAT or not isinstance(found["version"], int):
            raise ValueError("it is of another kind")
        if found["version"] > FORMAT_VERSION:
            raise ValueError("it is of a newer version; bring chainrule up to date")
        worksheets = Worksheets(worksheet_settings(**_arguments(found["settings"])))
        same = found["numbers"] == _fingerprint(worksheets)
    except WRONG_DATA as error:
        raise FileFormatError(f"{path} does not describe worksheets: {error}") from None
    if not same:
        raise FileFormatError(
            f"The sheets of {folder} were made by chainrule {str(found.get('chainrule'))[:40]}, and this one "
            f"({__version__}) would make others: grade them with that version."
        )
    return worksheets


def _arguments(settings: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `worksheet_settings` that give these settings again."""
    renamed = dict(settings)
    renamed["activation"] = renamed.pop("activations")
    return renamed
