"""An architecture with its numbers: theta, the state, and the arrays in them by number and by name."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array
from chainrule.network.architecture import Architecture
from chainrule.network.parameter_views import ParameterViews, assign
from chainrule.validation import float_type

__all__ = ["ParameterVector"]


class ParameterVector:
    """Only the vectors are stored; every array is a view that is made when it is asked for.

    So a copy, a pickle or a change of dtype needs to carry the vectors alone, and no view is ever left behind.

    Parameters
    ----------
    architecture : Architecture
        The layers in their places.
    theta, state : array of shape (P,) and (S,)
        Its numbers, kept as they are given.
    """

    def __init__(self, architecture: Architecture, theta: Array, state: Array) -> None:
        self.architecture, self._theta, self._state = architecture, theta, state

    @property
    def theta(self) -> Array:
        """All parameters as one vector, of shape (P,). Assigning to it copies numbers in."""
        return self._theta

    @theta.setter
    def theta(self, values: Any) -> None:
        assign("theta", self._theta, values)

    @property
    def state(self) -> Array:
        """The layers' running statistics as one vector, of shape (S,). Assigning to it copies numbers in."""
        return self._state

    @state.setter
    def state(self, values: Any) -> None:
        assign("state", self._state, values)

    @property
    def w(self) -> ParameterViews[int]:
        """Weights by layer number: ``w[i]`` of shape (d_i, d_{i+1})."""
        return self._numbered("w")

    @w.setter
    def w(self, arrays: Mapping[int, Any]) -> None:
        self.w.update_all(arrays)

    @property
    def b(self) -> ParameterViews[int]:
        """Biases by layer number: ``b[i]`` of shape (d_{i+1},)."""
        return self._numbered("b")

    @b.setter
    def b(self, arrays: Mapping[int, Any]) -> None:
        self.b.update_all(arrays)

    @property
    def parameters(self) -> ParameterViews[str]:
        """Every trained array by name: ``w[1]``, ``b[1]``, ``batch_norm_1.scale``, ..."""
        layout = self.architecture.parameters
        return ParameterViews(layout, lambda: self._theta, {slot.name: slot.name for slot in layout})

    def _numbered(self, letter: str) -> ParameterViews[int]:
        layout = self.architecture.parameters
        names = {i: f"{letter}[{i}]" for i in self.architecture.dense_layers}
        present = {i: name for i, name in names.items() if name in layout}
        return ParameterViews(layout, lambda: self._theta, present)

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Units by layer, the input first, counting dense layers alone."""
        return self.architecture.dimensions

    @property
    def n_layers(self) -> int:
        """Number of layers, the input counted."""
        return len(self.dimensions)

    @property
    def activations(self) -> dict[int, Activation]:
        """The activation of each layer, by number from 2."""
        return {i + 1: layer.activation for i, layer in self.architecture.dense_layers.items()}

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """What it computes in."""
        dtype: np.dtype[np.floating] = self._theta.dtype
        return dtype

    def check_finite(self) -> None:
        """Make sure that every number is finite.

        Raises
        ------
        InvalidArgument
            With the array and the place of the first that is not.
        """
        pairs = ((self.architecture.parameters, self._theta), (self.architecture.statistics, self._state))
        for slot, vector in ((slot, vector) for layout, vector in pairs for slot in layout):
            bad = np.argwhere(~np.isfinite(slot.view(vector)))
            if len(bad):
                place = ", ".join(str(int(i)) for i in bad[0])
                raise InvalidArgument(f"{slot.name}[{place}] is not finite: give the network finite numbers first.")

    def astype(self, dtype: DTypeLike) -> Self:
        """A copy that computes in float32 or float64."""
        other, number_type = self.copy(), float_type(dtype)
        other._theta, other._state = self._theta.astype(number_type), self._state.astype(number_type)
        return other

    def copy(self) -> Self:
        """One of its own with the same numbers."""
        return copy.deepcopy(self)

    def __copy__(self) -> Self:
        return self.copy()  # a shallow copy would share theta: training one would change the other
