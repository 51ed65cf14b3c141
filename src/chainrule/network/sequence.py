"""Layers one behind the other: forward in their order, backward in the reverse.

`parameters` and `state` hold one tuple of arrays for each layer, `caches` and gradients likewise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.functions.arrays import Array
from chainrule.network.layer import Arrays, Layer, LayerGradient, Mode

__all__ = ["backward", "forward", "split", "split_parameters", "split_statistics", "updated_statistics"]


def forward(
    layers: Sequence[Layer], parameters: Sequence[Arrays], state: Sequence[Arrays], x: Array, mode: Mode
) -> tuple[Array, tuple[Any, ...]]:
    """The output of the last layer for `x`, and every layer's cache."""
    caches = []
    for layer, own_parameters, own_state in zip(layers, parameters, state, strict=True):
        x, cache = layer.forward(own_parameters, own_state, x, mode)
        caches.append(cache)
    return x, tuple(caches)


def backward(
    layers: Sequence[Layer],
    parameters: Sequence[Arrays],
    caches: Sequence[Any],
    d_output: Array | None,
    out: Sequence[Arrays] | None = None,
    *,
    need_input: bool = True,
) -> tuple[LayerGradient, ...]:
    """Every layer's gradients, from dJ/d(output of the last layer).

    `out` holds, for each layer, the arrays to write its parameters' gradients to.
    """
    gradients: list[LayerGradient] = []
    for i in reversed(range(len(layers))):
        assert d_output is not None
        own_out = None if out is None else out[i]
        gradient = layers[i].backward(parameters[i], caches[i], d_output, own_out, need_input=need_input or i > 0)
        gradients.append(gradient)
        d_output = gradient.input
    return tuple(reversed(gradients))


def updated_statistics(layers: Sequence[Layer], state: Sequence[Arrays], caches: Sequence[Any]) -> Arrays:
    """The statistics of all layers after a training step, one behind the other."""
    return tuple(
        array
        for layer, own_state, cache in zip(layers, state, caches, strict=True)
        for array in layer.updated_statistics(own_state, cache)
    )


def split_parameters(layers: Sequence[Layer], arrays: Arrays) -> tuple[Arrays, ...]:
    """Group arrays that stand one behind the other by the layer whose parameters they are."""
    return split(arrays, tuple(len(layer.parameters()) for layer in layers))


def split_statistics(layers: Sequence[Layer], arrays: Arrays) -> tuple[Arrays, ...]:
    """Group arrays that stand one behind the other by the layer whose statistics they are."""
    return split(arrays, tuple(len(layer.statistics()) for layer in layers))


def split(arrays: Arrays, counts: Sequence[int]) -> tuple[Arrays, ...]:
    """Cut arrays that stand one behind the other into groups of so many."""
    parts, start = [], 0
    for count in counts:
        parts.append(arrays[start : start + count])
        start += count
    return tuple(parts)
