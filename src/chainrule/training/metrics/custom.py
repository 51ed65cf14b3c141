"""A metric of one's own: a function of the targets and the outputs."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import InvalidType
from chainrule.functions.arrays import Array
from chainrule.training.metrics.metric import Metric, Outcome

__all__ = ["CustomMetric"]


@dataclass(frozen=True)
class CustomMetric(Metric):
    """A person's own: a function of y (n, k), as it is encoded, and a (n, k) that gives one number."""

    higher_is_better = None
    formula = ""

    function: Callable[[Array, Array], Any]

    @property
    def name(self) -> str:  # type: ignore[override]  # what a class has in the catalogue, an instance has here
        name = getattr(self.function, "__name__", None)
        return name if isinstance(name, str) else type(self.function).__name__

    def measure(self, outcome: Outcome) -> Array:
        leading, last = outcome.a.shape[:-2], outcome.a.shape[-2:]
        values = [self.function(outcome.y.copy(), a.copy()) for a in outcome.a.reshape(-1, *last)]
        return np.array([self._number(value) for value in values]).reshape(leading)

    def _number(self, value: Any) -> float:
        if isinstance(value, numbers.Real) or (isinstance(value, np.ndarray) and value.ndim == 0):
            try:
                return float(value)
            except (TypeError, ValueError, OverflowError):
                pass  # the sentence below says what it is
        raise InvalidType(f"The metric {self.name} must give one real number, not {repr(value)[:80]}.")
