"""One display of progress for several networks that learn together: the means of their figures."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np

from chainrule.training.callback import Callback
from chainrule.training.progress import progress_for
from chainrule.training.run import Run
from chainrule.training.state import TrainingState

__all__ = ["SharedProgress"]


class SharedProgress:
    """Shows a run that stands for all: its figures are the means over those that finished the epoch.

    Parameters
    ----------
    runs : sequence of Run
        Those that learn together.
    display : Callback, optional
        A display of one run; by default what a single fit shows.
    """

    def __init__(self, runs: Sequence[Run], display: Callback | None = None) -> None:
        first = runs[0]
        training = TrainingState(first.training.variables, first.training.streams)
        self._shown = Run(first.problem, training, first.epochs, first.engine, schedules={})
        self._runs, self._display = runs, progress_for() if display is None else display

    def __enter__(self) -> Self:
        self._shown.training.epoch = max(run.training.epoch for run in self._runs)
        self._display.on_start(self._shown)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shown.failed = error is not None
        if ends := [run for run in self._runs if run.stopped or run.failed]:
            self._shown.stop(_how_they_ended(ends, len(self._runs)))
        self._display.on_end(self._shown)

    def show_position(self, position: int) -> None:
        """Show how many steps of the epoch are finished."""
        self._shown.training.position = position
        self._display.on_progress(self._shown)

    def show_epoch(self) -> None:
        """Show the figures of the epoch, where a network finished one."""
        shown = self._shown.training
        epoch = max(run.training.epoch for run in self._runs)
        if epoch == shown.epoch:
            return
        rows = [run.history.last() for run in self._runs if run.training.epoch == epoch]
        means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        shown.history.append({"networks": len(rows), **means})
        shown.epoch, shown.position = epoch, 0
        self._display.on_epoch(self._shown)


def _how_they_ended(ends: Sequence[Run], n: int) -> str:
    if len({run.stopped for run in ends}) == 1 and len(ends) == n and ends[0].stopped:
        return ends[0].stopped
    diverged = sum(run.failed for run in ends)
    tail = f", {diverged} of them by divergence" if diverged else ""
    return f"{len(ends)} of {n} networks stopped early{tail}."
