"""A limit on the threads that a training uses."""

from __future__ import annotations

from chainrule.training.callback import Callback
from chainrule.training.loop import wanted_threads
from chainrule.training.run import Run
from chainrule.validation import whole_number

__all__ = ["ThreadLimit"]


class ThreadLimit(Callback):
    """No more than so many threads to compute with, and fewer where more would not pay.

    A training that is taken up again keeps those that it had, where they are no more.

    Parameters
    ----------
    n_threads : int
        At least 1.

    Raises
    ------
    InvalidArgument, InvalidType
        If it is no whole number from 1 on.
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = whole_number("The number of threads", n_threads, minimum=1)

    def on_start(self, run: Run) -> None:
        run.training.threads = min(self.n_threads, run.training.threads or wanted_threads([run]))
