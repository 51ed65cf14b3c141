"""The contract of a layer.

A layer is a frozen description. Its numbers (parameters, running statistics) are handed in, its intermediate results
come back as a cache, and it writes to nothing but the buffers that it is given to write to. So one description
serves prediction, training, several networks at once and any thread, and a trace sees everything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypeVar

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.layout import ArraySpec
from chainrule.network.workspace import Workspace

__all__ = ["Arrays", "Layer", "LayerGradient", "Mode", "Randomness", "uniform"]

Arrays: TypeAlias = tuple[Array, ...]

Randomness: TypeAlias = "np.random.Generator | tuple[np.random.Generator, ...]"
"""A stream of random numbers that K networks share, or K streams, one for each."""

L = TypeVar("L", bound="Layer")


class Mode(NamedTuple):
    """How a pass through a network is made.

    Attributes
    ----------
    training : bool
        Use the statistics of the batch (True) or the running ones (False).
    rng : Randomness or None
        Where random masks come from; None for no randomness.
    weights : array of shape (n,), or (K, n), or None
        The rows' weights, for layers that take a mean over rows; None for equal ones.
    dropout_factor : float, or array of shape (K, 1, 1)
        Factor on every dropout rate, which a schedule may change from step to step.
    workspace : Workspace or None
        Buffers to reuse from pass to pass; None to allocate.
    """

    training: bool = False
    rng: Randomness | None = None
    weights: Array | None = None
    dropout_factor: Array | float = 1.0
    workspace: Workspace | None = None


class LayerGradient(NamedTuple):
    """What a layer's `backward` finds.

    Attributes
    ----------
    input : array or None
        dJ/d(input of the layer); None where it was not asked for.
    parameters : tuple of array
        dJ/d(parameter), in the order of `Layer.parameters`.
    delta : array or None
        dJ/dz, of layers that have a z.
    inner : tuple of LayerGradient
        Those of the layers inside, in their order.
    """

    input: Array | None
    parameters: Arrays
    delta: Array | None = None
    inner: tuple[LayerGradient, ...] = ()


@dataclass(frozen=True)
class Layer(ABC):
    """What every layer has.

    Attributes
    ----------
    name : str
        Name of the kind of layer in settings and files.
    couples_rows : bool
        Whether, in training, a row's output depends on the other rows of its batch, which then has at least 2 rows.
    draws : bool
        Whether a training pass takes random numbers.
    tier : int
        1: works everywhere; 2: in the NumPy engine only.
    label : str
        Name of this layer within its network, such as ``"dropout_1"``; given by the network where it is empty.
    """

    name: ClassVar[str]
    couples_rows: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    tier: ClassVar[int] = 1
    label: str = field(default="", kw_only=True)

    @property
    def inside(self) -> tuple[Layer, ...]:
        """The layers inside this one, in order."""
        return ()

    @abstractmethod
    def placed(self: L, n_in: int, label: str) -> L:
        """The layer behind one of `n_in` outputs, with its sizes and label filled in.

        Raises
        ------
        InvalidArgument
            If it does not fit there.
        """

    @abstractmethod
    def n_outputs(self, n_in: int) -> int:
        """The number of outputs for `n_in` inputs."""

    def parameters(self) -> tuple[ArraySpec, ...]:
        """The trained arrays that the layer asks for."""
        return ()

    def initial(self, rng: np.random.Generator) -> Arrays:
        """Starting values of `parameters`, in float64."""
        return ()

    def statistics(self) -> tuple[ArraySpec, ...]:
        """The arrays that training keeps up without a gradient, such as running means."""
        return ()

    def initial_statistics(self) -> Arrays:
        """Starting values of `statistics`, in float64."""
        return ()

    @abstractmethod
    def forward(self, parameters: Arrays, state: Arrays, x: Array, mode: Mode) -> tuple[Array, Any]:
        """The outputs for inputs `x` of shape (..., n, n_in), and a cache of what `backward` needs."""

    @abstractmethod
    def backward(
        self, parameters: Arrays, cache: Any, d_output: Array, out: Arrays | None = None, *, need_input: bool = True
    ) -> LayerGradient:
        """The chain rule through this layer.

        Parameters
        ----------
        parameters : tuple of array
            Those given to `forward`.
        cache
            That which `forward` returned.
        d_output : array of shape (..., n, n_out)
            dJ/d(output).
        out : tuple of array, optional
            Where to write the gradients of the parameters; new arrays by default.
        need_input : bool
            Whether dJ/d(input) is wanted; the first layer of a network can save that product.
        """

    def updated_statistics(self, state: Arrays, cache: Any) -> Arrays:
        """The statistics after a training step with this `cache`, as new arrays."""
        return ()


def uniform(rng: Randomness, shape: tuple[int, ...]) -> Array:
    """Numbers in [0, 1) in float32, so that float32 and float64 networks draw the same masks.

    From one stream they have the last two axes of `shape` and are shared by all networks; from K streams they have
    the shape (K, n, d), each network's numbers from its own stream.
    """
    rows = shape[-2:]
    if isinstance(rng, np.random.Generator):
        return rng.random(rows, dtype=np.float32)
    return np.stack([stream.random(rows, dtype=np.float32) for stream in rng])
