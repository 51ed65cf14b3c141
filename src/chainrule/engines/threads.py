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
from typing import Any

from chainrule.network.architecture import Architecture

__all__ = ["available_cores", "largest_product", "limited_threads", "threads_for"]

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
    _LIMIT.enter(threads)
    try:
        yield threads
    finally:
        _LIMIT.leave()


class _Limit:
    """The number of threads belongs to the process: where trainings overlap, the last to end puts back the first's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._controller: Any = None
        self._knows_scipy = False
        self._limits: list[Any] = []

    def enter(self, threads: int) -> None:
        from threadpoolctl import ThreadpoolController

        with self._lock:
            has_scipy = "scipy.linalg" in sys.modules  # which has a library of its own
            new = self._controller is None or has_scipy != self._knows_scipy
            if new:  # not every time: finding the libraries takes as long as 30 training steps
                self._controller, self._knows_scipy = ThreadpoolController(), has_scipy
            limits = self._controller.limit(limits=threads, user_api="blas")  # remembers the numbers before
            if new or self._inside == 0:
                self._limits.append(limits)
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            while self._limits and self._inside == 0:
                self._limits.pop().restore_original_limits()


_LIMIT = _Limit()
