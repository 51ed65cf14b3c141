"""What is trained, what of it are operations and bytes, and the settings in which a library may train it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["WORKLOADS", "Setting", "Workload"]

FLOAT_BYTES = 4

ARRAYS_OF_AN_UPDATE = {"sgd": 3, "adam": 7}
"""Arrays as long as theta that an update reads or writes: theta, the gradient, the new theta; Adam's two means, too."""


@dataclass(frozen=True)
class Workload:
    """A training at a constant rate, in float32, of random rows: the work does not depend on their numbers.

    Classes are learned with softmax and cross-entropy, values (those of a matrix exponential) with squared error.
    """

    name: str
    dimensions: tuple[int, ...]
    n_rows: int
    batch_size: int
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    activation: str = "relu"
    target: str = "classes"

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Workload:
        """A workload from what JSON made of it."""
        return cls(**data | {"dimensions": tuple(data["dimensions"])})

    @property
    def steps_per_epoch(self) -> int:
        """Batches, the last short one counted."""
        return -(-self.n_rows // self.batch_size)

    @property
    def parameters(self) -> int:
        """Numbers in weights and biases."""
        return sum(n_in * n_out + n_out for n_in, n_out in pairwise(self.dimensions))

    @property
    def operations(self) -> float:
        """Operations in the products of a step, on average over an epoch's batches.

        Each of them is of 2 n d_i d_{i+1}: a @ w of every layer, a.T @ delta of every layer, and delta @ w.T of every
        layer but the first.
        """
        sizes = [n_in * n_out for n_in, n_out in pairwise(self.dimensions)]
        products = 3 * sum(sizes) - sizes[0]
        return 2 * self.n_rows / self.steps_per_epoch * products

    @property
    def update_bytes(self) -> int:
        """Bytes that an update has to read and write."""
        return ARRAYS_OF_AN_UPDATE[self.optimizer] * self.parameters * FLOAT_BYTES

    def rows(self) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """x, and y: classes, all of which occur, or values."""
        rng = np.random.default_rng(1)
        x = rng.standard_normal((self.n_rows, self.dimensions[0]), dtype=np.float32)
        if self.target == "values":
            return x, matrix_exponentials(x)
        return x, rng.permutation(np.arange(self.n_rows) % self.dimensions[-1])


def matrix_exponentials(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The exponential of each row, read as a 2 x 2 matrix, as a row.

    With s half the trace and B = A - s I, whose square is q^2 I, it is e^s (cosh(q) I + sinh(q) / q B).
    """
    a = x.reshape(-1, 2, 2).astype(complex)
    half_trace = np.trace(a, axis1=1, axis2=2)[:, np.newaxis, np.newaxis] / 2
    b = a - half_trace * np.eye(2)
    q = np.sqrt(-np.linalg.det(b))[:, np.newaxis, np.newaxis]
    exponentials = np.exp(half_trace) * (np.cosh(q) * np.eye(2) + np.sinh(q) / q * b)
    return exponentials.real.astype(np.float32).reshape(-1, 4)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("iris", (4, 8, 3), 150, 8),
        Workload("digits", (64, 15, 10), 1797, 15, optimizer="sgd", learning_rate=0.05),
        Workload("tabular", (50, 256, 256, 2), 65536, 256),
        Workload("mnist", (784, 128, 10), 30000, 64),
        Workload("wide", (784, 2048, 2048, 10), 8192, 1024),
        Workload("expm", (4, 32, 16, 4), 10000, 10000, activation="tanh", target="values"),
    )
}
"""What is measured, by name."""


class Setting(NamedTuple):
    """Who trains, with how many threads, and in which of the ways that the library offers."""

    competitor: str
    threads: int
    variant: str = ""

    def __str__(self) -> str:
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}" if self.threads else "its own threads"
        return ", ".join(part for part in (self.competitor, threads, self.variant) if part)
