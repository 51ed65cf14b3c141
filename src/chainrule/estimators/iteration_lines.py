"""What ``verbose=True`` prints: a line for each iteration, as scikit-learn does."""

from __future__ import annotations

from chainrule.estimators.stopping import NoImprovement
from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["IterationLines"]


class IterationLines(Callback):
    """The loss after each iteration, the score of the held-out rows where there is one, and why it stopped.

    Parameters
    ----------
    stopping : NoImprovement or None
        What has the scores, where they are of held-out rows.
    """

    def __init__(self, stopping: NoImprovement | None) -> None:
        self._stopping = stopping
        self._before = 0

    def on_start(self, run: Run) -> None:
        self._before = run.training.epoch

    def on_epoch(self, run: Run) -> None:
        row = run.history.last()
        print(f"Iteration {run.training.epoch - self._before}, loss = {row['J'] + row['penalty']:.8f}")
        if self._stopping is not None:
            print(f"Validation score: {self._stopping.scores[-1]:f}")

    def on_end(self, run: Run) -> None:
        if run.stopped:
            print(run.stopped)
