"""SIGTERM, by which a batch system or a container ends a process: the training stops with all that it learned."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Any

from chainrule.cli.sigterm import end_now
from chainrule.training.callback import Callback
from chainrule.training.run import Run

__all__ = ["StopOnSigterm"]


class StopOnSigterm(Callback):
    """Turns the first SIGTERM during a training into ``run.stop``, as Ctrl-C is; a second one ends the process at once.

    Python delivers signals to the main thread alone, so in another thread this does nothing; nor does it where the
    program handles SIGTERM itself or ignores it.

    Attributes
    ----------
    received : bool
        Whether a SIGTERM came.
    """

    def __init__(self) -> None:
        self.received = self._installed = False
        self._before: Any = signal.SIG_DFL

    def on_start(self, run: Run) -> None:
        in_main_thread = threading.current_thread() is threading.main_thread()
        before = signal.getsignal(signal.SIGTERM)
        if not in_main_thread or before not in (signal.SIG_DFL, end_now):
            return

        def on_signal(number: int, frame: FrameType | None) -> None:
            self.received = True
            self._restore()
            run.stop(f"Stopped by SIGTERM in epoch {run.training.epoch + 1}.", interrupted=True)

        signal.signal(signal.SIGTERM, on_signal)
        self._before, self._installed = before, True

    def on_end(self, run: Run) -> None:
        self._restore()

    def _restore(self) -> None:
        if self._installed:
            signal.signal(signal.SIGTERM, self._before)
            self._installed = False

    def status(self, results: Mapping[str, Any]) -> int:
        """The exit status of a training with these results: 128 and the signal's number where one ended it."""
        if not results.get("interrupted"):
            return 0
        return 128 + (signal.SIGTERM if self.received else signal.SIGINT)
