"""How good a network is on rows that it has not learned from: as figures, and as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.cli.output import coloured
from chainrule.cli.predicted_columns import VERY_MANY_CLASSES, class_names, class_numbers_of, probabilities
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import Quantile
from chainrule.model import Network
from chainrule.training.classification import classification_report, confusion_matrix
from chainrule.training.metrics import (
    R2,
    Accuracy,
    BalancedAccuracy,
    MacroF1,
    MeanAbsoluteError,
    Metric,
    Outcome,
    RootMeanSquaredError,
)

__all__ = [
    "classification_results",
    "confusion_table",
    "is_poor",
    "learned_quantiles",
    "regression_results",
    "report_table",
    "results_text",
]

WIDTH = 120
"""Characters of a line that a confusion matrix may take with the names of the classes above its columns."""

MOST_CLASSES_SHOWN = 20
"""A confusion matrix of more classes is wider than a terminal; then the most frequent mistakes are listed."""

MOST_MISTAKES = 10
"""So many mistakes are listed."""


def classification_results(
    truth: Rows,
    outputs: Array,
    network: Network,
    frequent: int | None = None,
    weights: Array | None = None,
    *,
    balanced: bool = False,
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
    balanced : bool
        Whether rare classes counted more in learning already, so that it is no advice.

    Returns
    -------
    dict
        ``accuracy``, ``balanced_accuracy``, ``macro_f1``; ``log_loss``, the mean of -log p, where the outputs are
        probabilities; ``report`` by class; ``confusion``, rows of what is true by what was predicted, or, of very many
        classes, the commonest ``mistakes``; ``classes``; ``baseline``; ``remarks``, sentences about what is not as it
        should be.
    """
    classes, predicted = class_names(network), class_numbers_of(network, outputs)
    metrics = (Accuracy(), BalancedAccuracy(), MacroF1())
    measured = {metric.name: _measured(metric, truth, predicted, weights) for metric in metrics}
    results: dict[str, Any] = {"rows": len(truth), **measured}
    p = probabilities(network, outputs)
    if p is not None:
        of_truth = np.maximum(p[np.arange(len(truth)), truth].astype(np.float64), np.finfo(np.float64).tiny)
        results["log_loss"] = float(np.average(-np.log(of_truth), weights=weights))
    if frequent is not None:
        always = _measured(Accuracy(), truth, np.full_like(truth, frequent), weights)
        results["baseline"] = {"always": classes[frequent], "accuracy": always}
    confusion = confusion_matrix(truth, predicted, len(classes), weights)
    many = len(classes) > VERY_MANY_CLASSES
    return {
        **results,
        "classes": list(classes),
        "report": classification_report(truth, predicted, classes, weights),
        **({"mistakes": _commonest(confusion, classes)} if many else {"confusion": confusion.tolist()}),
        "remarks": [*_no_better(results), *_never_predicted(confusion, classes, balanced=balanced)],
    }


def _measured(metric: Metric, truth: Rows, predicted: Rows, weights: Array | None) -> float:
    k = int(max(truth.max(), predicted.max(), 1)) + 1
    one_hot = np.eye(k, dtype=bool)
    return float(metric.measure(Outcome(one_hot[truth], one_hot[predicted], weights)))


def _no_better(results: Mapping[str, Any]) -> list[str]:
    baseline = results.get("baseline")
    if baseline is None or results["accuracy"] > baseline["accuracy"]:
        return []
    return [f"No better than always guessing {baseline['always']}."]


def _never_predicted(confusion: Array, classes: Sequence[Any], *, balanced: bool) -> list[str]:
    missed = (confusion.sum(axis=0) == 0) & (confusion.sum(axis=1) > 0)
    never = [str(classes[i]) for i in np.flatnonzero(missed).tolist()]
    if not never:
        return []
    more = [f"{len(never) - 5} more"] if len(never) > 6 else []
    shown = [*(never[:5] if more else never), *more]
    names = f"{', '.join(shown[:-1])} and {shown[-1]} are" if len(shown) > 1 else f"{shown[0]} is"
    return [f"{names} never predicted{'' if balanced else ': try --class-weight balanced'}."]


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


def learned_quantiles(network: Network, truth: Array, outputs: Array, weights: Array | None = None) -> dict[str, Any]:
    """How many rows the quantiles of a network leave below them, and between the outermost two.

    Parameters
    ----------
    network : Network
        What gave the outputs.
    truth : array of shape (n,)
        Numbers.
    outputs : array of shape (n, k)
        What it gives for these rows.
    weights : array of shape (n,), optional
        How much each row counts.

    Returns
    -------
    dict
        ``quantiles``, by level the share of the rows below, which should be the level; of several levels ``interval``,
        with the ``levels`` of the lowest and the highest, and the ``share`` of the rows between them. Nothing where
        the network has learned no quantiles.
    """
    if not isinstance(network.loss, Quantile) or outputs.shape[1] != len(network.loss.levels):
        return {}
    levels = network.loss.levels
    below = np.average(truth[:, np.newaxis] <= outputs, axis=0, weights=weights)
    results: dict[str, Any] = {"quantiles": {f"{level:g}": float(s) for level, s in zip(levels, below, strict=True)}}
    if len(levels) > 1:
        low, high = int(np.argmin(levels)), int(np.argmax(levels))
        between = (outputs[:, low] <= truth) & (truth <= outputs[:, high])
        share = float(np.average(between, weights=weights))
        results["interval"] = {"levels": [float(levels[low]), float(levels[high])], "share": share}
    return results


def is_poor(results: Mapping[str, Any]) -> bool:
    """Whether always guessing the same would do as well, or a class is never predicted."""
    r2 = results.get("r2")
    return bool(results.get("remarks")) or (r2 is not None and r2 < 0)


def _errors(outcome: Outcome) -> dict[str, float]:
    return {metric.name: float(metric.measure(outcome)) for metric in (MeanAbsoluteError(), RootMeanSquaredError())}


def results_text(results: Mapping[str, Any], target: str, more: Sequence[tuple[str, str]] = ()) -> str:
    """The figures of either kind as text.

    Parameters
    ----------
    results : mapping
        What `classification_results` or `regression_results` gave; with it what `learned_quantiles` gave.
    target : str
        The name of what is predicted.
    more : sequence of (str, str)
        Names and values of lines to put after them.
    """
    of_classes = "accuracy" in results
    figures = _of_classes(results) if of_classes else _of_numbers(results, target)
    figures += [*_of_quantiles(results), *more]
    width = max(30, *(len(name) for name, _ in figures))
    first = figures[0][0]
    lines = [f"{name:<{width}} {coloured(value, 'bold') if name == first else value}" for name, value in figures]
    lines[len(lines) - len(more) : len(lines) - len(more)] = results.get("remarks", [])
    if of_classes:
        lines = [
            _mistakes_table(results["mistakes"])
            if "mistakes" in results
            else confusion_table(results["confusion"], results["classes"]),
            "",
            report_table(results["report"]),
            "",
            *lines,
        ]
    return "\n".join(lines)


def _of_classes(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    measured = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss")
    shown = {"balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "log_loss": "log loss"}
    figures = [(shown.get(name, name), f"{results[name]:.4f}") for name in measured if name in results]
    if "baseline" in results:
        always = results["baseline"]
        figures.append((f"always guessing {always['always']}", f"accuracy {always['accuracy']:.4f}"))
    return figures


def _of_numbers(results: Mapping[str, Any], target: str) -> list[tuple[str, str]]:
    r2 = "none, since all of them are the same" if results["r2"] is None else f"{results['r2']:.4f}"
    figures = [
        ("R2", r2),
        ("mean absolute error", f"{results['mae']:.6g} (in the units of {target})"),
        ("root mean squared error", f"{results['rmse']:.6g}"),
    ]
    if "baseline" in results:
        always = results["baseline"]
        errors = f"mean absolute error {always['mae']:.6g}, root mean squared error {always['rmse']:.6g}"
        figures.append((f"always guessing {always['always']:.6g}", errors))
    return figures


def _of_quantiles(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    shares = results.get("quantiles", {})
    figures = [(f"share below the {level} quantile", f"{share:.4f}") for level, share in shares.items()]
    if "interval" in results:
        low, high = results["interval"]["levels"]
        figures.append((f"share between {low:g} and {high:g}", f"{results['interval']['share']:.4f}"))
    return figures


def confusion_table(confusion: Sequence[Sequence[int]], classes: Sequence[Any]) -> str:
    """How many rows of each class (down) were taken for which (across); for many classes, the commonest mistakes.

    Where the names of the classes would make the table too wide, the columns have numbers, which the rows explain.
    """
    names = [str(name) for name in classes]
    if len(names) > MOST_CLASSES_SHOWN:
        return _mistakes_table(_commonest(np.asarray(confusion), names))
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


def _commonest(confusion: Array, names: Sequence[Any]) -> list[dict[str, Any]]:
    """The commonest mistakes, each with what is true, what it was taken for, and in how many rows."""
    wrong = confusion - np.diag(confusion.diagonal())
    true, taken_for = np.nonzero(wrong)
    rows = wrong[true, taken_for]
    most = np.argsort(rows, kind="stable")[::-1][:MOST_MISTAKES]
    each = zip(true[most].tolist(), taken_for[most].tolist(), rows[most].tolist(), strict=True)
    return [{"true": names[i], "predicted": names[j], "rows": n} for i, j, n in each]


def _mistakes_table(mistakes: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"{each['rows']:>7} of {each['true']} were taken for {each['predicted']}" for each in mistakes]
    return "\n".join(["the commonest mistakes:", *(lines or ["none"])])


def report_table(report: Mapping[str, Mapping[str, float]]) -> str:
    """A row for each class and the average, from `chainrule.training.classification.classification_report`."""
    columns = ("precision", "recall", "f1", "support")
    names = [*list(report)[:-1], "weighted average"]
    width = max(map(len, names))
    lines = [" ".join([" " * width, *(f"{column:>10}" for column in columns)])]
    for name, row in zip(names, report.values(), strict=True):
        figures = [f"{row[column]:10.0f}" if column == "support" else f"{row[column]:10.2f}" for column in columns]
        lines.append(" ".join([f"{name:>{width}}", *figures]))
    return "\n".join(lines)
