"""A limit on the time of a training."""

from __future__ import annotations

import time

from chainrule.training.callback import Callback
from chainrule.training.run import Run
from chainrule.validation import finite_number

__all__ = ["TimeLimit"]


class TimeLimit(Callback):
    """Stop after so many seconds of this call of `fit`, to about a tenth of a second.

    The epoch under way is left where it is; ``fit(..., resume=True)`` goes on from there.

    Parameters
    ----------
    seconds : float
        Above 0.

    Raises
    ------
    InvalidArgument, InvalidType
        If it is no finite number above 0.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = finite_number("seconds", seconds, above=0)

    def on_progress(self, run: Run) -> None:
        if time.perf_counter() - run.started >= self.seconds:
            run.stop(f"Stopped in epoch {run.training.epoch + 1} by the time limit of {self.seconds:g} s.")
