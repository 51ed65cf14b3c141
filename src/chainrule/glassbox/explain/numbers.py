"""The numbers of a trace as symbols of formulas."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.functions.penalties import Penalty
from chainrule.glassbox.explain.expression import Expression, Symbol
from chainrule.glassbox.trace import Quantity, Trace
from chainrule.glassbox.trace.network_step import NetworkStep
from chainrule.glassbox.trace.wiring import Wiring

__all__ = ["TracedNumbers"]


class TracedNumbers:
    """Gives any number of a trace as a symbol: ``numbers("w[1]", 3, 0)``.

    Parameters
    ----------
    trace : Trace
        The step.

    Attributes
    ----------
    trace : Trace
        The same.
    wiring : Wiring
        Which value enters which layer.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.wiring = Wiring(trace.architecture)

    def __call__(self, name: str, *index: int) -> Symbol:
        quantity = Quantity(name, tuple(int(i) for i in index))
        return Symbol(str(quantity), self.number(name, *index), quantity)

    def number(self, name: str, *index: int) -> float:
        """One number of the trace."""
        array: Any = self.trace.array(name)
        return float(array[index]) if index else float(array)

    @property
    def _step(self) -> NetworkStep | None:
        return self.trace.step if isinstance(self.trace.step, NetworkStep) else None

    @property
    def n_rows(self) -> int:
        """Number of rows of the batch."""
        return self.trace.n_rows

    @property
    def epsilon(self) -> float:
        """The rounding of the traced numbers, relative to one of them."""
        theta = None if self._step is None else self._step.theta
        return float(np.finfo(np.float64 if theta is None else theta.dtype).eps)

    @property
    def training(self) -> bool:
        """Whether the layers behaved as in training."""
        return self._step is None or self._step.training

    @property
    def penalty(self) -> Penalty:
        """The L1 and L2 terms of J."""
        return Penalty() if self._step is None else self._step.objective.penalty

    @property
    def weights(self) -> Array | None:
        """The rows' weights; None for equal ones."""
        return None if self._step is None else self._step.rows.weights

    def batch_share(self, row: int) -> Expression:
        """The share of a row in J and in the means of a batch norm: 1/n, or weight/n."""
        n = Symbol("n", self.n_rows)
        if self.weights is None:
            return 1 / n
        return Symbol(f"weight[{row}]", float(self.weights[row])) / n
