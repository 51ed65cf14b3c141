"""J, the number that training makes small, and its gradient on a batch.

J = (1/n) * sum over the rows of weight * row loss, plus the penalty. The 1/n is in `row_shares` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.functions.losses import Loss
from chainrule.functions.penalties import Penalty
from chainrule.network import sequence
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Arrays, LayerGradient, Mode
from chainrule.network.layers.dense import DenseCache
from chainrule.network.prediction import Prediction

__all__ = ["BatchGradient", "Objective", "row_shares"]


class BatchGradient(NamedTuple):
    """J of a batch without the penalty, of shape (...,); every layer's cache and gradients."""

    J: Array
    caches: tuple[Any, ...]
    gradients: tuple[LayerGradient, ...]


@dataclass(frozen=True)
class Objective:
    """What is minimised: the loss of an architecture's outputs, and the penalty on its weights.

    Raises
    ------
    InvalidArgument
        If the loss makes no sense with the output activation.
    """

    architecture: Architecture
    loss: Loss
    penalty: Penalty = field(default_factory=Penalty)

    def __post_init__(self) -> None:
        self.loss.check_output(self.architecture.output_layer.activation, self.architecture.n_out)

    @cached_property
    def penalised(self) -> Array:
        """A float64 vector over theta that is 1 where the penalty acts."""
        return self.architecture.parameters.mask("weight")

    def value(self, y: Array, output: DenseCache | Prediction, shares: Array | float) -> Array:
        """J of a batch without the penalty, from the output layer's z and a and the rows' shares."""
        rows = self.loss.rows(y, output.z, output.a, self.architecture.output_layer.activation)
        J: Array = (rows * shares).sum(axis=-1)
        return J

    def value_and_gradient(
        self,
        parameters: Sequence[Arrays],
        state: Sequence[Arrays],
        x: Array,
        y: Array,
        shares: Array | float,
        mode: Mode,
        out: Sequence[Arrays] | None = None,
    ) -> BatchGradient:
        """J of a batch and, by backpropagation, its gradient, both without the penalty.

        Parameters
        ----------
        parameters, state : sequence of tuple of array
            Each layer's views of theta and of the state.
        x : array of shape (n, d_1)
            Rows; of shape (K, n, d_1) where each of K networks has its own.
        y : array of shape (n, k), or (K, n, k)
            Targets, encoded.
        shares : array of shape (n,), or (K, n), or float
            The rows' shares of J, from `row_shares`.
        mode : Mode
            How to pass forward.
        out : sequence of tuple of array, optional
            Each layer's views of the gradient, to write to.
        """
        layers, output_layer = self.architecture.layers, self.architecture.output_layer
        _, caches = sequence.forward(layers, parameters, state, x, mode)
        last: DenseCache = caches[-1]
        J = self.value(y, last, shares)
        delta = self.loss.delta(y, last.z, last.a, output_layer.activation)
        delta *= shares[..., np.newaxis] if isinstance(shares, np.ndarray) else shares
        last_gradient = output_layer.backward_from_delta(
            parameters[-1], last, delta, None if out is None else out[-1], need_input=len(layers) > 1
        )
        before_out = None if out is None else out[:-1]
        before = sequence.backward(
            layers[:-1], parameters[:-1], caches[:-1], last_gradient.input, before_out, need_input=False
        )
        return BatchGradient(J, caches, (*before, last_gradient))


def row_shares(n: int, weights: Array | None, dtype: np.dtype[np.floating]) -> Array | float:
    """Each row's share of J: 1/n, or weight/n for rows with weights (whose mean over the training rows is 1).

    Weights, and then shares, are of shape (..., n).
    """
    return 1 / n if weights is None else (weights / n).astype(dtype, copy=False)
