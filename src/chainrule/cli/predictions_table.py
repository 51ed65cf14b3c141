"""The table of predictions that a run keeps of its held-out rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.functions.arrays import Array, Rows
from chainrule.model import Network
from chainrule.training.classification import decided

__all__ = ["predictions_csv"]


def predictions_csv(rows: Rows | Sequence[int], labels: Any, network: Network, outputs: Array) -> str:
    """Each row's number, label and prediction as CSV, and for classes every output.

    Each number has as many digits as give it back bit for bit.

    Parameters
    ----------
    rows : sequence of int
        Numbers of the rows in their table.
    labels : array-like of shape (n,)
        What is true.
    network : Network
        What predicted; its classes name the columns.
    outputs : array of shape (n, k)
        What it predicted.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    if network.classes is None:
        table.writerow(["row", "label", "predicted"])
        table.writerows([row, label, str(value)] for row, label, (value,) in zip(rows, labels, outputs, strict=True))
        return text.getvalue()
    threshold = 0.5 if network.loss is None else network.loss.decision_threshold
    predicted = np.asarray(network.classes)[decided(outputs, threshold)]
    table.writerow(["row", "label", "predicted", *(f"output_{name}" for name in network.classes)])
    for row, label, guess, values in zip(rows, labels, predicted, outputs, strict=True):
        table.writerow([row, label, guess, *(str(value) for value in values)])
    return text.getvalue()
