"""A limit on the threads that a training uses."""

from __future__ import annotations

from chainrule.engines.threads import available_cores, threads_for
from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["ThreadLimit"]


class ThreadLimit(Callback):
    """No more than so many threads of the linear algebra library, and fewer where more would not pay.

    Parameters
    ----------
    n_threads : int
        At least 1.
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads

    def on_start(self, run: Run) -> None:
        architecture, batch_size = run.problem.objective.architecture, run.problem.batch_size
        wanted = run.training.threads or threads_for(architecture, batch_size, available_cores())
        run.training.threads = min(self.n_threads, wanted)
