"""What is measured after an epoch, as columns of the history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.training.evaluation import Evaluation
from chainrule.training.run import Run

__all__ = ["measured_columns"]


def measured_columns(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """For each run the metrics of the training rows and all that is measured on the validation rows, by column.

    Several runs measure alike, on the same rows, which pass once for all of them.
    """
    found: list[dict[str, Any]] = [{} for _ in runs]
    asked, held_out = runs[0].measured, runs[0].validation
    if asked is not None:
        for columns, everything in zip(found, _each(asked, runs), strict=True):
            columns |= {metric.name: everything[metric.name] for metric in asked.metrics}
    if held_out is not None:
        for columns, everything in zip(found, _each(held_out, runs), strict=True):
            columns |= {f"val_{name}": value for name, value in everything.items()}
    return found


def _each(evaluation: Evaluation, runs: Sequence[Run]) -> list[dict[str, Any]]:
    each = [run.parameters() for run in runs]
    if len(each) == 1:  # which may be an ensemble
        return [evaluation.measure(*each[0])]
    theta, state = (np.stack(arrays) for arrays in zip(*each, strict=True))
    return evaluation.measure_each(theta, state)
