"""Dropout: in training, random units are set to 0 and the others enlarged to make up for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.layer import Arrays, Layer, LayerGradient, Mode, Randomness, uniform
from chainrule.validation import finite_number

__all__ = ["Dropout"]


@dataclass(frozen=True)
class Dropout(Layer):
    """Each input is set to 0 with probability `rate`, else divided by (1 - rate), so that its mean stays.

    In prediction it does nothing. Srivastava et al., "Dropout", JMLR 15 (2014), section 4, in the "inverted" form of
    their section 10.

    Parameters
    ----------
    rate : float
        Probability of a unit to be dropped, in [0, 1).
    label : str
        Name within the network; ``"dropout_1"`` and so on by default.

    Raises
    ------
    InvalidArgument
        If the rate is outside [0, 1).
    """

    name = "dropout"
    draws = True

    rate: float

    def __post_init__(self) -> None:
        rate = finite_number("A dropout rate, the share of units to drop,", self.rate, minimum=0, below=1)
        object.__setattr__(self, "rate", rate)

    def placed(self, n_in: int, label: str) -> Dropout:
        return replace(self, label=self.label or label)

    def n_outputs(self, n_in: int) -> int:
        return n_in

    def forward(self, parameters: Arrays, state: Arrays, x: Array, mode: Mode) -> tuple[Array, Array | None]:
        rate = self.rate * mode.dropout_factor
        if mode.rng is None or (rate == 0 if isinstance(rate, float) else not rate.any()):
            return x, None
        factor = _factor(mode.rng, rate, x)
        return x * factor, factor

    def backward(
        self,
        parameters: Arrays,
        cache: Array | None,
        d_output: Array,
        out: Arrays | None = None,
        *,
        need_input: bool = True,
    ) -> LayerGradient:
        return LayerGradient(d_output if cache is None else d_output * cache, ())


def _factor(rng: Randomness, rate: Any, x: Array) -> Array:
    """By what each unit is multiplied: 0 or 1 / (1 - rate)."""
    if isinstance(rng, tuple) and isinstance(rate, np.ndarray):  # a network that drops nothing draws nothing
        own = zip(rng, rate.ravel().tolist(), strict=True)
        return np.stack([_factor(stream, each, x) if each else np.ones(x.shape[-2:], x.dtype) for stream, each in own])
    factor: Array = (uniform(rng, x.shape) >= rate) * np.asarray(1 / (1 - rate), x.dtype)
    return factor
