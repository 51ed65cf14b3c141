"""An architecture: layers put in their places, and the layout of all their numbers in one vector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.activations import ActivationLike, Identity
from chainrule.functions.arrays import Array
from chainrule.functions.initializers import InitializerLike
from chainrule.network import sequence
from chainrule.network.layer import Arrays, Layer
from chainrule.network.layers import BatchNorm, Dense, Residual
from chainrule.network.layout import ArraySpec, Layout
from chainrule.validation import whole_number

__all__ = ["Architecture", "walk"]

MOST_NETWORKS = 2**31 - 1
"""More are a slip; NumPy has no arrays for them."""


@dataclass(frozen=True)
class Architecture:
    """Layers in their places; make one with `of` or `dense`.

    Attributes
    ----------
    layers : tuple of Layer
        In order; the last is a dense one, the output layer.
    n_in : int
        Number of inputs.
    """

    layers: tuple[Layer, ...]
    n_in: int

    @classmethod
    def of(cls, layers: Iterable[Layer]) -> Architecture:
        """Put layers in their places.

        The number of inputs is that of the first dense layer. A dense layer without activation right before a batch
        norm loses its bias: the norm subtracts it again, so its gradient would be rounding noise.

        Raises
        ------
        InvalidArgument
            If there is no dense layer, the last one is not dense, or two neighbours do not fit.
        InvalidType
            If something is not a layer.
        """
        if not isinstance(layers, Iterable):
            raise InvalidType(f"Give the layers as a list, such as layers=[Dense(64, 10, Softmax)]; got {layers!r}.")
        given = tuple(layers)
        for layer in walk(given):
            if not isinstance(layer, Layer):
                raise InvalidType(f"{layer!r} is not a layer: give instances, such as Dense(64, 15, Relu).")
        for layer in walk(given):
            if not isinstance(layer.label, str):
                raise InvalidType(f"The label of a layer is a string, not {layer.label!r}.")
        if not given or not isinstance(given[-1], Dense):
            raise InvalidArgument("The last layer of a network must be Dense: it gives the outputs.")
        n_in = next(layer.n_in for layer in walk(given) if isinstance(layer, Dense))
        placed = _placed(given, n_in, Counter())
        labels = Counter(layer.label for layer in walk(placed))
        if repeated := [label for label, times in labels.items() if times > 1]:
            raise InvalidArgument(f"The label {repeated[0]!r} is given to more than one layer; each needs its own.")
        return cls(placed, n_in)

    @classmethod
    def given(
        cls,
        dimensions: Sequence[int] | None,
        activations: Sequence[ActivationLike] | None,
        layers: Iterable[Layer] | None,
        initializer: InitializerLike | None,
    ) -> Architecture:
        """From either form: dimensions and activations (with an initializer for all), or layers.

        Raises
        ------
        InvalidArgument, InvalidType
            If both or neither are given, or as in `of` and `dense`.
        """
        if layers is not None:
            if dimensions is not None or activations is not None or initializer is not None:
                raise InvalidArgument(
                    "Give either dimensions and activations or layers; each layer has its own initializer."
                )
            return cls.of(layers)
        if isinstance(dimensions, Sequence) and any(isinstance(each, Layer) for each in dimensions):
            raise InvalidType("Give a list of layers by its name: Network(layers=[...]).")
        if dimensions is None or activations is None:
            raise InvalidArgument(
                "Give dimensions and activations, such as Network((64, 15, 10), (Relu, Softmax)), or layers."
            )
        return cls.dense(dimensions, activations, initializer)

    @classmethod
    def dense(
        cls,
        dimensions: Sequence[int],
        activations: Sequence[ActivationLike],
        initializer: InitializerLike | None = None,
    ) -> Architecture:
        """Dense layers from the post's two arguments: units by layer, and an activation for each layer but the input.

        Raises
        ------
        InvalidArgument, InvalidType
            If there are fewer than two layers, a size is below 1, or the number of activations does not fit.
        """
        if any(isinstance(given, str) or not isinstance(given, Iterable) for given in (dimensions, activations)):
            raise InvalidType(
                "Give dimensions and activations as sequences, such as Network((64, 15, 10), (Relu, Softmax)); "
                f"got {dimensions!r} and {activations!r}."
            )
        sizes = [whole_number(f"The dimension of layer {i}", d, minimum=1) for i, d in enumerate(dimensions, 1)]
        functions = tuple(activations)
        if len(sizes) < 2:
            raise InvalidArgument(
                f"A network needs at least an input and an output layer; dimensions is {dimensions!r}."
            )
        if len(functions) != len(sizes) - 1:
            raise InvalidArgument(
                f"{len(sizes)} dimensions {tuple(sizes)} need {len(sizes) - 1} activations, one for each layer after "
                f"the input; got {len(functions)}: ({', '.join(_called(f) for f in functions)})."
            )
        pairs = zip(sizes[:-1], sizes[1:], functions, strict=True)
        return cls.of(Dense(n_in, n_out, f, initializer) for n_in, n_out, f in pairs)

    @cached_property
    def dense_layers(self) -> dict[int, Dense]:
        """The dense layers by their number: layer i leads from layer i to layer i + 1 of the post, depth first."""
        return dict(enumerate((layer for layer in walk(self.layers) if isinstance(layer, Dense)), 1))

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Units by layer, the input first, counting dense layers alone."""
        return self.n_in, *(layer.n_out for layer in self.dense_layers.values())

    @property
    def output_layer(self) -> Dense:
        """The last layer."""
        last = self.layers[-1]
        assert isinstance(last, Dense)
        return last

    @property
    def n_out(self) -> int:
        """Number of outputs."""
        return self.output_layer.n_out

    @cached_property
    def parameters(self) -> Layout:
        """The layout of theta: ``w[i]`` and ``b[i]`` of the dense layers, ``label.name`` of the others."""
        return Layout.of(self._named(lambda layer: layer.parameters()))

    @cached_property
    def statistics(self) -> Layout:
        """The layout of the state, named ``label.name``."""
        return Layout.of(self._named(lambda layer: layer.statistics()))

    def _named(self, specs: Callable[[Layer], Iterable[ArraySpec]]) -> Iterator[tuple[str, ArraySpec]]:
        number = 0
        for layer in walk(self.layers):
            number += isinstance(layer, Dense)
            if layer.inside:
                continue  # its arrays are those of the layers inside, which come next
            for spec in specs(layer):
                yield (f"{spec.name}[{number}]" if isinstance(layer, Dense) else f"{layer.label}.{spec.name}"), spec

    @cached_property
    def couples_rows(self) -> bool:
        """Whether, in training, the rows of a batch influence each other."""
        return any(layer.couples_rows for layer in walk(self.layers))

    @cached_property
    def draws(self) -> bool:
        """Whether, in training, a pass takes random numbers, of which the rows of a batch get theirs together."""
        return any(layer.draws for layer in walk(self.layers))

    def start(
        self, rng: np.random.Generator, dtype: np.dtype[np.floating], n_networks: int | None = None
    ) -> tuple[Array, Array]:
        """Starting parameters and statistics, of shape (P,) and (S,), or (K, P) and (K, S) for K networks.

        The first of K networks starts as a single one does.

        Raises
        ------
        InvalidArgument, InvalidType
            If the number of networks is no whole number of at least 1, or a starting number is too large.
        """
        if n_networks is None:
            return self.initial_theta(rng, dtype), self.initial_state(dtype)
        k = whole_number("n_members", n_networks, minimum=1, maximum=MOST_NETWORKS)
        first = self.initial_theta(rng, dtype)
        theta = np.empty((k, len(first)), dtype)  # refused at once where they do not fit into memory
        theta[0] = first
        for each in theta[1:]:
            each[:] = self.initial_theta(rng, dtype)
        return theta, np.tile(self.initial_state(dtype), (k, 1))

    def initial_theta(self, rng: np.random.Generator, dtype: np.dtype[np.floating]) -> Array:
        """Starting parameters, of shape (P,)."""
        return _joined((array for layer in self.layers for array in layer.initial(rng)), dtype)

    def initial_state(self, dtype: np.dtype[np.floating]) -> Array:
        """Starting statistics, of shape (S,)."""
        return _joined((array for layer in self.layers for array in layer.initial_statistics()), dtype)

    def bind_parameters(self, theta: Array) -> tuple[Arrays, ...]:
        """Each layer's parameters as views of `theta` (..., P), or its gradients of a gradient."""
        return sequence.split(self.parameters.views(theta), self._counts[0])

    def bind_statistics(self, state: Array) -> tuple[Arrays, ...]:
        """Each layer's statistics as views of `state` (..., S)."""
        return sequence.split(self.statistics.views(state), self._counts[1])

    @cached_property
    def _counts(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """How many trained arrays each layer has, and how many statistics."""
        return tuple(len(each.parameters()) for each in self.layers), tuple(
            len(each.statistics()) for each in self.layers
        )


def walk(layers: Iterable[Layer]) -> Iterator[Layer]:
    """Every layer, depth first: a layer before those inside it."""
    for layer in layers:
        yield layer
        yield from walk(getattr(layer, "inside", ()))  # what is no layer is refused by Architecture.of


def _placed(layers: Sequence[Layer], n_in: int, counts: Counter[str]) -> tuple[Layer, ...]:
    placed: list[Layer] = []
    for layer, following in zip(layers, (*layers[1:], None), strict=True):
        counts[layer.name] += 1
        label = f"{layer.name}_{counts[layer.name]}"
        if isinstance(layer, Residual):
            layer = replace(layer, layers=_placed(layer.layers, n_in, counts))
        if isinstance(layer, Dense) and isinstance(following, BatchNorm) and layer.activation == Identity():
            layer = replace(layer, bias=False)
        layer = layer.placed(n_in, label)
        n_in = layer.n_outputs(n_in)
        placed.append(layer)
    return tuple(placed)


def _joined(arrays: Iterable[Array], dtype: np.dtype[np.floating]) -> Array:
    numbers = np.concatenate([np.empty(0), *(array.ravel() for array in arrays)])
    with np.errstate(over="ignore"):
        joined: Array = numbers.astype(dtype)
    if not np.isfinite(joined).all():
        raise InvalidArgument(
            f"A number that the network is to start from is too large for {dtype}: give the initializer smaller ones."
        )
    return joined


def _called(function: ActivationLike) -> str:
    return function if isinstance(function, str) else getattr(function, "__name__", str(function))
