"""Threads that run the compiled program side by side, one for each job; they live as long as the call.

They are made anew for each call, so that nothing is left over for a fork to break, and calls from several threads of
the program do not know of each other. The compiled function lets go of Python's lock.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Sequence
from functools import cache

__all__ = ["run_jobs", "yield_core"]


def run_jobs(function: int, jobs: Sequence[int]) -> None:
    """Call the function at an address with each of the jobs' addresses, all at the same time, and wait for them all."""
    run = _callable(function)
    others = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs[1:]]
    for other in others:
        other.start()
    run(jobs[0])
    for other in others:
        other.join()


@cache
def _callable(function: int) -> ctypes._CFunctionType:
    return ctypes.CFUNCTYPE(None, ctypes.c_int64)(function)


@cache
def yield_core() -> int:
    """The address of the system's function by which a waiting thread offers its core to others."""
    if sys.platform == "win32":
        function = ctypes.windll.kernel32.SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return address
