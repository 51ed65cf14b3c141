"""How good a network is on rows that it has not learned from: as figures, and as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.cli.output import coloured
from chainrule.cli.predicted_columns import class_names, class_numbers_of, probabilities
from chainrule.functions.arrays import Array, Rows
from chainrule.model import Network
from chainrule.training.classification import classification_report, confusion_matrix
from chainrule.training.metrics import R2, Accuracy, MeanAbsoluteError, Outcome, RootMeanSquaredError

__all__ = ["classification_results", "confusion_table", "regression_results", "report_table", "results_text"]

WIDTH = 120
"""Characters of a line that a confusion matrix may take with the names of the classes above its columns."""

MOST_CLASSES_SHOWN = 20
"""A confusion matrix of more classes is wider than a terminal; then the most frequent mistakes are listed."""


def classification_results(
    truth: Rows,
    outputs: Array,
    network: Network,
    frequent: int | None = None,
    weights: Array | None = None,
) -> dict[str, Any]:
    """The figures of a classification; every row counts once, or as its weight says.

    Parameters
    ----------
    truth : array of int of shape (n,)
        Class numbers.
    outputs : array of shape (n, k)
        What the network gives for these rows.
    network : Network
        What gave them, which names the classes.
    frequent : int, optional
        The class that was the most frequent one in learning, for what always guessing it would give.
    weights : array of shape (n,), optional
        How much each row counts.

    Returns
    -------
    dict
        ``accuracy``; ``log_loss``, the mean of -log p, where the outputs are probabilities; ``report`` by class;
        ``confusion``, rows of what is true by what was predicted; ``classes``; ``baseline``.
    """
    classes, predicted = class_names(network), class_numbers_of(network, outputs)
    results: dict[str, Any] = {"rows": len(truth), "accuracy": _accuracy(truth, predicted, weights)}
    p = probabilities(network, outputs)
    if p is not None:
        of_truth = np.maximum(p[np.arange(len(truth)), truth].astype(np.float64), np.finfo(np.float64).tiny)
        results["log_loss"] = float(np.average(-np.log(of_truth), weights=weights))
    if frequent is not None:
        always = _accuracy(truth, np.full_like(truth, frequent), weights)
        results["baseline"] = {"always": classes[frequent], "accuracy": always}
    return {
        **results,
        "classes": list(classes),
        "report": classification_report(truth, predicted, classes, weights),
        "confusion": confusion_matrix(truth, predicted, len(classes), weights).tolist(),
    }


def _accuracy(truth: Rows, predicted: Rows, weights: Array | None) -> float:
    k = int(max(truth.max(), predicted.max(), 1)) + 1
    one_hot = np.eye(k, dtype=bool)
    return float(Accuracy().measure(Outcome(one_hot[truth], one_hot[predicted], weights)))


def regression_results(
    truth: Array, predicted: Array, mean: float | None = None, weights: Array | None = None
) -> dict[str, Any]:
    """The figures of a regression, in the target's units; every row counts once, or as its weight says.

    Parameters
    ----------
    truth, predicted : array of shape (n,)
        Numbers.
    mean : float, optional
        The mean of the target in learning, for what always guessing it would give.
    weights : array of shape (n,), optional
        How much each row counts.

    Returns
    -------
    dict
        ``r2`` (None where all of the truth is one number), ``mae``, ``rmse``, ``baseline``.
    """
    truth = np.asarray(truth, np.float64)
    outcome = Outcome(truth[:, np.newaxis], np.asarray(predicted, np.float64)[:, np.newaxis], weights)
    varies = np.ptp(truth if weights is None else truth[weights > 0]) > 0
    r2 = float(R2().measure(outcome)) if varies else None
    results: dict[str, Any] = {"rows": len(truth), "r2": r2, **_errors(outcome)}
    if mean is not None:
        results["baseline"] = {"always": mean, **_errors(outcome._replace(a=np.full_like(outcome.y, mean)))}
    return results


def _errors(outcome: Outcome) -> dict[str, float]:
    return {metric.name: float(metric.measure(outcome)) for metric in (MeanAbsoluteError(), RootMeanSquaredError())}


def results_text(results: Mapping[str, Any], target: str) -> str:
    """The figures of either kind as text."""
    return _classes_text(results) if "confusion" in results else _numbers_text(results, target)


def _classes_text(results: Mapping[str, Any]) -> str:
    lines = [confusion_table(results["confusion"], results["classes"]), "", report_table(results["report"]), ""]
    lines.append(_line("accuracy", f"{results['accuracy']:.4f}", "bold"))
    if "log_loss" in results:
        lines.append(_line("log loss", f"{results['log_loss']:.4f}"))
    if "baseline" in results:
        always = results["baseline"]
        lines.append(_line(f"always guessing {always['always']}", f"accuracy {always['accuracy']:.4f}"))
    return "\n".join(lines)


def _numbers_text(results: Mapping[str, Any], target: str) -> str:
    shown = "none, since all of them are the same" if results["r2"] is None else f"{results['r2']:.4f}"
    lines = [
        _line("R2", shown, "bold"),
        _line("mean absolute error", f"{results['mae']:.6g} (in the units of {target})"),
        _line("root mean squared error", f"{results['rmse']:.6g}"),
    ]
    if "baseline" in results:
        always = results["baseline"]
        figures = f"mean absolute error {always['mae']:.6g}, root mean squared error {always['rmse']:.6g}"
        lines.append(_line(f"always guessing {always['always']:.6g}", figures))
    return "\n".join(lines)


def _line(name: str, value: str, style: str | None = None) -> str:
    return f"{name:<30} {coloured(value, style) if style else value}"


def confusion_table(confusion: Sequence[Sequence[int]], classes: Sequence[Any]) -> str:
    """How many rows of each class (down) were taken for which (across); for many classes, the commonest mistakes.

    Where the names of the classes would make the table too wide, the columns have numbers, which the rows explain.
    """
    names = [str(name) for name in classes]
    if len(names) > MOST_CLASSES_SHOWN:
        return _mistakes(np.asarray(confusion), names)
    digits = max(len(str(n)) for row in confusion for n in row)
    columns, width = names, max(5, digits, *map(len, names))
    if (width + 1) * (len(names) + 1) > WIDTH:
        columns = [str(number) for number in range(1, len(names) + 1)]
        names = [f"{number} {name}" for number, name in zip(columns, names, strict=True)]
        width = max(5, digits)
    first = max(width, *map(len, names))
    lines = ["taken for, across; true, down:", " ".join([" " * first, *(f"{name:>{width}}" for name in columns)])]
    for name, row in zip(names, confusion, strict=True):
        lines.append(" ".join([f"{name:>{first}}", *(f"{n:>{width}}" for n in row)]))
    return "\n".join(lines)


def _mistakes(confusion: Array, names: Sequence[str]) -> str:
    wrong = confusion - np.diag(confusion.diagonal())
    most = np.argsort(wrong, axis=None, kind="stable")[::-1][:10]
    pairs = [(int(i), int(j)) for i, j in zip(*np.unravel_index(most, wrong.shape), strict=True) if wrong[i, j]]
    lines = [f"{wrong[i, j]:>7} of {names[i]} were taken for {names[j]}" for i, j in pairs]
    return "\n".join(["the commonest mistakes:", *(lines or ["none"])])


def report_table(report: Mapping[str, Mapping[str, float]]) -> str:
    """A row for each class and the average, from `chainrule.training.classification.classification_report`."""
    columns = ("precision", "recall", "f1", "support")
    width = max(len(name) for name in report)
    lines = [" ".join([" " * width, *(f"{column:>10}" for column in columns)])]
    for name, row in report.items():
        figures = [f"{row[column]:10.0f}" if column == "support" else f"{row[column]:10.2f}" for column in columns]
        lines.append(" ".join([f"{name:>{width}}", *figures]))
    return "\n".join(lines)
