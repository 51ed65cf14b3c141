"""The dense layer: every output unit is connected to every input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import ACTIVATIONS, Activation, ActivationLike, Identity
from chainrule.functions.arrays import Array
from chainrule.functions.cache_blocks import LARGE_BYTES, written_in_blocks
from chainrule.functions.initializers import Constant, Initializer, InitializerLike, resolved_initializer
from chainrule.functions.sums import sum_over_rows
from chainrule.network.layer import Arrays, Layer, LayerGradient, Mode
from chainrule.network.layout import ArraySpec
from chainrule.network.workspace import Workspace
from chainrule.validation import whole_number

__all__ = ["Dense", "DenseCache"]


ZERO = Constant(0.0)

MOST_UNITS = 2**31 - 1
"""More are a slip; NumPy has no arrays for them."""


class DenseCache(NamedTuple):
    """The input of a dense layer, its z and its a; the workspace, where the pass has one."""

    x: Array
    z: Array
    a: Array
    workspace: Workspace | None = None


@dataclass(frozen=True)
class Dense(Layer):
    r"""z = x @ w + b, a = f(z).

    Backwards, with delta = dJ/dz (the post's section 2.5):
    delta = dJ/da * f'(z), dw = x.T @ delta, db = sum over the rows of delta, dJ/dx = delta @ w.T.

    Parameters
    ----------
    n_in, n_out : int
        Numbers of inputs and of outputs.
    activation : ActivationLike
        f; the identity by default.
    initializer : InitializerLike, optional
        How the weights start; by default, what fits the activation (He for ReLU and its like, LeCun for SELU, else
        Xavier). An array is taken as it is.
    bias : bool
        Whether there is a b.
    bias_initializer : InitializerLike
        How the biases start; at 0 by default.
    label : str
        Name within the network; ``"dense_1"`` and so on by default.

    Raises
    ------
    InvalidArgument
        For sizes below 1, unknown names and arrays of another shape.
    """

    name = "dense"

    n_in: int
    n_out: int
    activation: Activation
    initializer: Initializer
    bias: bool
    bias_initializer: Initializer

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: ActivationLike = Identity,
        initializer: InitializerLike | None = None,
        bias: bool = True,
        *,
        bias_initializer: InitializerLike = ZERO,
        label: str = "",
    ) -> None:
        f = ACTIVATIONS.resolve(activation)
        settings = {
            "n_in": whole_number("The number of inputs of a dense layer", n_in, minimum=1, maximum=MOST_UNITS),
            "n_out": whole_number("The number of outputs of a dense layer", n_out, minimum=1, maximum=MOST_UNITS),
            "activation": f,
            "initializer": resolved_initializer(f.default_initializer if initializer is None else initializer),
            "bias": bool(bias),
            "bias_initializer": resolved_initializer(bias_initializer),
            "label": label,
        }
        for field, value in settings.items():
            object.__setattr__(self, field, value)  # the fields are frozen for everybody else
        self.initializer.check_shape("weights", (self.n_in, self.n_out))
        self.bias_initializer.check_shape("biases", (self.n_out,))

    def placed(self, n_in: int, label: str) -> Dense:
        if n_in != self.n_in:
            raise InvalidArgument(
                f"{label} takes {self.n_in} inputs, but what comes before it has {n_in} outputs: the two must be equal."
            )
        return replace(self, label=self.label or label)

    def n_outputs(self, n_in: int) -> int:
        return self.n_out

    def parameters(self) -> tuple[ArraySpec, ...]:
        w = ArraySpec("w", (self.n_in, self.n_out), "weight")
        return (w, ArraySpec("b", (self.n_out,), "bias")) if self.bias else (w,)

    def initial(self, rng: np.random.Generator) -> Arrays:
        sizes = self.n_in, self.n_out
        w = self.initializer.draw(rng, sizes, *sizes)
        return (w, self.bias_initializer.draw(rng, (self.n_out,), *sizes)) if self.bias else (w,)

    def forward(self, parameters: Arrays, state: Arrays, x: Array, mode: Mode) -> tuple[Array, DenseCache]:
        w, workspace = parameters[0], mode.workspace
        z = x @ w if workspace is None else np.matmul(x, w, out=self._buffer(workspace, "z", x, w))
        if self.bias:
            z += parameters[1][..., np.newaxis, :]
        a = self._of_rows(self.activation.f, workspace, "a", z)
        return a, DenseCache(x, z, a, workspace)

    def backward(
        self,
        parameters: Arrays,
        cache: DenseCache,
        d_output: Array,
        out: Arrays | None = None,
        *,
        need_input: bool = True,
    ) -> LayerGradient:
        delta = self._of_rows(self.activation.backward, cache.workspace, "delta", d_output, cache.z, cache.a)
        return self.backward_from_delta(parameters, cache, delta, out, need_input=need_input)

    def backward_from_delta(
        self, parameters: Arrays, cache: DenseCache, delta: Array, out: Arrays | None = None, *, need_input: bool = True
    ) -> LayerGradient:
        """`backward` from delta = dJ/dz on: where the output layer starts, since a loss gives its delta whole."""
        dw_out, db_out = (None, None) if out is None else (*out, None)[:2]
        gradients: Arrays = (np.matmul(cache.x.mT, delta, out=dw_out),)
        if self.bias:
            gradients += (sum_over_rows(delta, db_out),)
        d_input = None
        if need_input:
            w_transposed = parameters[0].mT
            d_input = np.matmul(delta, w_transposed, out=self._buffer(cache.workspace, "d_input", delta, w_transposed))
        return LayerGradient(d_input, gradients, delta)

    def _buffer(self, workspace: Workspace | None, name: str, x: Array, w: Array) -> Array | None:
        """Where the product x @ w goes."""
        if workspace is None:
            return None
        leading = w.shape[:-2] or x.shape[:-2]
        return workspace.array(f"{self.label}.{name}", (*leading, x.shape[-2], w.shape[-1]), w.dtype)

    def _of_rows(
        self, function: Callable[..., Array], workspace: Workspace | None, name: str, first: Array, *others: Array
    ) -> Array:
        """``function(first, *others)``; with a workspace, where they are large, written to a buffer block by block."""
        if workspace is None or first.nbytes < LARGE_BYTES:
            return function(first, *others)
        out = workspace.array(f"{self.label}.{name}", first.shape, first.dtype)
        return written_in_blocks(function, out, first, *others)
