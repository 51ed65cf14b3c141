"""The callbacks of scikit-learn (``sklearn.callback``): an epoch is a task of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["FitTask", "FitTasks"]


class FitTask(NamedTuple):
    """A whole fit as those callbacks know it.

    Attributes
    ----------
    context : sklearn.callback.CallbackContext
        What hands the news on to them.
    told : dict
        What they are told with it: X, y and metadata.
    """

    context: Any
    told: dict[str, Any]


class FitTasks(Callback):
    """Tells them of the beginning and the end of each epoch, and stops where one of them asks for it.

    Parameters
    ----------
    whole : FitTask
        The fit, whose epochs these are.
    estimator : estimator
        What is fitted.
    fitted : callable
        From the run to the attributes that make a copy of the estimator a fitted one, as of now.
    """

    after_others = True

    def __init__(self, whole: FitTask, estimator: Any, fitted: Callable[[Run], dict[str, Any]]) -> None:
        self._context, self._told = whole
        self._estimator, self._fitted = estimator, fitted
        self._epoch: Any = None

    def on_start(self, run: Run) -> None:
        self._begin(run)

    def on_epoch(self, run: Run) -> None:
        stop = self._epoch.call_on_fit_task_end(
            estimator=self._estimator, reconstruction_attributes=lambda: self._fitted(run), **self._told
        )
        if stop:
            run.stop(f"Stopped by a callback in epoch {run.training.epoch}.")
        self._begin(run)

    def _begin(self, run: Run) -> None:
        if run.training.epoch < run.epochs and not run.stopped:
            self._epoch = self._context.subcontext(task_name=f"epoch {run.training.epoch + 1}")
            self._epoch.call_on_fit_task_begin(estimator=self._estimator, **self._told)
