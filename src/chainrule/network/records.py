"""Records of a forward and a backward pass, in the post's notation and numbering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.architecture import Architecture
from chainrule.network.layer import Layer, LayerGradient
from chainrule.network.objective import BatchGradient

__all__ = ["BackwardRecord", "ForwardRecord"]


@dataclass(frozen=True, repr=False)
class ForwardRecord:
    """What a forward pass computed, by layer number.

    Attributes
    ----------
    z : dict of int to array
        ``z[i + 1] = a[i] @ w[i] + b[i]``, of shape (n, d_{i+1}).
    a : dict of int to array
        ``a[1]`` is x; ``a[i]`` is what dense layer i receives; the last is the output.
    caches : dict of str to object
        What each layer keeps for its `backward`, by the layer's label, such as ``"batch_norm_1"``.
    """

    z: dict[int, Array]
    a: dict[int, Array]
    caches: dict[str, Any]

    def __repr__(self) -> str:
        n, k = self.output.shape[-2:]
        return f"<ForwardRecord of {n} rows: z[2] to z[{max(self.z)}], a[1] to a[{max(self.a)}] of {k} outputs>"

    @property
    def output(self) -> Array:
        """The a of the last layer: the prediction."""
        return self.a[max(self.a)]

    @classmethod
    def of(cls, architecture: Architecture, caches: tuple[Any, ...]) -> ForwardRecord:
        """From the caches of a pass through all layers."""
        by_label = dict(_labelled(architecture.layers, caches))
        dense = {i: by_label[layer.label] for i, layer in architecture.dense_layers.items()}
        z = {i + 1: cache.z for i, cache in dense.items()}
        a = {i: cache.x for i, cache in dense.items()}
        a[len(dense) + 1] = dense[len(dense)].a
        return cls(z, a, by_label)


@dataclass(frozen=True, repr=False)
class BackwardRecord:
    """What a backward pass computed, by layer number.

    Attributes
    ----------
    J : float
        The loss of the batch, without the penalty; of an ensemble of K members, an array of K.
    penalty : float
        The L1 and L2 terms; of an ensemble likewise.
    delta : dict of int to array
        ``delta[i] = dJ/dz[i]``, of shape (n, d_i), for i from 2; a row's share 1/n of J is in it.
    dw, db : dict of int to array
        ``dw[i] = a[i].T @ delta[i+1]`` and ``db[i] = delta[i+1].sum(axis=0)``, each with the penalty's part.
    gradients : dict of str to array
        The gradient of every trained array by name: ``w[1]``, ``b[1]``, ``batch_norm_1.scale``, ...
    gradient : array of shape (P,)
        All of them as one vector, in the layout of theta.
    forward : ForwardRecord
        The forward pass that it belongs to.
    """

    J: Any
    penalty: Any
    delta: dict[int, Array]
    dw: dict[int, Array]
    db: dict[int, Array]
    gradients: dict[str, Array]
    gradient: Array
    forward: ForwardRecord

    def __repr__(self) -> str:
        last = max(self.delta)
        arrays = f"delta[2] to delta[{last}], dw[1] to dw[{last - 1}], db, gradients, gradient, forward"
        J, penalty = (" ".join(f"{each:.6g}" for each in np.ravel(value)) for value in (self.J, self.penalty))
        return f"<BackwardRecord: J {J}, penalty {penalty}; {arrays}>"

    @classmethod
    def of(cls, architecture: Architecture, found: BatchGradient, penalty: Array, vector: Array) -> BackwardRecord:
        """From what backpropagation found and the vector that holds the gradient with the penalty's part."""
        deltas = (gradient.delta for gradient in _leaves(found.gradients) if gradient.delta is not None)
        arrays = {slot.name: slot.view(vector) for slot in architecture.parameters}
        numbers = architecture.dense_layers
        return cls(
            _number(found.J),
            _number(penalty),
            {i + 1: delta for i, delta in enumerate(deltas, 1)},
            {i: arrays[f"w[{i}]"] for i in numbers},
            {i: arrays[f"b[{i}]"] for i in numbers if f"b[{i}]" in arrays},
            arrays,
            vector,
            ForwardRecord.of(architecture, found.caches),
        )


def _number(value: Array) -> Any:
    """A float of one network, the array of K networks."""
    return float(value) if np.ndim(value) == 0 else value


def _labelled(layers: Iterable[Layer], caches: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for layer, cache in zip(layers, caches, strict=True):
        yield layer.label, cache
        if layer.inside:
            yield from _labelled(layer.inside, cache)


def _leaves(gradients: Iterable[LayerGradient]) -> Iterator[LayerGradient]:
    for gradient in gradients:
        if gradient.inner:
            yield from _leaves(gradient.inner)
        else:
            yield gradient
