"""Measuring parameters on rows: J and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.data.labelled_rows import LabelledRows
from chainrule.data.standardizer import Standardizer
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.network.objective import Objective, row_shares
from chainrule.network.prediction import mean_output, predict
from chainrule.training.metrics import Accuracy, CustomMetric, Metric, Outcome

__all__ = ["Evaluation"]


@dataclass(frozen=True)
class Evaluation:
    """An objective, rows to measure it on, and what else to measure.

    Of K networks, which are members of an ensemble, J is the mean over them, and the metrics are of their mean output.

    Attributes
    ----------
    objective : Objective
        Architecture and loss; its penalty is no part of what is measured.
    rows : LabelledRows
        Rows, targets and weights.
    metrics : tuple of Metric
        Besides J and, where each row of y is one class, the accuracy.
    target_scaler : Standardizer or None
        What the targets were standardised with: the metrics are in the units from before, J is not.

    Raises
    ------
    InvalidArgument
        If a metric makes no sense of such targets.
    """

    objective: Objective
    rows: LabelledRows
    metrics: tuple[Metric, ...] = ()
    target_scaler: Standardizer | None = None

    def __post_init__(self) -> None:
        for metric in self.metrics:
            if not metric.fits(self._outcome(self.rows.y)):
                raise InvalidArgument(
                    f"The metric {metric.name!r} needs {metric.needs} in y, and these rows have something else."
                )

    @cached_property
    def measured(self) -> tuple[Metric, ...]:
        """The metrics, the accuracy of classes among them."""
        own = (Accuracy(),) if self._outcome(self.rows.y).one_class else ()
        return own + tuple(metric for metric in self.metrics if metric not in own)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what `measure` gives."""
        return "J", *(metric.name for metric in self.measured)

    def measure(self, theta: Array, state: Array) -> dict[str, Any]:
        """``J`` without the penalty and every metric."""
        J, a = self._J_and_outputs(theta, state)
        outcome = self._outcome(mean_output(a))
        values = {"J": np.mean(J), **{metric.name: metric.measure(outcome) for metric in self.measured}}
        return {name: float(value) for name, value in values.items()}

    def measure_each(self, theta: Array, state: Array) -> list[dict[str, Any]]:
        """The same of each of K networks by itself, from theta (K, P) and state (K, S)."""
        J, a = self._J_and_outputs(theta, state)
        outcome = self._outcome(a)
        columns = {"J": J, **{metric.name: metric.measure(outcome) for metric in self.measured}}
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _J_and_outputs(self, theta: Array, state: Array) -> tuple[Array, Array]:
        rows = self.rows
        with np.errstate(over="ignore", invalid="ignore"):
            output = predict(self.objective.architecture, theta, state, rows.x)
            J = self.objective.value(rows.y, output, row_shares(len(rows), rows.weights, theta.dtype))
        return J, output.a

    def try_metrics(self, theta: Array, state: Array) -> None:
        """Measure once where a person wrote a metric, so that a fault in it is found before training."""
        if any(isinstance(metric, CustomMetric) for metric in self.metrics):
            self.measure(theta, state)  # all rows: some metrics need every class

    def _outcome(self, a: Array) -> Outcome:
        y = self.rows.y
        if self.target_scaler is not None:
            y, a = self.target_scaler.restored(y), self.target_scaler.restored(a)
        return Outcome(y, a, self.rows.weights, self.objective.loss.decision_threshold)
