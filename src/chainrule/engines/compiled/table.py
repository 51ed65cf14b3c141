"""From an architecture to the table of layers that drives the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engines.compiled import layer_passes
from chainrule.engines.compiled.aligned_arrays import aligned_zeros
from chainrule.engines.compiled.kernels import activation_kernels, gradient_kernel, layer_kernel
from chainrule.engines.compiled.records import LAYER
from chainrule.functions.activations import Identity, Softmax
from chainrule.functions.activations.activation import Activation
from chainrule.functions.arrays import Array
from chainrule.network.architecture import Architecture, walk
from chainrule.network.layer import Layer
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual

__all__ = ["LARGEST_TRANSPOSED", "LayerTable"]

LARGEST_TRANSPOSED = 4096
"""Weights up to which they are transposed for delta @ w.T, whose product then goes by tiles; above, BLAS takes it."""

LARGEST_RIGHT_FACTOR = 131072
"""Numbers of a right factor up to which tiles are as fast as BLAS, which copies it into an order of its own first."""


@dataclass
class _Flow:
    """What runs through the layers while the table is made: the buffers of the layer before, and their width."""

    output: int
    d_output: int
    width: int


class LayerTable:
    """The records of a network's layers, with buffers for so many rows.

    Attributes
    ----------
    records : array of LAYER
        One for each layer, two for a residual connection.
    x : array of shape (n_rows, n_in)
        The buffer from which the first layer takes its rows.
    """

    def __init__(
        self,
        architecture: Architecture,
        number_type: type,
        n_rows: int,
        *,
        delta_is_given: bool = False,
        training: bool = True,
    ) -> None:
        self.number_type, self.n_rows, self.training = number_type, n_rows, training
        self.kept: list[Array] = []  # the records have addresses alone
        self._parameters = iter(architecture.parameters)
        self._statistics = iter(architecture.statistics)
        self._dropped_units = 0
        self.x = self._buffer(architecture.n_in)
        self.records = np.zeros(sum(2 if layer.inside else 1 for layer in walk(architecture.layers)), LAYER)
        self._next = iter(self.records)
        self._add(architecture.layers, _Flow(self.x.ctypes.data, 0, architecture.n_in))
        self.records[-1]["delta_is_given"] = delta_is_given
        first = self.records.ctypes.data
        self.records["address"] = first + np.arange(len(self.records)) * LAYER.itemsize

    @property
    def units_drawn(self) -> int:
        """Units of a row for which dropout draws a number."""
        return self._dropped_units

    @property
    def uses_blas(self) -> bool:
        """Whether any product is large enough for BLAS."""
        return any(self.records[f"{way}_by_blas"].any() for way in ("forward", "backward", "gradient"))

    def _buffer(self, width: int, n_rows: int | None = None) -> Array:
        array = aligned_zeros((self.n_rows if n_rows is None else n_rows, width), self.number_type)
        self.kept.append(array)
        return array

    def _address(self, width: int, n_rows: int | None = None) -> int:
        return self._buffer(width, n_rows).ctypes.data

    def _add(self, layers: Iterable[Layer], flow: _Flow) -> _Flow:
        for layer in layers:
            flow = self._residual(layer, flow) if isinstance(layer, Residual) else self._layer(layer, flow)
        return flow

    def _layer(self, layer: Layer, flow: _Flow) -> _Flow:
        record: Any = next(self._next)
        width = layer.n_outputs(flow.width)
        record["n_in"], record["n_out"] = flow.width, width
        record["input"], record["d_input"] = flow.output, flow.d_output
        record["output"], record["d_output"] = self._address(width), self._address(width)
        FILL[type(layer)](self, record, layer)
        return _Flow(int(record["output"]), int(record["d_output"]), width)

    def _residual(self, layer: Residual, flow: _Flow) -> _Flow:
        start: Any = next(self._next)
        start["n_in"] = start["n_out"] = flow.width
        start["input"] = start["output"] = flow.output
        start["d_input"] = flow.d_output
        start["d_output"] = self._address(flow.width) if flow.d_output else 0
        inside = self._add(layer.layers, _Flow(flow.output, int(start["d_output"]), flow.width))
        end: Any = next(self._next)
        end["n_in"] = end["n_out"] = flow.width
        end["input"], end["other_input"], end["d_input"] = inside.output, flow.output, inside.d_output
        end["output"], end["d_output"] = self._address(flow.width), self._address(flow.width)
        end["forward"] = self._kernel(layer_passes.residual_end_forward)
        end["backward"] = self._kernel(layer_passes.residual_end_backward) if inside.d_output else 0
        start["other_d_output"] = end["d_output"]
        start["backward"] = self._kernel(layer_passes.residual_start_backward) if flow.d_output else 0
        return _Flow(int(end["output"]), int(end["d_output"]), flow.width)

    def _kernel(self, layer_pass: Callable[..., None]) -> int:
        return layer_kernel(layer_pass, self.number_type)

    def dense(self, record: Any, layer: Dense) -> None:
        """Fill in what a dense layer has."""
        n_in, n_out = layer.n_in, layer.n_out
        record["w"] = next(self._parameters).start
        record["b"] = next(self._parameters).start if layer.bias else -1
        record["n_units"], record["unit_size"] = n_in, n_out
        record["z"] = record["output"]
        if layer.activation != Identity():
            record["z"] = self._address(n_out)
            record["f"], record["f_backward"] = activation_kernels(layer.activation, self.number_type)
            record["settings"] = self._settings(layer.activation)
        record["forward_by_blas"] = n_in * n_out > LARGEST_RIGHT_FACTOR
        record["backward_by_blas"] = n_in * n_out > LARGEST_TRANSPOSED
        record["gradient_by_blas"] = self.n_rows * n_out > LARGEST_RIGHT_FACTOR // 2
        record["forward"] = self._kernel(layer_passes.dense_forward)
        record["backward"] = self._kernel(layer_passes.dense_backward)
        record["gradient"] = gradient_kernel(layer_passes.dense_gradient, self.number_type)

    def _settings(self, activation: Activation) -> int:
        values = () if isinstance(activation, Softmax) else activation.settings  # type: ignore[attr-defined]
        array: Array = np.array([*values, 0.0])  # never empty, so that it has an address
        self.kept.append(array)
        return array.ctypes.data

    def dropout(self, record: Any, layer: Dropout) -> None:
        """Fill in what dropout has."""
        record["rate"] = layer.rate
        record["units_before"] = self._dropped_units
        if layer.rate > 0:
            self._dropped_units += int(record["n_in"])
        record["forward"] = self._kernel(layer_passes.dropout_forward)
        record["backward"] = self._kernel(layer_passes.dropout_backward) if record["d_input"] else 0

    def batch_norm(self, record: Any, layer: BatchNorm) -> None:
        """Fill in what a batch norm has."""
        self._norm(record, layer)
        record["momentum"], record["state"] = layer.momentum, next(self._statistics).start
        next(self._statistics)  # the variance, which stands behind the mean
        record["mean"], record["variance"] = self._address(layer.n_units, 1), self._address(layer.n_units, 1)
        record["inverse_deviation"] = self._address(layer.n_units, 1)
        forward = layer_passes.batch_norm_forward if self.training else layer_passes.batch_norm_predict
        record["forward"] = self._kernel(forward)
        record["backward"] = self._kernel(layer_passes.batch_norm_backward) if record["d_input"] else 0

    def layer_norm(self, record: Any, layer: LayerNorm) -> None:
        """Fill in what a layer norm has."""
        self._norm(record, layer)
        record["inverse_deviation"] = self._address(1)
        record["forward"] = self._kernel(layer_passes.layer_norm_forward)
        record["backward"] = self._kernel(layer_passes.layer_norm_backward) if record["d_input"] else 0

    def _norm(self, record: Any, layer: BatchNorm | LayerNorm) -> None:
        record["w"], record["b"], record["b_by_units"] = *(next(self._parameters).start for _ in range(2)), True
        record["n_units"], record["unit_size"] = layer.n_units, 1
        record["epsilon"], record["normalised"] = layer.epsilon, self._address(layer.n_units)
        record["gradient"] = gradient_kernel(layer_passes.norm_gradient, self.number_type)


FILL: dict[type[Layer], Callable[..., None]] = {
    Dense: LayerTable.dense,
    Dropout: LayerTable.dropout,
    BatchNorm: LayerTable.batch_norm,
    LayerNorm: LayerTable.layer_norm,
}
"""What fills in the record of each kind of layer."""
