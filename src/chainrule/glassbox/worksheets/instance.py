"""The numbers of one sheet: a small network, its rows and their targets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from chainrule.functions.arrays import Array
from chainrule.glassbox.trace import Trace, trace
from chainrule.glassbox.worksheets.settings import WorksheetSettings
from chainrule.model import Network

__all__ = ["Instance"]


@dataclass(frozen=True, eq=False)
class Instance:
    """A network with rows and targets, all in numbers that a person can compute with.

    Attributes
    ----------
    settings : WorksheetSettings
        What it was drawn for.
    w, b : dict of int to array
        Weights and biases by layer from 1, of shape (d_i, d_{i+1}) and (d_{i+1},).
    x, y : array of shape (n, d_1) and (n, k)
        The rows and their targets.
    """

    settings: WorksheetSettings
    w: dict[int, Array]
    b: dict[int, Array]
    x: Array
    y: Array

    @cached_property
    def trace(self) -> Trace:
        """The step that is asked for, with every number of it."""
        settings = self.settings
        network = Network(settings.dimensions, settings.activations, seed=0, dtype=float)
        for i, w in self.w.items():
            network.w[i], network.b[i] = w, self.b[i]
        return trace(network, self.x, self.y, settings.loss, learning_rate=settings.learning_rate)

    @property
    def givens(self) -> tuple[float, ...]:
        """Every number that is given, so that two instances can be told apart."""
        arrays = [*self.w.values(), *self.b.values(), self.x, self.y]
        return tuple(float(each) for array in arrays for each in array.ravel())
