"""The table of predictions that a run keeps of its held-out rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.cli.predicted_columns import central_output, class_numbers_of
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import Quantile
from chainrule.model import Network

__all__ = ["predictions_csv"]


def predictions_csv(rows: Rows | Sequence[int], labels: Any, network: Network, outputs: Array) -> str:
    """Each row's number, label and prediction as CSV, and the outputs of classes or quantile levels.

    Each number has as many digits as give it back bit for bit.

    Parameters
    ----------
    rows : sequence of int
        Numbers of the rows in their table.
    labels : array-like of shape (n,)
        What is true.
    network : Network
        What predicted; its classes, or its levels, name the outputs.
    outputs : array of shape (n, k)
        What it predicted.
    """
    outputs_of, predicted = _names_and_predictions(network, outputs)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["row", "label", "predicted", *(f"output_{name}" for name in outputs_of)])
    for row, label, guess, values in zip(rows, labels, predicted, outputs, strict=True):
        table.writerow([row, label, str(guess), *(str(value) for value in values[: len(outputs_of)])])
    return text.getvalue()


def _names_and_predictions(network: Network, outputs: Array) -> tuple[Sequence[Any], Array]:
    """What the outputs that are shown are called, and what they amount to."""
    if network.classes is not None:
        # a single output is the second class's
        return network.classes[-outputs.shape[1] :], np.asarray(network.classes)[class_numbers_of(network, outputs)]
    levels = network.loss.levels if isinstance(network.loss, Quantile) else ()
    return levels if len(levels) > 1 else (), outputs[:, central_output(network)]
