"""Ctrl-C: the first ends the training after the step under way, with all that it learned; the second ends at once.

At once means: where the state of the training is whole. While the engine works, a callback is called or rows are
measured, an interruption leaves a state from which the training can go on; while what they did is written into the
state, it waits.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from chainrule.training.run import Run

__all__ = ["stop_on_ctrl_c"]


@contextmanager
def stop_on_ctrl_c(runs: Sequence[Run]) -> Iterator[None]:
    """Turn the first SIGINT into ``run.stop`` of all, and later ones into KeyboardInterrupt, while in this context.

    Python delivers signals to the main thread alone, so in another thread this does nothing; nor does it where the
    program handles SIGINT itself or ignores it.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    times = 0

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal times
        times += 1
        epoch = max(run.training.epoch for run in runs) + 1
        for run in runs:
            if times > 1:
                run.interrupt()
            elif run.goes_on or len(runs) == 1:
                run.stop(f"Stopped by Ctrl-C in epoch {epoch}.", interrupted=True)

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for run in runs:
        run.raise_interruption()
