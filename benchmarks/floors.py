"""The floor of a step: what its operations and bytes would take this machine at its own best rates.

Both rates are measured in every round, beside the competitors, so that they see the same machine: `sgemm`, a product of
two large square matrices by NumPy's linear algebra, and a copy of a large array.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from benchmarks.workload import Workload

__all__ = ["COPY", "SGEMM", "MachineRates", "floors", "sgemm_shares"]

Key: TypeAlias = tuple[str, int]

SIZE = 1536
"""Rows and columns of the matrices: three of them are 28 MB."""

COPIED_FLOATS = 1 << 25
"""Elements of the array that is copied: 128 MB."""

SGEMM, COPY = "sgemm", "copy"

THREADS = (1, 2)


class MachineRates:
    """The two measurements, by name and number of threads, as rounds take them: each returns seconds."""

    def __init__(self, size: int = SIZE, copied_floats: int = COPIED_FLOATS) -> None:
        from threadpoolctl import ThreadpoolController

        rng = np.random.default_rng(1)
        self.operations, self.bytes = 2.0 * size**3, 2.0 * copied_floats * 4
        self._a, self._b = rng.standard_normal((2, size, size), dtype=np.float32)
        self._product = np.empty_like(self._a)
        self._from = np.ones(copied_floats, np.float32)
        self._to = np.zeros_like(self._from)
        self._libraries = ThreadpoolController()

    def operations_a_second(self, threads: int) -> float:
        """Of the matrix product."""
        with self._libraries.limit(limits=threads, user_api="blas"):
            np.matmul(self._a, self._b, out=self._product)
            began = time.perf_counter()
            np.matmul(self._a, self._b, out=self._product)
            return self.operations / (time.perf_counter() - began)

    def bytes_a_second(self) -> float:
        """Of the copy, read and written; one thread does it."""
        began = time.perf_counter()
        np.copyto(self._to, self._from)
        return self.bytes / (time.perf_counter() - began)


def floors(workload: Workload, rates: Mapping[Key, Sequence[float]]) -> list[float]:
    """Microseconds a step, by round, at the faster of the products on one and on two threads."""
    return [
        (workload.operations / best + workload.update_bytes / copied) * 1e6
        for best, copied in zip(best_rates(rates), rates[COPY, 1], strict=True)
    ]


def sgemm_shares(workload: Workload, rates: Mapping[Key, Sequence[float]], figures: Sequence[float]) -> list[float]:
    """By round, a step's operations a second (`figures` are its microseconds) as a share of the product's."""
    return [
        workload.operations / (figure * 1e-6) / best for figure, best in zip(figures, best_rates(rates), strict=True)
    ]


def best_rates(rates: Mapping[Key, Sequence[float]]) -> list[float]:
    """By round, the rate of the product with the number of threads that is faster in that round."""
    return [max(by_threads) for by_threads in zip(*(rates[SGEMM, threads] for threads in THREADS), strict=True)]
