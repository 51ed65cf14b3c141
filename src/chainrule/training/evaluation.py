"""Measuring parameters on rows: J and, for classes, the accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.functions.arrays import Array
from chainrule.network.objective import Objective, row_shares
from chainrule.network.prediction import predict
from chainrule.training.metrics import accuracy

__all__ = ["Evaluation"]


@dataclass(frozen=True)
class Evaluation:
    """An objective and rows to measure it on."""

    objective: Objective
    rows: LabelledRows

    def measure(self, theta: Array, state: Array) -> dict[str, Any]:
        """``J`` without the penalty and, where y is one class for each row, ``accuracy``; K of each for K networks."""
        rows = self.rows
        with np.errstate(over="ignore", invalid="ignore"):
            output = predict(self.objective.architecture, theta, state, rows.x)
            J = self.objective.value(rows.y, output, row_shares(len(rows), rows.weights, theta.dtype))
        measured = {"J": np.asarray(J, np.float64).tolist()}
        share = accuracy(rows.y, output.a, rows.weights)
        return measured if share is None else measured | {"accuracy": share}
