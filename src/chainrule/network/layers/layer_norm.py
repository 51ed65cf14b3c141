"""Layer normalisation: each row is centred and scaled over its units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.network.layer import Arrays, Layer, LayerGradient, Mode
from chainrule.network.layout import ArraySpec
from chainrule.validation import finite_number

__all__ = ["LayerNorm", "LayerNormCache"]


class LayerNormCache(NamedTuple):
    """The normalised input, of shape (..., n, d), and each row's 1 / standard deviation, of shape (..., n, 1)."""

    normalised: Array
    inverse_deviation: Array


@dataclass(frozen=True)
class LayerNorm(Layer):
    r"""y = scale * (x - mean) / sqrt(variance + epsilon) + shift, each row over its units.

    Mean and variance are those of the row's own units, the variance divided by their number, so that no row depends on
    another, and training and prediction are the same. A dense layer right before it keeps its bias: the mean over the
    units that is subtracted here leaves the differences between their biases standing, where a batch norm, which
    subtracts each unit's own mean, cancels every one. Ba, Kiros and Hinton, "Layer normalization", 2016, eq. 3 and 4.

    Parameters
    ----------
    epsilon : float
        Added to the variance, above 0.
    n_units : int
        Number of units, filled in by the network.
    label : str
        Name within the network; ``"layer_norm_1"`` and so on by default.

    Raises
    ------
    InvalidArgument
        If epsilon is not above 0 or, once it has its place, if there is 1 unit alone.
    """

    name = "layer_norm"

    epsilon: float = 1e-5
    n_units: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "epsilon", finite_number("The epsilon of LayerNorm", self.epsilon, above=0))

    def placed(self, n_in: int, label: str) -> LayerNorm:
        label = self.label or label
        if n_in == 1:
            raise InvalidArgument(
                f"{label} stands behind 1 unit, which is its own mean, so its output would always be the shift: "
                "take it out, or give the layer before it at least 2 units."
            )
        return replace(self, n_units=n_in, label=label)

    def n_outputs(self, n_in: int) -> int:
        return n_in

    def parameters(self) -> tuple[ArraySpec, ...]:
        return ArraySpec("scale", (self.n_units,), "scale"), ArraySpec("shift", (self.n_units,), "bias")

    def initial(self, rng: np.random.Generator) -> Arrays:
        return np.ones(self.n_units), np.zeros(self.n_units)

    def forward(self, parameters: Arrays, state: Arrays, x: Array, mode: Mode) -> tuple[Array, LayerNormCache]:
        scale, shift = (parameter[..., np.newaxis, :] for parameter in parameters)
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        inverse_deviation = 1 / np.sqrt(variance + self.epsilon)
        normalised = centred * inverse_deviation
        return scale * normalised + shift, LayerNormCache(normalised, inverse_deviation)

    def backward(
        self,
        parameters: Arrays,
        cache: LayerNormCache,
        d_output: Array,
        out: Arrays | None = None,
        *,
        need_input: bool = True,
    ) -> LayerGradient:
        d_scale_out, d_shift_out = (None, None) if out is None else out
        d_scale = np.add.reduce(d_output * cache.normalised, axis=-2, out=d_scale_out)
        d_shift = np.add.reduce(d_output, axis=-2, out=d_shift_out)
        if not need_input:
            return LayerGradient(None, (d_scale, d_shift))
        d_normalised = d_output * parameters[0][..., np.newaxis, :]
        # mean and deviation depend on every unit of the row: their parts of the gradient are shared out among them
        along_mean = d_normalised.mean(axis=-1, keepdims=True)
        along_deviation = (d_normalised * cache.normalised).mean(axis=-1, keepdims=True)
        d_centred = d_normalised - along_mean - cache.normalised * along_deviation
        return LayerGradient(d_centred * cache.inverse_deviation, (d_scale, d_shift))
