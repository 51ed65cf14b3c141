"""Records of a forward and a backward pass, in the post's notation and numbering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chainrule.functions.arrays import Array
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Layer, LayerGradient
from chainrule.network.layers import Dense

__all__ = ["BackwardRecord", "ForwardRecord"]


@dataclass(frozen=True)
class ForwardRecord:
    """What a forward pass computed, by layer number.

    Attributes
    ----------
    z : dict of int to array
        ``z[i + 1] = a[i] @ w[i] + b[i]``, of shape (n, d_{i+1}).
    a : dict of int to array
        ``a[1]`` is x; ``a[i]`` is what dense layer i receives; the last is the output.
    caches : tuple
        Every layer's cache, as `Network.backward` takes them.
    """

    z: dict[int, Array]
    a: dict[int, Array]
    caches: tuple[Any, ...]

    @property
    def output(self) -> Array:
        """The a of the last layer: the prediction."""
        return self.a[max(self.a)]

    @classmethod
    def of(cls, architecture: Architecture, caches: tuple[Any, ...]) -> ForwardRecord:
        """From the caches of a pass through all layers."""
        dense = list(_dense(architecture.layers, caches))
        z = {i + 1: cache.z for i, cache in enumerate(dense, 1)}
        a = {i: cache.x for i, cache in enumerate(dense, 1)}
        a[len(dense) + 1] = dense[-1].a
        return cls(z, a, caches)


@dataclass(frozen=True)
class BackwardRecord:
    """What a backward pass computed, by layer number.

    Attributes
    ----------
    J : float
        The loss of the batch, without the penalty.
    penalty : float
        The L1 and L2 terms.
    delta : dict of int to array
        ``delta[i] = dJ/dz[i]``, of shape (n, d_i), for i from 2; a row's share 1/n of J is in it.
    dw, db : dict of int to array
        ``dw[i] = a[i].T @ delta[i+1]`` and ``db[i] = delta[i+1].sum(axis=0)``, each with the penalty's part.
    gradient : array of shape (P,)
        All of them as one vector, in the layout of theta.
    """

    J: float
    penalty: float
    delta: dict[int, Array]
    dw: dict[int, Array]
    db: dict[int, Array]
    gradient: Array

    @classmethod
    def of(
        cls, architecture: Architecture, J: float, penalty: float, gradients: Iterable[LayerGradient], vector: Array
    ) -> BackwardRecord:
        """From the gradients of all layers and the vector that holds them with the penalty's part."""
        deltas = (gradient.delta for gradient in _leaves(gradients) if gradient.delta is not None)
        arrays = {slot.name: slot.view(vector) for slot in architecture.parameters}
        numbers = architecture.dense_layers
        return cls(
            J,
            penalty,
            {i + 1: delta for i, delta in enumerate(deltas, 1)},
            {i: arrays[f"w[{i}]"] for i in numbers},
            {i: arrays[f"b[{i}]"] for i in numbers if f"b[{i}]" in arrays},
            vector,
        )


def _dense(layers: Iterable[Layer], caches: Iterable[Any]) -> Iterator[Any]:
    for layer, cache in zip(layers, caches, strict=True):
        if isinstance(layer, Dense):
            yield cache
        elif layer.inside:
            yield from _dense(layer.inside, cache)


def _leaves(gradients: Iterable[LayerGradient]) -> Iterator[LayerGradient]:
    for gradient in gradients:
        if gradient.inner:
            yield from _leaves(gradient.inner)
        else:
            yield gradient
