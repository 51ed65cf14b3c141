"""Batch normalisation: each unit is centred and scaled over the rows of the batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.network.layer import Arrays, Layer, LayerGradient, Mode
from chainrule.network.layout import ArraySpec
from chainrule.validation import finite_number

__all__ = ["BatchNorm", "BatchNormCache"]


class BatchNormCache(NamedTuple):
    """The normalised input, 1 / standard deviation, the mean and the variance that were used, and the rows' shares.

    `shares` are the rows' shares of the mean, of shape (n, 1), which sum to 1; None outside training.
    """

    normalised: Array
    inverse_deviation: Array
    mean: Array
    variance: Array
    shares: Array | None


@dataclass(frozen=True)
class BatchNorm(Layer):
    r"""y = scale * (x - mean) / sqrt(variance + epsilon) + shift, each unit over the rows.

    In training with the (weighted) mean and variance of the batch; in prediction with their running averages,
    running = momentum * running + (1 - momentum) * batch. The variance is the biased one (divided by n) in both, so
    that a row of weight 2 counts as the row twice. Ioffe and Szegedy, ICML 2015, algorithm 1.

    Parameters
    ----------
    momentum : float
        Share of the old running average that a step keeps, in [0, 1).
    epsilon : float
        Added to the variance, above 0.
    n_units : int
        Number of units, filled in by the network.
    label : str
        Name within the network; ``"batch_norm_1"`` and so on by default.

    Raises
    ------
    InvalidArgument
        If a setting is out of its range.
    """

    name = "batch_norm"
    couples_rows = True

    momentum: float = 0.9
    epsilon: float = 1e-5
    n_units: int = 0

    def __post_init__(self) -> None:
        momentum = finite_number("The momentum of BatchNorm", self.momentum, minimum=0, below=1)
        object.__setattr__(self, "momentum", momentum)
        object.__setattr__(self, "epsilon", finite_number("The epsilon of BatchNorm", self.epsilon, above=0))

    def placed(self, n_in: int, label: str) -> BatchNorm:
        return replace(self, n_units=n_in, label=self.label or label)

    def n_outputs(self, n_in: int) -> int:
        return n_in

    def parameters(self) -> tuple[ArraySpec, ...]:
        return ArraySpec("scale", (self.n_units,), "scale"), ArraySpec("shift", (self.n_units,), "bias")

    def initial(self, rng: np.random.Generator) -> Arrays:
        return np.ones(self.n_units), np.zeros(self.n_units)

    def statistics(self) -> tuple[ArraySpec, ...]:
        return tuple(ArraySpec(name, (self.n_units,), "statistic") for name in ("mean", "variance"))

    def initial_statistics(self) -> Arrays:
        return np.zeros(self.n_units), np.ones(self.n_units)

    def forward(self, parameters: Arrays, state: Arrays, x: Array, mode: Mode) -> tuple[Array, BatchNormCache]:
        scale, shift = (parameter[..., np.newaxis, :] for parameter in parameters)
        if mode.training:
            shares = self._shares(x, mode.weights)
            mean = (shares * x).sum(axis=-2, keepdims=True)
            centred = x - mean
            variance = (shares * centred * centred).sum(axis=-2, keepdims=True)
        else:
            shares = None
            mean, variance = (statistic[..., np.newaxis, :] for statistic in state)
            centred = x - mean
        inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        normalised = centred * inverse_deviation
        cache = BatchNormCache(normalised, inverse_deviation, mean[..., 0, :], variance[..., 0, :], shares)
        return scale * normalised + shift, cache

    def _shares(self, x: Array, weights: Array | None) -> Array:
        n = x.shape[-2]
        if n < 2:
            raise InvalidArgument(
                f"{self.label or 'BatchNorm'} got a training batch of {n} row, whose variance is always 0: "
                "choose a batch_size that leaves at least 2 rows in every batch."
            )
        if weights is None:
            return np.full((1, 1), 1 / n, x.dtype)
        shares: Array = (weights / weights.sum(axis=-1, keepdims=True))[..., np.newaxis]
        return shares.astype(x.dtype, copy=False)

    def backward(
        self,
        parameters: Arrays,
        cache: BatchNormCache,
        d_output: Array,
        out: Arrays | None = None,
        *,
        need_input: bool = True,
    ) -> LayerGradient:
        d_scale_out, d_shift_out = (None, None) if out is None else out
        d_scale = np.add.reduce(d_output * cache.normalised, axis=-2, out=d_scale_out)
        d_shift = np.add.reduce(d_output, axis=-2, out=d_shift_out)
        d_normalised = d_output * parameters[0][..., np.newaxis, :]
        if cache.shares is not None:
            # mean and variance depend on every row: their part of the gradient, shared out among the rows
            along_mean = d_normalised.sum(axis=-2, keepdims=True)
            along_deviation = (d_normalised * cache.normalised).sum(axis=-2, keepdims=True)
            d_normalised = d_normalised - cache.shares * (along_mean + cache.normalised * along_deviation)
        return LayerGradient(d_normalised * cache.inverse_deviation, (d_scale, d_shift))

    def updated_statistics(self, state: Arrays, cache: BatchNormCache) -> Arrays:
        if cache.shares is None:
            return state
        keep = self.momentum
        return tuple(
            keep * running + (1 - keep) * batch
            for running, batch in zip(state, (cache.mean, cache.variance), strict=True)
        )
