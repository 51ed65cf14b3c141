"""Muon: steps of hidden matrices with all their singular values levelled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout
from chainrule.optimizers.adamw import AdamW
from chainrule.optimizers.optimizer import StepOptimizer

__all__ = ["Muon", "levelled"]

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Jordan's polynomial: steep at 0, so that small singular values grow fast, and near 1 without settling there."""

ITERATIONS = 5
"""Times that the polynomial is applied."""

SMALLEST_NORM = 1e-7
"""A matrix of a smaller norm is divided by this instead: one of zeros stays so."""


@dataclass(frozen=True, kw_only=True)
class Muon(StepOptimizer):
    """Hidden matrices move by their momentum with its singular values levelled near 1; all else moves by AdamW.

    m <- momentum * m + (1 - momentum) * g, then
    theta <- theta - learning_rate * (sqrt(max(1, n_out / n_in)) * level((1 - momentum) * g + momentum * m)
    + decay * theta), for a matrix of shape (n_in, n_out). A gradient's few large singular values would otherwise
    decide the whole step. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024, with
    the decay of Liu et al., "Muon is scalable for LLM training", 2025, eq. 3, in the form of PyTorch's ``Muon``.

    The default learning rate of 0.02 is Jordan's. The step's singular values are about 1 whatever the gradient's
    size, so the rate itself is the size of a step, and it can be far larger than Adam's.

    Hidden matrices are those of kind weight but the first and the last of the layout, which meet inputs and outputs
    and, says Jordan, do better with AdamW.

    Parameters
    ----------
    momentum : float
        Share of the momentum that a step keeps, in [0, 1).
    decay : float
        Share of a weight, times its learning rate, that each step takes away; at least 0.
    adam_factor : float
        The learning rate of AdamW, as a multiple of that of the hidden matrices; above 0. The default makes it 1e-3
        where that is 0.02.
    beta1, beta2, epsilon : float
        As in `AdamW`.
    arrays : tuple of str
        Names of the matrices to move by levelled steps, such as ``("w[2]", "w[3]")``, in the place of the hidden ones.

    Raises
    ------
    InvalidArgument, InvalidType
        If a number is out of its range or `arrays` holds no names; at the start of training, if an array cannot be
        levelled or there is none to be.
    """

    name = "muon"
    formula = (
        r"m \leftarrow \mu m + (1 - \mu) g, \quad \theta \leftarrow \theta - \eta \left( "
        r"\sqrt{\max(1, n_\text{out} / n_\text{in})} \; U V^\top + \lambda \theta \right) "
        r"\text{ with } U S V^\top \approx (1 - \mu) g + \mu m"
    )
    tier = 2
    default_learning_rate = 0.02

    momentum: float = 0.95
    decay: float = 0.01
    adam_factor: float = 0.05
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    arrays: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_settings(
            shares=("momentum", "beta1", "beta2"), positive=("adam_factor", "epsilon"), not_negative=("decay",)
        )
        given = self.arrays
        if not isinstance(given, tuple | list) or not all(isinstance(name, str) for name in given):
            raise InvalidType(f'arrays must be a tuple of names, such as ("w[2]", "w[3]"), not {given!r}.')
        object.__setattr__(self, "arrays", tuple(given))

    def start(self, theta: Array, layout: Layout) -> dict[str, Array]:
        for name in self.arrays:
            _check_can_be_levelled(name, layout)
        if not self._levelled_names(layout):
            raise InvalidArgument(
                "Muon moves hidden matrices, and this network has none between its first and its last matrix of "
                "weights: add a hidden layer, name matrices in arrays, or take AdamW, which moves the others anyway."
            )
        return self.adamw.start(theta, layout)  # for the levelled ones, m is their momentum and the rest is not used

    def step(
        self,
        theta: Array,
        gradient: Array,
        remembered: dict[str, Array],
        values: Sequence[float],
        number: int,
        layout: Layout,
    ) -> None:
        learning_rate, momentum, decay, adam_factor, *adam_values = values
        names, adamw = self._levelled_names(layout), self.adamw
        of_matrix = np.expand_dims(learning_rate, -1) if np.ndim(learning_rate) else learning_rate
        for slot in layout:
            if slot.name in names:
                w, g, m = (slot.view(vector) for vector in (theta, gradient, remembered["m"]))
                m[...] = momentum * m + (1 - momentum) * g
                n_in, n_out = slot.shape
                direction = math.sqrt(max(1, n_out / n_in)) * levelled((1 - momentum) * g + momentum * m)
                w[...] = w - of_matrix * (direction + decay * w)
            else:
                part = slot.slice
                others = {name: remembered[name][..., part] for name in AdamW.remembers}
                adam_step = (adam_factor * learning_rate, *adam_values, decay)
                adamw.step(theta[..., part], gradient[..., part], others, adam_step, number, layout)

    @property
    def adamw(self) -> AdamW:
        """What moves everything else."""
        return AdamW(beta1=self.beta1, beta2=self.beta2, epsilon=self.epsilon, decay=self.decay)

    def _levelled_names(self, layout: Layout) -> tuple[str, ...]:
        matrices = [slot.name for slot in layout if slot.kind == "weight" and len(slot.shape) == 2]
        return self.arrays or tuple(matrices[1:-1])


def levelled(matrix: Array) -> Array:
    """Matrices (..., n, m) with the same singular vectors, and singular values near 1.

    From 1/500 of the matrix's norm on, they come to lie between 0.68 and 1.21; smaller ones grow less.

    A Newton-Schulz iteration: products only, no decomposition. The polynomial a s + b s^3 + c s^5 takes each singular
    value on its own, since it is made of X and X X^T.
    """
    a, b, c = COEFFICIENTS
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = np.swapaxes(matrix, -1, -2) if tall else matrix  # X X^T is then the smaller of the two products
    x = x / np.maximum(np.sqrt(np.square(x).sum(axis=(-2, -1), keepdims=True)), SMALLEST_NORM)
    for _ in range(ITERATIONS):
        gram = x @ np.swapaxes(x, -1, -2)
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return np.swapaxes(x, -1, -2) if tall else x


def _check_can_be_levelled(name: str, layout: Layout) -> None:
    if name not in layout:
        names = [slot.name for slot in layout]
        raise InvalidArgument(f"The network has no array {name!r} for Muon; {nearest_names(name, names)}")
    slot = layout[name]
    if slot.kind != "weight":
        raise InvalidArgument(
            f"Muon cannot move {name!r}: it is a {slot.kind}, and a vector has no singular values to level."
        )
    if len(slot.shape) != 2:
        raise InvalidArgument(f"Muon cannot move {name!r}: its shape is {slot.shape}, and only a matrix is levelled.")
