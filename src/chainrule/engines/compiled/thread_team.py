"""Threads that run the compiled program side by side, one for each job, and wait for the next call in between.

A team belongs to one training. It is made when the training begins, so that calls from several threads of the program
do not know of each other, and nothing is left over afterwards for a fork to break. The compiled function lets go of
Python's lock.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

__all__ = ["ThreadTeam", "yield_core"]


class ThreadTeam:
    """So many threads, the calling one among them.

    Use it in a ``with`` statement, at whose end the other threads have ended.
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads
        self._others: list[_Other] = []
        self._process = os.getpid()

    def __enter__(self) -> ThreadTeam:
        return self

    def __exit__(self, *error: object) -> None:
        for other in self._others:
            other.end()
        self._others = []

    def run(self, function: int, jobs: Sequence[int]) -> None:
        """Call the function at an address with each of the jobs' addresses, side by side, and wait for all of them.

        There are at most as many jobs as threads.
        """
        if self._process != os.getpid():  # a fork takes one thread along, the one that forks
            self._others, self._process = [], os.getpid()
        while len(self._others) < len(jobs) - 1:
            self._others.append(_Other())
        run, busy = _callable(function), self._others[: len(jobs) - 1]
        for other, job in zip(busy, jobs[1:], strict=True):
            other.begin(run, job)
        try:
            run(jobs[0])
        finally:
            _finish(busy)


def _finish(others: Sequence[_Other]) -> None:
    """Wait until all are done, whatever interrupts the waiting: they work on arrays of the caller."""
    interruption: BaseException | None = None
    for other in others:
        while True:
            try:
                other.finish()
                break
            except BaseException as error:
                interruption = error
    if interruption is not None:
        raise interruption


class _Other:
    """A thread that does one job after the other."""

    def __init__(self) -> None:
        self._begin, self._done = threading.Lock(), threading.Lock()
        self._begin.acquire()
        self._done.acquire()
        self._next: tuple[Any, int] | None = None
        self._thread = threading.Thread(target=self._work, name="chainrule compiled engine", daemon=True)
        self._thread.start()

    def begin(self, run: Any, job: int) -> None:
        self._next = run, job
        self._begin.release()

    def finish(self) -> None:
        self._done.acquire()

    def end(self) -> None:
        self._next = None
        self._begin.release()
        self._thread.join()

    def _work(self) -> None:
        while True:
            self._begin.acquire()
            if self._next is None:
                return
            run, job = self._next
            run(job)
            self._done.release()


@cache
def _callable(function: int) -> Any:
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
