"""Measuring parameters on rows: J and, for classes, the accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.objective import Objective, predict, row_shares
from chainrule.training.metrics import accuracy

__all__ = ["Evaluation"]


@dataclass(frozen=True)
class Evaluation:
    """Rows to measure on.

    Attributes
    ----------
    objective : Objective
        Gives J, without the penalty.
    x, y : array
        Rows and encoded targets.
    weights : array of shape (n,) or None
        Weights of the rows with mean 1; None for equal ones.
    """

    objective: Objective
    x: Array
    y: Array
    weights: Array | None = None

    def measure(self, theta: Array, state: Array) -> dict[str, Any]:
        """``J`` and, where y is one class for each row, ``accuracy``; for K networks, a list of K each."""
        with np.errstate(over="ignore", invalid="ignore"):
            output = predict(self.objective.architecture, theta, state, self.x)
            J = self.objective.value(self.y, output, row_shares(len(self.x), self.weights, theta.dtype))
        measured = {"J": np.asarray(J, np.float64).tolist()}
        share = accuracy(self.y, output.a, self.weights)
        return measured if share is None else measured | {"accuracy": share}
