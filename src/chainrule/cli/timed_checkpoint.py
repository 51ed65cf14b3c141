"""Checkpoints by the clock, within epochs too, so that a kill costs seconds and not epochs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from chainrule.training.checkpoint import Checkpoint
from chainrule.training.run import Run
from chainrule.validation import finite_number

__all__ = ["TimedCheckpoint"]


class TimedCheckpoint(Checkpoint):
    """A checkpoint every so many seconds, and when the training starts, ends or is stopped.

    Parameters
    ----------
    path : Path
        The file.
    seconds : float
        From one writing to the next, above 0.
    written : callable
        Called with the training's run after each writing.
    """

    name = "Checkpoint"

    def __init__(self, path: Path, seconds: float, written: Callable[[Run], None]) -> None:
        super().__init__(path)
        self.seconds = finite_number("checkpoint_every", seconds, above=0)
        self._written = written
        self._last = time.perf_counter()

    def on_progress(self, run: Run) -> None:
        if time.perf_counter() - self._last >= self.seconds:
            self._write(run)

    def on_epoch(self, run: Run) -> None:
        self.on_progress(run)

    def _write(self, run: Run) -> None:
        super()._write(run)
        self._written(run)
        self._last = time.perf_counter()
