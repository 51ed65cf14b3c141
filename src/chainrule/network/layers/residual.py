"""The residual connection: the input is added to what the layers inside make of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.arrays import Array
from chainrule.network import sequence
from chainrule.network.layer import Arrays, Layer, LayerGradient, Mode
from chainrule.network.layout import ArraySpec

__all__ = ["Residual"]


@dataclass(frozen=True)
class Residual(Layer):
    """y = x + layers(x), so that dJ/dx = dJ/dy + (dJ/dy taken back through the layers).

    He et al., "Deep residual learning for image recognition", CVPR 2016, eq. 1.

    Parameters
    ----------
    layers : sequence of Layer
        The layers inside; the last has as many outputs as the first has inputs.
    label : str
        Name within the network; ``"residual_1"`` and so on by default.

    Raises
    ------
    InvalidArgument
        If there are none, or, once it has its place, if the numbers of inputs and outputs differ.
    """

    name = "residual"

    layers: tuple[Layer, ...]

    def __init__(self, layers: Iterable[Layer], *, label: str = "") -> None:
        if not isinstance(layers, Iterable):
            raise InvalidType(f"Give the layers inside as a list, such as Residual([Dense(8, 8)]); got {layers!r}.")
        object.__setattr__(self, "layers", tuple(layers))
        object.__setattr__(self, "label", label)
        if not self.layers:
            raise InvalidArgument("A residual connection needs at least one layer inside.")

    @property
    def inside(self) -> tuple[Layer, ...]:
        return self.layers

    def placed(self, n_in: int, label: str) -> Residual:
        n_out = self.n_outputs(n_in)
        if n_out != n_in:
            raise InvalidArgument(
                f"{label} adds its {n_in} inputs to the {n_out} outputs of the layers inside: the two must be equal."
            )
        return replace(self, label=self.label or label)

    def n_outputs(self, n_in: int) -> int:
        for layer in self.layers:
            n_in = layer.n_outputs(n_in)
        return n_in

    def parameters(self) -> tuple[ArraySpec, ...]:
        return tuple(spec for layer in self.layers for spec in layer.parameters())

    def initial(self, rng: np.random.Generator) -> Arrays:
        return tuple(array for layer in self.layers for array in layer.initial(rng))

    def statistics(self) -> tuple[ArraySpec, ...]:
        return tuple(spec for layer in self.layers for spec in layer.statistics())

    def initial_statistics(self) -> Arrays:
        return tuple(array for layer in self.layers for array in layer.initial_statistics())

    def forward(self, parameters: Arrays, state: Arrays, x: Array, mode: Mode) -> tuple[Array, tuple[object, ...]]:
        inside = sequence.split_parameters(self.layers, parameters)
        a, caches = sequence.forward(self.layers, inside, sequence.split_statistics(self.layers, state), x, mode)
        return x + a, caches

    def backward(
        self,
        parameters: Arrays,
        cache: tuple[object, ...],
        d_output: Array,
        out: Arrays | None = None,
        *,
        need_input: bool = True,
    ) -> LayerGradient:
        inside = sequence.split_parameters(self.layers, parameters)
        targets = None if out is None else sequence.split_parameters(self.layers, out)
        inner = sequence.backward(self.layers, inside, cache, d_output, targets, need_input=need_input)
        d_input = d_output + inner[0].input if need_input else None
        return LayerGradient(d_input, tuple(g for each in inner for g in each.parameters), inner=inner)

    def updated_statistics(self, state: Arrays, cache: tuple[object, ...]) -> Arrays:
        parts = sequence.split_statistics(self.layers, state)
        return sequence.updated_statistics(self.layers, parts, cache)
