"""Clipping: no gradient is larger than a bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout
from chainrule.optimizers.wrapper import Wrapper
from chainrule.validation import finite_number

__all__ = ["Clip"]


@dataclass(frozen=True)
class Clip(Wrapper):
    """An optimizer whose gradient, the penalty's included, is made smaller first where it is too large.

    By norm: g <- g * norm / ||g|| where the Euclidean norm ||g|| of the whole gradient is above `norm`, which keeps its
    direction. Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
    Algorithm 1. By value: each entry is brought into [-value, value]. With both, the norm comes first. Of several
    networks, each one's gradient is clipped alone.

    Parameters
    ----------
    optimizer : StepOptimizer, type or str
        What moves along the clipped gradient, as an instance, a class or a name.
    norm : float, optional
        Largest norm, above 0; a schedule knows it as ``clip_norm``.
    value : float, optional
        Largest absolute value of an entry, above 0; a schedule knows it as ``clip_value``.

    Raises
    ------
    InvalidArgument, InvalidType
        If neither is given, one is not above 0, or the optimizer takes no steps or clips in the same way already.
    """

    name = "clip"

    norm: float | None = None
    value: float | None = None

    def __post_init__(self) -> None:
        if self.norm is None and self.value is None:
            raise InvalidArgument("Clip needs a bound: give norm, such as 1.0, for the whole gradient, or value.")
        for name in ("norm", "value"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, finite_number(name, getattr(self, name), above=0))
        super().__post_init__()

    @property
    def own_values(self) -> dict[str, float]:
        given = {"clip_norm": self.norm, "clip_value": self.value}
        return {name: bound for name, bound in given.items() if bound is not None}

    def field_of(self, name: str) -> str:
        return name.removeprefix("clip_")

    @property
    def formula(self) -> str:  # type: ignore[override]
        """What becomes of the gradient, and the formula of the optimizer inside."""
        by_norm = r"g \leftarrow g \min(1, c / \lVert g \rVert)"
        by_value = r"g \leftarrow \min(\max(g, -c'), c')"
        own = [text for text, bound in ((by_norm, self.norm), (by_value, self.value)) if bound is not None]
        return r", \quad ".join([*own, self.optimizer.formula])

    def step(
        self,
        theta: Array,
        gradient: Array,
        remembered: dict[str, Array],
        values: Sequence[float],
        number: int,
        layout: Layout,
    ) -> None:
        inside, bounds = self.split(values)
        if self.norm is not None:
            gradient = _with_norm_up_to(bounds[0], gradient)
        if self.value is not None:
            gradient = np.clip(gradient, -bounds[-1], bounds[-1])
        self.optimizer.step(theta, gradient, remembered, inside, number, layout)


def _with_norm_up_to(bound: float, gradient: Array) -> Array:
    # squared in float64: in float32, a gradient of 1e20, the kind that clipping is for, would square to infinity
    size = np.sqrt(np.square(gradient, dtype=np.float64).sum(axis=-1, keepdims=True))
    if (size <= bound).all():
        return gradient
    factor = bound / np.maximum(size, bound or 1.0)  # a bound that a schedule took to 0 leaves no gradient
    clipped: Array = gradient * factor.astype(gradient.dtype)
    return clipped
