"""Threads that run the compiled program side by side, one for each job, and wait for the next call in between.

A team belongs to one training. It is made when the training begins, so that calls from several threads of the program
do not know of each other, and nothing is left over afterwards for a fork to break. The compiled function lets go of
Python's lock.
"""

from __future__ import annotations

import ctypes
import os
import queue
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

__all__ = ["ThreadTeam", "yield_core"]


class ThreadTeam:
    """So many threads, at most one for each job; a single job is the calling thread's.

    Use it in a ``with`` statement, at whose end they have ended.
    """

    def __init__(self, n_threads: int) -> None:
        self.n_threads = n_threads
        self._members: list[_Member] = []
        self._process, self._round = os.getpid(), 0

    def __enter__(self) -> ThreadTeam:
        return self

    def __exit__(self, *error: object) -> None:
        for member in self._members:
            member.end()
        self._members = []

    def run(self, function: int, jobs: Sequence[int]) -> None:
        """Call the function at an address with each of the jobs' addresses, side by side, and wait for all of them.

        All jobs are begun and waited for whatever interrupts the calling thread, since they wait for each other, and
        work on its arrays; only then is the interruption raised.
        """
        run = _callable(function)
        if len(jobs) == 1:
            run(jobs[0])
            return
        members, interruption = self._members_for(len(jobs)), None
        self._round += 1
        while True:
            try:
                for member, job in zip(members, jobs, strict=True):
                    member.begin(self._round, run, job)
                for member in members:
                    member.wait(self._round)
                break
            except BaseException as error:  # nobody can tell what was begun: beginning a round twice does nothing
                interruption = error
        failed = [member.error for member in members if member.error is not None]
        if failed or interruption is not None:
            raise failed[0] if failed else interruption  # type: ignore[misc]

    def _members_for(self, n_jobs: int) -> list[_Member]:
        if self._process != os.getpid():  # a fork takes one thread along, the one that forks
            self._members, self._process = [], os.getpid()
        while len(self._members) < n_jobs:
            self._members.append(_Member())
        return self._members[:n_jobs]


class _Member:
    """A thread that does one job in each round."""

    def __init__(self) -> None:
        self._begun: queue.SimpleQueue[tuple[int, Any, int] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._finished = 0
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="chainrule compiled engine", daemon=True)
        self._thread.start()

    def begin(self, number: int, run: Any, job: int) -> None:
        """Do the job of a round, unless it is begun already."""
        self._begun.put((number, run, job))

    def wait(self, number: int) -> None:
        """Return when the job of a round is done."""
        while self._finished < number:
            with suppress(queue.Empty):  # an interruption may have swallowed what was to come
                self._done.get(timeout=0.1)

    def end(self) -> None:
        """End the thread, and return when it has ended."""
        self._begun.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (begun := self._begun.get()) is not None:
            number, run, job = begun
            if number > self._finished:
                self.error = None
                try:
                    run(job)
                except BaseException as error:  # for the calling thread, which waits
                    self.error = error
                self._finished = number
                self._done.put(number)


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
