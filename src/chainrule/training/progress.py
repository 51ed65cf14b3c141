"""Progress while a network learns: a bar on a terminal, else a plain line now and then."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any, TextIO

from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["Lines", "RichBar", "progress_for"]

LINES = 10
"""About how many lines a training prints."""


class Lines(Callback):
    """A line for about every tenth part of the epochs, and for the last.

    Parameters
    ----------
    stream : file, optional
        Where to; standard output by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._printed = 0

    def on_start(self, run: Run) -> None:
        self._printed = run.training.epoch
        if run.training.variables.step:
            self._print(_beginning(run))

    def on_epoch(self, run: Run) -> None:
        every = max(1, run.epochs // LINES)
        if run.training.epoch % every == 0 or run.training.epoch in (1, run.epochs):
            self._print(f"epoch {run.training.epoch}/{run.epochs}  {_figures(run)}")
            self._printed = run.training.epoch

    def on_end(self, run: Run) -> None:
        if run.training.epoch > self._printed:
            self._print(f"epoch {run.training.epoch}/{run.epochs}  {_figures(run)}")
        if run.stopped:
            self._print(_end(run))

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class RichBar(Callback):
    """A progress bar with the figures of the last epoch and the time left.

    Parameters
    ----------
    stream : file, optional
        A terminal; standard output by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._progress: Any = None

    def on_start(self, run: Run) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("epoch {task.completed:.0f}/{task.total:.0f}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=Console(file=self._stream),
        )
        self._task = self._progress.add_task("", total=run.epochs, completed=run.training.epoch, figures="")
        self._progress.start()
        if run.training.variables.step:
            self._progress.console.print(_beginning(run), markup=False, highlight=False)

    def on_progress(self, run: Run) -> None:
        within = run.training.position / run.problem.steps_per_epoch
        self._progress.update(self._task, completed=run.training.epoch + within)

    def on_epoch(self, run: Run) -> None:
        self._progress.update(self._task, completed=run.training.epoch, figures=_figures(run))

    def on_end(self, run: Run) -> None:
        if self._progress is None:
            return
        self._progress.stop()
        if run.stopped:
            self._progress.console.print(_end(run), markup=False, highlight=False)


def progress_for(stream: TextIO | None = None) -> Callback:
    """The bar where rich is installed and the stream is a terminal, else lines."""
    out = stream or sys.stdout
    if out is None:
        return Callback()  # a program without a standard output: nobody would see it
    terminal = hasattr(out, "isatty") and out.isatty()
    return RichBar(stream) if terminal and importlib.util.find_spec("rich") else Lines(stream)


def _beginning(run: Run) -> str:
    training = run.training
    within = f" and {training.position} batches" if training.position else ""
    return f"going on after epoch {training.epoch}/{run.epochs}{within}"


def _figures(run: Run) -> str:
    row = run.history.last()
    hidden = {"epoch", "learning_rate", "seconds"} | ({"penalty"} if row.get("penalty") == 0 else set())
    return "  ".join(f"{name} {_number(value)}" for name, value in row.items() if name not in hidden)


def _end(run: Run) -> str:
    best = run.training.best
    if run.ends_with_best and best is not None and not run.failed:
        return f"{run.stopped} The network has the parameters of epoch {best.epoch}."
    return f"{run.stopped} What was learned until then is kept."


def _number(value: Any) -> str:
    mean = sum(value) / len(value) if isinstance(value, list) else value
    return f"{mean:.6f}" if abs(mean) < 1e6 else f"{mean:.6g}"
