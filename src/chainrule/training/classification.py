"""Classes decided from outputs, and how well: the confusion matrix and the report by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.functions.activations import Activation
from chainrule.functions.arrays import Array, Rows

__all__ = ["class_probabilities", "classification_report", "confusion_matrix", "decided", "gives_probabilities"]


def gives_probabilities(output: Activation) -> bool:
    """Whether the outputs of an output activation are probabilities, whatever values they happen to have."""
    return output.output_range in ("distribution", "probability", "closed_probability")


def class_probabilities(output: Activation, a: Array) -> Array | None:
    """The probability of each class, of shape (..., n, classes).

    A single output is the second class's probability. Several that were learned each for itself, one against the rest,
    are divided by their sum; where that is 0, all classes are alike.

    Parameters
    ----------
    output : Activation
        The output activation.
    a : array of shape (..., n, k)
        Outputs.

    Returns
    -------
    array of shape (..., n, classes) or None
        None where the outputs are no probabilities, as with the hinge loss.
    """
    if not gives_probabilities(output):
        return None
    if a.shape[-1] == 1:
        return np.concatenate([1 - a, a], axis=-1)
    if output.output_range == "distribution":
        return a
    sums = a.sum(axis=-1, keepdims=True)
    normalised: Array = np.divide(a, sums, out=np.full_like(a, 1 / a.shape[-1]), where=sums > 0)
    return normalised


def decided(a: Array, threshold: float = 0.5) -> Rows:
    """Outputs (..., n, k) as class numbers (..., n): the largest output's or, for one output, 1 from `threshold` on."""
    classes: Rows = np.argmax(a, axis=-1) if a.shape[-1] > 1 else (a[..., 0] >= threshold).astype(np.intp)
    return classes


def confusion_matrix(truth: Rows, predicted: Rows, k: int, weights: Array | None = None) -> Array:
    """How many rows of class i were taken for class j, or their weights, of shape (k, k)."""
    return np.bincount(truth * k + predicted, weights, minlength=k * k).reshape(k, k)


def classification_report(
    truth: Rows, predicted: Rows, classes: Sequence[Any], weights: Array | None = None
) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of every class, and their averages weighted by support.

    precision = right among those taken for the class; recall = right among those of the class;
    f1 = 2 precision recall / (precision + recall). Where nothing is there to divide by, they are 0.

    Parameters
    ----------
    truth, predicted : array of int of shape (n,)
        Class numbers from 0.
    classes : sequence
        The class with each number.
    weights : array of shape (n,), optional
        How much each row counts; the support is their sum.

    Returns
    -------
    dict
        By ``str(class)``, and last ``"average"``.
    """
    counts = confusion_matrix(truth, predicted, len(classes), weights).astype(np.float64)
    right, taken, support = counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1)
    precision = np.divide(right, taken, out=np.zeros_like(right), where=taken > 0)
    recall = np.divide(right, support, out=np.zeros_like(right), where=support > 0)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(right), where=total > 0)
    table = np.stack([precision, recall, f1, support])
    average = np.append(table[:3] @ support / support.sum(), support.sum())
    names = [*map(str, classes), "average"]
    columns = np.column_stack([table, average]).T.tolist()
    return {
        name: dict(zip(("precision", "recall", "f1", "support"), row, strict=True))
        for name, row in zip(names, columns, strict=True)
    }
