"""What a network predicts for some rows, as columns with names."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import Quantile
from chainrule.model import Network
from chainrule.network.prediction import mean_output
from chainrule.training.classification import class_probabilities, decided, gives_probabilities

__all__ = [
    "VERY_MANY_CLASSES",
    "central_output",
    "class_names",
    "class_numbers_of",
    "columns_of_outputs",
    "predicted_columns",
    "probabilities",
    "task_of",
]

VERY_MANY_CLASSES = 200
"""Of more classes, a column or a row for each is more than anybody reads: 10,000 classes made files of gigabytes."""


def task_of(network: Network) -> Literal["classification", "regression"]:
    """What a network does: classes are named or decided by its loss, or its outputs are probabilities."""
    task = network.notes.get("table", {}).get("task")
    if task in ("classification", "regression"):
        return task  # type: ignore[no-any-return]  # one of the two
    if network.classes is not None:
        return "classification"
    if network.loss is not None:
        several = network.loss.target == "binary" and network.architecture.n_out > 1
        return "classification" if network.loss.target in ("class", "binary") and not several else "regression"
    of_classes = gives_probabilities(network.architecture.output_layer.activation)
    return "classification" if of_classes else "regression"


def class_names(network: Network) -> tuple[str | int, ...]:
    """The names of the classes; their numbers where they have none."""
    return network.classes or tuple(range(max(2, network.architecture.n_out)))


def class_numbers_of(network: Network, outputs: Array) -> Rows:
    """The number of the class that outputs (n, k) decide for."""
    return decided(outputs, 0.5 if network.loss is None else network.loss.decision_threshold)


def probabilities(network: Network, outputs: Array) -> Array | None:
    """The probability of each class, of shape (n, classes); None where the outputs are none, as with a hinge loss."""
    return class_probabilities(network.architecture.output_layer.activation, outputs)


def central_output(network: Network) -> int:
    """Of several outputs for one number, that which is the prediction: with quantiles, the level next to a half."""
    return network.loss.central if isinstance(network.loss, Quantile) else 0


def predicted_columns(
    network: Network, inputs: Any, *, proba: bool | None = None, members: bool = False
) -> dict[str, Any]:
    """The predictions for some rows, by the names of their columns.

    Parameters
    ----------
    network : Network
        What predicts.
    inputs : Table or array of shape (n, d)
        What `Network.predict` takes.
    proba : bool, optional
        Whether to give the probability of each class; by default, unless there are very many.
    members : bool
        Whether to give the prediction of each member of an ensemble.

    Returns
    -------
    dict of str to array of shape (n,)
        ``prediction``; for classes ``probability_<class>`` for each; for quantiles ``quantile_<level>`` for each; for
        several numbers ``prediction_1`` and so on; ``member_1`` and so on.
    """
    each = network.predict_members(inputs)
    outputs = mean_output(each)
    columns = columns_of_outputs(network, outputs, proba=proba)
    if members and network.n_members is not None:
        for number, output in enumerate(each, 1):
            columns[f"member_{number}"] = next(iter(columns_of_outputs(network, output, proba=False).values()))
    return columns


def columns_of_outputs(network: Network, outputs: Array, *, proba: bool | None = None) -> dict[str, Any]:
    """What outputs (n, k) of a network amount to, as `predicted_columns` names it."""
    if task_of(network) == "classification":
        names = class_names(network)
        columns: dict[str, Any] = {"prediction": np.asarray(names)[class_numbers_of(network, outputs)]}
        wanted = len(names) <= VERY_MANY_CLASSES if proba is None else proba
        p = probabilities(network, outputs) if wanted else None
        if p is not None:
            columns |= {f"probability_{name}": p[:, i] for i, name in enumerate(names)}
        return columns
    if isinstance(network.loss, Quantile) and outputs.shape[1] == len(network.loss.levels):
        levels = {f"quantile_{level:g}": outputs[:, i] for i, level in enumerate(network.loss.levels)}
        return {"prediction": outputs[:, central_output(network)], **levels}
    if outputs.shape[1] == 1:
        return {"prediction": outputs[:, 0]}
    return {f"prediction_{i + 1}": outputs[:, i] for i in range(outputs.shape[1])}
