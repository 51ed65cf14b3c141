"""From an estimator's parameters to the layers of its network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import ACTIVATIONS, Activation
from chainrule.functions.initializers import INITIALIZERS, InitializerLike
from chainrule.network.layer import Layer
from chainrule.network.layers import BatchNorm, Dense, Dropout

__all__ = ["ACTIVATION_NAMES", "INITIALIZER_NAMES", "OUTPUT_NAMES", "hidden_sizes", "layers_of"]

OTHER_NAMES = {"logistic": "sigmoid"}
"""Activations that scikit-learn calls otherwise."""

SCIKIT_LEARN_ACTIVATIONS = frozenset({"identity", "sigmoid", "tanh", "relu", "softmax", "exponential"})
"""Those of its hidden layers and of its outputs."""

ACTIVATION_NAMES = frozenset({*ACTIVATIONS.names, *OTHER_NAMES})
"""Every name that the parameter `activation` takes."""

INITIALIZER_NAMES = frozenset({"auto", *INITIALIZERS.names} - {"constant", "given"})
"""Every name that the parameter `initializer` takes; the others need numbers."""

OUTPUT_NAMES = {"sigmoid": "logistic", "exponential": "exp"}
"""What scikit-learn calls output activations, where chainrule calls them otherwise."""


def hidden_sizes(hidden_layer_sizes: Any, n_layers: int | None, width: int | None) -> tuple[int, ...]:
    """Units of each hidden layer.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        A single number is one hidden layer.
    n_layers, width : int or None
        Number of hidden layers and units of each, in place of `hidden_layer_sizes`; where one of them is left out, it
        is taken from there, the width from its first.

    Raises
    ------
    InvalidArgument
        If a size is no whole number above 0, or `n_layers` is given without a width.
    """
    several = isinstance(hidden_layer_sizes, Iterable) and getattr(hidden_layer_sizes, "ndim", 1) > 0
    sizes = tuple(hidden_layer_sizes) if several else (hidden_layer_sizes,)
    if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
        raise InvalidArgument(f"hidden_layer_sizes must be > 0, got {list(sizes)}: give whole numbers, or () for none.")
    if n_layers is None and width is None:
        return tuple(int(size) for size in sizes)
    depth = len(sizes) if n_layers is None else int(n_layers)
    if depth and width is None and not sizes:
        raise InvalidArgument(
            f"n_layers={n_layers} says how many hidden layers, and nothing how wide: give width, too."
        )
    return (int(sizes[0] if width is None else width),) * depth if depth else ()


def layers_of(
    n_in: int,
    hidden: Sequence[int],
    n_out: int,
    *,
    activation: Any,
    output: str,
    initializer: Any,
    dropout: Any,
    batch_norm: bool,
) -> list[Layer]:
    """A dense layer for each hidden size, each with a batch norm and dropout behind it where wanted, and the output.

    Parameters
    ----------
    n_in, n_out : int
        Inputs and outputs.
    hidden : sequence of int
        Units of each hidden layer.
    activation : str, Activation, type, or a list of them
        For all hidden layers, or one for each.
    output : str
        Name of the output activation.
    initializer : InitializerLike or "auto"
        How the weights start; by ``"auto"`` as scikit-learn's where it has such an activation, which is by Glorot and
        Bengio's uniform rule, and as it fits the activation where it has not.
    dropout : float or list of float
        Rate behind all hidden layers, or behind each.
    batch_norm : bool
        Whether there are batch norms.

    Raises
    ------
    InvalidArgument
        If a list has not one entry for each hidden layer, or an entry is none.
    """
    activations = [_resolved(each) for each in _for_each(hidden, "activation", activation, str | Activation | type)]
    rates = _for_each(hidden, "dropout", dropout, Real)
    layers: list[Layer] = []
    for size, function, rate in zip(hidden, activations, rates, strict=True):
        layers.append(Dense(n_in, size, function, _start(initializer, function)))
        layers += [BatchNorm()] if batch_norm else []
        layers += [Dropout(rate)] if rate != 0 else []
        n_in = size
    function = ACTIVATIONS[output]()
    return [*layers, Dense(n_in, n_out, function, _start(initializer, function))]


def _start(initializer: Any, function: Activation) -> InitializerLike | None:
    if not isinstance(initializer, str) or initializer != "auto":
        return initializer  # type: ignore[no-any-return]
    return "xavier_uniform" if function.name in SCIKIT_LEARN_ACTIVATIONS else None


def _resolved(given: Any) -> Activation:
    name = OTHER_NAMES.get(given, given) if isinstance(given, str) else given
    return ACTIVATIONS.resolve(name)


def _for_each(hidden: Sequence[int], name: str, given: Any, single: Any) -> list[Any]:
    """One value for each hidden layer."""
    if isinstance(given, single):
        return [given] * len(hidden)
    if len(given) != len(hidden):
        raise InvalidArgument(
            f"{name} has {len(given)} entries and there are {len(hidden)} hidden layers: give one for each, or one "
            "for all."
        )
    return list(given)
