"""Progress while a network learns: a bar on a terminal, else a plain line now and then."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any, TextIO

from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["Lines", "RichBar", "progress_for"]

BESIDE_THE_FIGURES = 25
"""Columns of a terminal for the word epoch, a short bar and the time left."""

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
        from rich.table import Column

        self._progress = Progress(
            TextColumn("epoch {task.completed:.0f}/{task.total:.0f}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=8)),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=Console(file=self._stream),
            expand=True,
        )
        self._task = self._progress.add_task("", total=run.epochs, completed=run.training.epoch, figures="")
        self._progress.start()
        if run.training.variables.step:
            self._progress.console.print(_beginning(run), markup=False, highlight=False)

    def on_progress(self, run: Run) -> None:
        within = run.training.position / run.problem.steps_per_epoch
        self._progress.update(self._task, completed=run.training.epoch + within)

    def on_epoch(self, run: Run) -> None:
        width = self._progress.console.width - BESIDE_THE_FIGURES - 2 * len(str(run.epochs))
        self._progress.update(self._task, completed=run.training.epoch, figures=_figures(run, width))

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
    if training.epoch >= run.epochs:
        return f"all {run.epochs} epochs are done already, so there is nothing left to do"
    within = f" and {training.position} batches" if training.position else ""
    return f"going on after epoch {training.epoch}/{run.epochs}{within}"


def _figures(run: Run, width: int | None = None) -> str:
    """The figures of the last epoch; where not all of them fit into the width, J and what was held out first."""
    row = run.history.last()
    hidden = {"epoch", "learning_rate", "seconds"} | ({"penalty"} if row.get("penalty") == 0 else set())
    digits = 6 if width is None else 4
    shown = {name: f"{name} {_number(value, digits)}" for name, value in row.items() if name not in hidden}
    if width is not None:
        by_worth = sorted(shown, key=lambda name: (name != "J", not name.startswith("val_"), name == "penalty"))
        while by_worth and sum(len(shown[name]) + 2 for name in by_worth) > width:
            by_worth.pop()
        shown = {name: text for name, text in shown.items() if name in by_worth}
    return "  ".join(shown.values())


def _end(run: Run) -> str:
    best = run.training.best
    if run.ends_with_best and best is not None and not run.failed:
        return f"{run.stopped} The network has the parameters of epoch {best.epoch}."
    return f"{run.stopped} What was learned until then is kept."


def _number(value: Any, digits: int) -> str:
    if isinstance(value, int):
        return str(value)
    mean = sum(value) / len(value) if isinstance(value, list) else value
    return f"{mean:.{digits}f}" if abs(mean) < 100 else f"{mean:.6g}"
