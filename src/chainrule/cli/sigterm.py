"""SIGTERM where no training is under way: the process ends, and takes away what it has begun to write."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

__all__ = ["end_now", "exit_on_sigterm"]


@contextmanager
def exit_on_sigterm() -> Iterator[None]:
    """Let SIGTERM end this process by an exception, which removes files that are not yet whole, not just kill it."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, end_now)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def end_now(number: int, frame: FrameType | None) -> NoReturn:
    """What SIGTERM does: end with 128 and its number."""
    sys.exit(128 + number)
