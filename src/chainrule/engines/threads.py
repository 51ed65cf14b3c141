"""Threads of the linear algebra library: a fixed rule from sizes and cores, so that results repeat.

Small products are slower on many threads than on one, and the order of a sum, hence its last bits, depends on their
number. So the number is chosen once for a training, by sizes alone, and kept in its state.
"""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chainrule.network.architecture import Architecture

__all__ = ["available_cores", "limited_threads", "threads_for"]

WORTHWHILE_OPERATIONS = 8e6
"""Operations in the largest product of a step from which a second thread gained on two cores (OpenBLAS 0.3.31)."""


def threads_for(architecture: Architecture, batch_size: int, cores: int) -> int:
    """One thread where the largest product, of 2 n d_i d_{i+1} operations, is small, else all cores."""
    dimensions = ((layer.n_in, layer.n_out) for layer in architecture.dense_layers.values())
    largest = max(2 * batch_size * n_in * n_out for n_in, n_out in dimensions)
    return cores if largest >= WORTHWHILE_OPERATIONS else 1


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
        self._limits: Any = None

    def enter(self, threads: int) -> None:
        from threadpoolctl import ThreadpoolController

        with self._lock:
            if self._controller is None:  # finding the libraries takes as long as 30 training steps
                self._controller = ThreadpoolController()
            limits = self._controller.limit(limits=threads, user_api="blas")  # remembers the numbers before
            if self._inside == 0:
                self._limits = limits
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limits.restore_original_limits()


_LIMIT = _Limit()
