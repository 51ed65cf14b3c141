"""What is trained, and the settings in which a library may train it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["DIGITS", "Setting", "Workload"]


@dataclass(frozen=True)
class Workload:
    """A training with plain SGD at a constant rate, in float32: ReLU, softmax and cross-entropy.

    There are as many rows as the digits have; their numbers are random, because the work does not depend on them.
    """

    n_rows: int = 1797
    dimensions: tuple[int, int, int] = (64, 15, 10)
    batch_size: int = 15
    learning_rate: float = 0.05
    epochs: int = 10

    @property
    def steps(self) -> int:
        """Steps of the training, the last short batch of each epoch counted."""
        return self.epochs * -(-self.n_rows // self.batch_size)

    def rows(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """x, and the classes y, in which every class occurs."""
        rng = np.random.default_rng(1)
        n_in, _, k = self.dimensions
        return rng.standard_normal((self.n_rows, n_in), dtype=np.float32), rng.permutation(np.arange(self.n_rows) % k)


DIGITS = Workload()
"""The workload of the published figures."""


class Setting(NamedTuple):
    """Who trains, with how many threads, and in which of the ways that the library offers."""

    competitor: str
    threads: int
    variant: str = ""

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        return ", ".join(part for part in (self.competitor, threads, self.variant) if part)
