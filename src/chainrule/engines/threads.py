"""Threads of the linear algebra library: a fixed rule from sizes and cores, so that results repeat.

Small products are slower on many threads than on one, and the order of a sum, hence its last bits, depends on their
number. So the number is chosen once for a training, by sizes alone, and kept in its state.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chainrule.network.architecture import Architecture

__all__ = ["allowed_cores", "available_cores", "largest_product", "limited_threads", "threads_for"]

WORTHWHILE_OPERATIONS = 5e8
"""Operations in the largest product of a step from which two cores gained 1.4 times (benchmarks/results/threads.json):
about 3 ms of one core. Smaller products gain something on an idle machine, too. But threads meet at the end of each
product, and where other programs want the cores as well, the wait can take longer than many products: on a loaded
machine, steps whose products have 1e7 to 3e7 operations took 6 to 18 times as long on two threads as on one."""


def threads_for(architecture: Architecture, batch_size: int, cores: int) -> int:
    """One thread where the largest product of a step is small, else all cores."""
    return cores if largest_product(architecture, batch_size) >= WORTHWHILE_OPERATIONS else 1


def largest_product(architecture: Architecture, batch_size: int) -> int:
    """Operations in the largest product of a step, 2 n d_i d_{i+1}."""
    return max(2 * batch_size * layer.n_in * layer.n_out for layer in architecture.dense_layers.values())


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def limited_threads(threads: int) -> Iterator[int]:
    """Limit the linear algebra library to so many threads, in this context.

    Yields their number, or 0 where the extra `fast` (threadpoolctl) is not installed and the library keeps its own.
    """
    if importlib.util.find_spec("threadpoolctl") is None:
        yield 0
        return
    entry = _LIMIT.enter(threads)
    try:
        yield threads
    finally:
        _LIMIT.leave(entry)


def allowed_cores() -> int:
    """Cores that this process may use, or fewer where `limited_threads` is in force."""
    limit = _LIMIT.in_force
    return available_cores() if limit is None else min(limit, available_cores())


@dataclass(eq=False)
class _Entry:
    """A limit, and the thread that set it."""

    threads: int
    thread: int


class _Limit:
    """The number of threads belongs to the process: the limit that was set last of those still there is in force.

    When the last one goes, every library has the number again that it had before the first.
    """

    def __init__(self) -> None:
        self._controller: Any = None
        self._knows_scipy = False
        self._before: list[Any] = []
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()

    def after_fork(self) -> None:
        """Make ready in the child of a fork, which takes along one thread, and no limits of the others."""
        self._lock = threading.Lock()
        for entry in self._entries:
            if entry.thread != threading.get_ident():
                self.leave(entry)

    @property
    def in_force(self) -> int | None:
        """The limit, or None."""
        entries = self._entries[-1:]
        return entries[0].threads if entries else None

    def enter(self, threads: int) -> _Entry:
        """Set a limit; what comes back is for `leave`."""
        from threadpoolctl import ThreadpoolController

        entry = _Entry(threads, threading.get_ident())
        with self._lock:
            has_scipy = "scipy.linalg" in sys.modules  # which has a library of its own
            new = self._controller is None or has_scipy != self._knows_scipy
            if new:  # not every time: finding the libraries takes as long as 30 training steps
                self._controller, self._knows_scipy = ThreadpoolController(), has_scipy
            limits = self._controller.limit(limits=threads, user_api="blas")  # remembers the numbers before
            if new or not self._entries:
                self._before.append(limits)
            self._entries.append(entry)
        return entry

    def leave(self, entry: _Entry) -> None:
        """Take a limit away."""
        with self._lock:
            self._entries = [each for each in self._entries if each is not entry]
            if self._entries:
                self._controller.limit(limits=self._entries[-1].threads, user_api="blas")
            while self._before and not self._entries:
                self._before.pop().restore_original_limits()


_LIMIT = _Limit()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_LIMIT.after_fork)
