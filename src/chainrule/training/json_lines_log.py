"""A log of a training as JSON lines, which other programs can follow while it grows."""

from __future__ import annotations

import errno
import json
import math
import os
from datetime import UTC, datetime
from io import RawIOBase
from pathlib import Path
from typing import Any

from chainrule.errors import FileNotWritten, InvalidArgument, InvalidType
from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["JsonLinesLog"]

BEGINNING = b'{"event": "start", "time": "'
"""Of a log."""


class JsonLinesLog(Callback):
    """Append a line to a file for the start, for every epoch and for the end of a training.

    Each line is one JSON object with an ``"event"``, written whole and at once:

    ======== ===============================================================================================
    start    ``time`` (UTC), ``epoch`` (finished ones: above 0 where it is resumed), ``epochs``, ``rows``,
             ``batch_size``, ``parameters``
    epoch    the row of the history: ``epoch``, ``J``, ``penalty``, ``learning_rate``, ``seconds``, metrics, ``val_*``
    end      ``time``, ``epoch``, ``stopped`` (the reason, or an empty string), ``failed``
    ======== ===============================================================================================

    What is in the file stays: a second training appends to it. A resumed one may repeat epochs that the first had
    finished behind its last checkpoint; the last line of an epoch counts. NaN and infinity become null.

    Parameters
    ----------
    path : path-like
        The file. Its folder is made where it is missing.

    Raises
    ------
    InvalidType
        If it is no path.
    FileNotWritten
        When a training starts or goes on: if it cannot be written.
    """

    after_others = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if not isinstance(path, str | os.PathLike):
            raise InvalidType(f"path is where the log is to be written, not {path!r}.")
        self.path = Path(os.path.abspath(path))  # a callback may change the folder
        self._file: RawIOBase | None = None
        self._run: Run | None = None  # the one that is written down

    def on_start(self, run: Run) -> None:
        problem = run.problem
        if self._file is not None:
            raise InvalidArgument(f"Another training is writing to this log of {self.path}: give each its own.")
        if any(isinstance(c, JsonLinesLog) and c is not self and c.path == self.path for c in run.callbacks):
            raise InvalidArgument(f"Two logs are to be written to {self.path}: give each its own file.")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _check_is_log(self.path)
            _cut_torn_line(self.path)
            self._run = run
            self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115  (until on_end)
        except (OSError, ValueError) as error:
            raise self._not_written(error) from error
        self._write(
            "start",
            time=_now(),
            epoch=run.training.epoch,
            epochs=run.epochs,
            rows=problem.n_rows,
            batch_size=problem.batch_size,
            parameters=problem.objective.architecture.parameters.size,
        )

    def on_epoch(self, run: Run) -> None:
        self._write("epoch", **run.history.last())

    def on_end(self, run: Run) -> None:
        if self._file is None or self._run is not run:
            return
        try:
            self._write("end", time=_now(), epoch=run.training.epoch, stopped=run.stopped, failed=run.failed)
        finally:
            file, self._file, self._run = self._file, None, None
            file.close()

    def _write(self, event: str, **values: Any) -> None:
        assert self._file is not None
        line = json.dumps({"event": event, **{name: _finite(value) for name, value in values.items()}}) + "\n"
        try:
            written = self._file.write(line.encode())  # without a buffer: a line is there at once, or not at all
        except OSError as error:
            raise self._not_written(error) from error
        if written != len(line.encode()):
            raise self._not_written(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    def _not_written(self, error: OSError | ValueError) -> FileNotWritten:
        reason = getattr(error, "strerror", None) or error
        return FileNotWritten(f"The log {str(self.path)[:200]} could not be written: {reason}.")


def _check_is_log(path: Path) -> None:
    """Refuse a file of something else, which is not to be appended to."""
    if path.exists():
        with open(path, "rb") as file:
            beginning = file.read(len(BEGINNING))
        if beginning and not BEGINNING.startswith(beginning):
            raise ValueError("it is there already and is no log of a training")


def _cut_torn_line(path: Path) -> None:
    """Take away the beginning of a line that a process which was killed left at the end."""
    if not path.exists():
        return
    with open(path, "rb+") as file:
        end = size = file.seek(0, os.SEEK_END)
        while end > 0:
            file.seek(end - 1)
            if file.read(1) == b"\n":
                break
            end -= 1
        if end < size:
            file.truncate(end)


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
