"""The run folder: what a training on the command line leaves behind, from its first moment on.

========================= =====================================================================
settings.json             how to do it again: the table and every option
split.json                which rows were held out, and which decided when to stop
checkpoint.safetensors    the training as it stands, from which it can go on
history.json              a column for each quantity, an entry for each epoch
model.safetensors         the network that came of it, with its encoder and classes
predictions.csv           for each held-out row its number, label, prediction and outputs
results.json              the state of the run, and how good the network is
========================= =====================================================================

Each file is written whole or not at all, so that a run that is killed at any moment leaves a folder that can be read.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from chainrule.errors import FileFormatError, FileMissing, FileNotWritten, InvalidArgument
from chainrule.files.json_data import json_data
from chainrule.files.model_file import FORMAT_VERSION
from chainrule.files.whole_file import write_whole

__all__ = [
    "CHECKPOINT_FILE",
    "HISTORY_FILE",
    "MODEL_FILE",
    "PREDICTIONS_FILE",
    "RESULTS_FILE",
    "SETTINGS_FILE",
    "SPLIT_FILE",
    "RunFolder",
    "State",
    "numbered_folders",
]

MODEL_FILE, CHECKPOINT_FILE = "model.safetensors", "checkpoint.safetensors"
SETTINGS_FILE, SPLIT_FILE, HISTORY_FILE = "settings.json", "split.json", "history.json"
RESULTS_FILE, PREDICTIONS_FILE, LOCK_FILE = "results.json", "predictions.csv", ".lock"

State: TypeAlias = Literal["running", "finished", "stopped", "failed", "killed"]
"""At work; done; stopped by a person or a limit; ended by an error; ended from outside."""


@dataclass(frozen=True)
class RunFolder:
    """A run folder that is there.

    Parameters
    ----------
    path : Path
        Where.
    """

    path: Path

    @classmethod
    def made(cls, places: Iterable[Path]) -> RunFolder:
        """A new folder at the first of these places that is free, even while others make theirs there.

        Raises
        ------
        FileNotWritten
            If none is free, or with the reason of the system.
        """
        first: Path | None = None
        for place in places:
            first = first or place
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.mkdir()
                return cls(place)
            except OSError as error:
                if error.errno != errno.EEXIST or not place.exists():
                    raise FileNotWritten(
                        f"The run folder {place} could not be made: {error.strerror or error}."
                    ) from error
        raise FileNotWritten(f"{first} exists already, and a run never replaces another: choose a new folder.")

    @classmethod
    def opened(cls, path: Path) -> RunFolder:
        """The run folder at a place.

        Raises
        ------
        FileMissing
            If there is no such folder, or it is no run folder.
        """
        if not path.is_dir():
            raise FileMissing(f"There is no run folder {path}. `chainrule train digits` makes one and says where.")
        if not (path / SETTINGS_FILE).is_file():
            raise FileMissing(f"{path} is no run folder, or an incomplete one: it has no {SETTINGS_FILE}.")
        return cls(path)

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of the run by its name, such as ``SETTINGS_FILE``.

        Raises
        ------
        FileMissing
            If the run has none, as before it is finished.
        FileFormatError
            If it is damaged or of a newer format.
        """
        file = self.path / name
        if not file.is_file():
            raise FileMissing(f"{self.path} has no {name}: its training is not finished, or not all of it is there.")
        try:
            data = json.loads(file.read_bytes())
            version = data.get("format_version", FORMAT_VERSION) if isinstance(data, dict) else None
            if type(version) is not int:
                raise ValueError("it is no table of names and values")
        except (ValueError, RecursionError, OSError) as error:
            raise FileFormatError(f"{file} is damaged or incomplete: {error!r}") from None
        if version > FORMAT_VERSION:
            raise FileFormatError(
                f"{file} has format version {version}, and this chainrule reads up to {FORMAT_VERSION}: update "
                "chainrule."
            )
        return dict(data)

    def write(self, name: str, data: Mapping[str, Any]) -> None:
        """Write a JSON file of the run, whole or not at all.

        Raises
        ------
        FileNotWritten
            With the reason of the system.
        """
        write_whole(self.path / name, (json.dumps(json_data(data), indent=1, allow_nan=False) + "\n").encode())

    def write_predictions(self, text: str) -> None:
        """Write the table of predictions, whole or not at all. Raises as `write`."""
        write_whole(self.path / PREDICTIONS_FILE, text.encode())

    @property
    def settings(self) -> dict[str, Any]:
        """The table and every option. Raises as `read`."""
        settings = self.read(SETTINGS_FILE)
        if "format_version" not in settings:
            raise FileFormatError(f"{self.path / SETTINGS_FILE} is damaged or incomplete: it names no format version.")
        return settings

    def held_out_rows(self) -> list[int] | None:
        """Numbers of the rows of the table that the report is on; None where another table was given for that.

        Raises
        ------
        FileMissing, FileFormatError
            As `read`; also if what is there are no such numbers.
        """
        rows = self.read(SPLIT_FILE).get("held_out", [])
        if rows is None:
            return None
        if not isinstance(rows, list) or not rows or not all(type(i) is int and i >= 0 for i in rows):
            raise FileFormatError(f"{self.path / SPLIT_FILE} does not say which rows were held out.")
        return rows

    def state(self) -> State:
        """Where the run stands. One that says that it is running, while no process holds it, was killed."""
        try:
            said = str(self.read(RESULTS_FILE).get("state"))
        except FileMissing:
            said = "running"
        if said in ("finished", "stopped", "failed"):
            return said  # type: ignore[return-value]  # one of the three
        return "running" if self._is_held() else "killed"

    def _is_held(self) -> bool:
        lock = self.path / LOCK_FILE
        if os.name != "posix" or not lock.exists():
            return False
        with lock.open() as file:
            return not _locked(file.fileno(), shared=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the folder for this process, until it ends, however it ends.

        Raises
        ------
        InvalidArgument
            If another process has it.
        FileNotWritten
            If the folder cannot be written to.
        """
        if os.name != "posix":  # other systems have other locks; there, two trainings in one folder are not noticed
            yield
            return
        try:
            handle = os.open(self.path / LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o666)
        except OSError as error:
            raise FileNotWritten(f"{self.path} cannot be written to: {error.strerror or error}.") from error
        try:
            if not _locked(handle):
                raise InvalidArgument(f"{self.path} is being trained by another process: wait for it, or stop it.")
            yield
        finally:
            os.close(handle)


def _locked(handle: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file until it is closed; whether that could be done."""
    import fcntl

    for seconds in (0.05, 0.1, 0):  # whoever only asks for the state has it for a moment
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if shared:
                break
            time.sleep(seconds)
    return False


def numbered_folders(parent: Path, name: str) -> Iterator[Path]:
    """``parent/name-1``, ``parent/name-2`` and so on."""
    return (parent / f"{name}-{i}" for i in itertools.count(1))
