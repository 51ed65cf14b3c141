"""A log of a training as JSON lines, which other programs can follow while it grows."""

from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from chainrule.errors import FileNotWritten
from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["JsonLinesLog"]


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
    FileNotWritten
        If it cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file: TextIO | None = None

    def on_start(self, run: Run) -> None:
        problem = run.problem
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115  (until on_end)
            _cut_torn_line(self._file)
        except OSError as error:
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
        if self._file is None:
            return
        self._write("end", time=_now(), epoch=run.training.epoch, stopped=run.stopped, failed=run.failed)
        self._file.close()
        self._file = None

    def _write(self, event: str, **values: Any) -> None:
        assert self._file is not None
        line = json.dumps({"event": event, **{name: _finite(value) for name, value in values.items()}})
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:
            raise self._not_written(error) from error

    def _not_written(self, error: OSError) -> FileNotWritten:
        return FileNotWritten(f"The log {self.path} could not be written: {error.strerror or error}.")


def _cut_torn_line(file: TextIO) -> None:
    """Take away the beginning of a line that a process which was killed left at the end."""
    with open(file.name, "rb") as reader:
        reader.seek(0, os.SEEK_END)
        end = size = reader.tell()
        while end > 0:
            reader.seek(end - 1)
            if reader.read(1) == b"\n":
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
