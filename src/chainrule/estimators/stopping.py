"""When to stop: scikit-learn's rule, by the training loss or by a score of held-out rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from chainrule.estimators.learning_rate import EpochRate
from chainrule.training.callback import Callback
from chainrule.training.run import Run
from chainrule.training.state import Best

__all__ = ["NoImprovement"]

LOWEST_RATE = 1e-6
"""A rate that falls on plateaus does not fall from here on; the training stops instead."""

RATE_DIVISOR = 5.0


class NoImprovement(Callback):
    """Stop when a score has not grown by at least `tol` for more than `patience` epochs in a row.

    Where the learning rate is to fall on plateaus, it is divided by 5 instead, until it is at most 1e-6.

    Parameters
    ----------
    score : callable
        From the run, after an epoch, to the score; higher is better, and NaN is no improvement.
    what : str
        What it is, as a sentence begins: ``"Training loss"`` or ``"Validation score"``.
    tol : float
        What grows by less has not improved.
    patience : float
        Epochs, or infinity.
    keeps_best : bool
        Whether the network ends with the parameters of the best epoch.
    falling_rate : EpochRate, optional
        The learning rate that falls on plateaus.

    Attributes
    ----------
    scores : list of float
        Of every epoch.
    best : float
        The highest; minus infinity before there is one.
    count : int
        Epochs in a row without improvement.
    """

    def __init__(
        self,
        score: Callable[[Run], float],
        what: str,
        *,
        tol: float,
        patience: float,
        keeps_best: bool,
        falling_rate: EpochRate | None = None,
    ) -> None:
        self.score, self.what, self.tol, self.patience = score, what, tol, patience
        self.keeps_best, self.falling_rate = keeps_best, falling_rate
        self.scores: list[float] = []
        self.best, self.count = -math.inf, 0

    def state(self) -> dict[str, Any]:
        return {"what": self.what, "scores": list(self.scores), "best": self.best, "count": self.count}

    def restore(self, state: dict[str, Any]) -> None:
        if state["what"] != self.what:
            return  # another score is watched now, which starts anew
        self.scores, self.best = list(state["scores"]), float(state["best"])
        self.count = int(state["count"]) if state["count"] <= self.patience else 0  # it has stopped once for these

    def on_start(self, run: Run) -> None:
        run.ends_with_best = run.ends_with_best or self.keeps_best
        kept = run.training.best
        if kept is not None and kept.column != self.what:
            run.training.best = None

    def on_epoch(self, run: Run) -> None:
        score = float(self.score(run))
        self.scores.append(score)
        self.count = 0 if score >= self.best + self.tol else self.count + 1
        if score > self.best:
            self.best = score
            if self.keeps_best:
                theta, state = run.parameters()
                run.training.best = Best(theta.copy(), state.copy(), self.what, score, run.training.epoch)
        if self.count > self.patience:
            self._end_of_patience(run)

    def _end_of_patience(self, run: Run) -> None:
        rate = self.falling_rate
        if rate is not None and rate.current(run) > LOWEST_RATE:
            rate.set(run, rate.current(run) / RATE_DIVISOR)
            self.count = 0
            return
        run.stop(f"{self.what} did not improve more than tol={self.tol:f} for {self.patience:g} consecutive epochs.")
