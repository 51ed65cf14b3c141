"""The pictures of a model, by kind: from a network and its rows to a figure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.cli.ensemble_member import chosen_member
from chainrule.cli.labelled_table import LabelledTable
from chainrule.cli.picture_kind import PictureKind
from chainrule.cli.predicted_columns import central_output, class_names, class_numbers_of, probabilities, task_of
from chainrule.cli.run_or_model import RunOrModel
from chainrule.data.encoder import Encoder
from chainrule.data.tables import TableEncoding
from chainrule.errors import FileMissing, InvalidArgument
from chainrule.files.run_folder import HISTORY_FILE, RESULTS_FILE
from chainrule.functions.arrays import Array
from chainrule.functions.losses import Quantile
from chainrule.plots import (
    plot_calibration,
    plot_confusion_matrix,
    plot_learning_curves,
    plot_predicted_against_true,
    plot_residuals,
    plot_weights,
)
from chainrule.training.classification import confusion_matrix, gives_probabilities

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PICTURES", "Subject", "fitting_kinds"]

SMALLEST_IMAGE = 49
"""With fewer columns than these, columns with numbers are no pixels."""


@dataclass(frozen=True)
class Subject:
    """What is to be drawn.

    Parameters
    ----------
    model : RunOrModel
        The network, and its run.
    find_rows : callable
        Gives the rows to measure it on, when they are needed.
    image_shape : tuple (height, width), optional
        That of the images whose pixels the columns are; by default, told from their names.
    member : int
        Whose weights to draw of an ensemble, from 1.
    """

    model: RunOrModel
    find_rows: Callable[[], LabelledTable]
    image_shape: tuple[int, int] | None = None
    member: int = 1

    @cached_property
    def rows(self) -> LabelledTable:
        """The rows to measure on."""
        return self.find_rows()

    @cached_property
    def outputs(self) -> Array:
        """What the network gives for them."""
        return self.model.network.predict(self.rows.inputs)


def fitting_kinds(model: RunOrModel, *, has_rows: bool) -> dict[PictureKind, str]:
    """Every kind of picture, with the reason why it cannot be drawn of this model; empty where it can."""
    network, classes = model.network, task_of(model.network) == "classification"
    no_rows = "" if has_rows else "it needs rows whose target is known: give --table"
    for_classes = no_rows if classes else "the network does not learn classes"
    for_numbers = no_rows if not classes else "the network does not learn numbers"
    has_p = gives_probabilities(network.architecture.output_layer.activation)
    return {
        "curves": "" if _history(model) else "there is no history of a training with it",
        "confusion": for_classes,
        "calibration": for_classes or ("" if has_p else "the outputs of the network are no probabilities"),
        "predicted": for_numbers,
        "residuals": for_numbers,
        "weights": "",
    }


def _history(model: RunOrModel) -> Mapping[str, Any]:
    if model.run is not None:
        try:
            history = model.run.read(HISTORY_FILE)
        except FileMissing:
            history = {}
        if history.get("epoch"):
            return {name: column for name, column in history.items() if isinstance(column, list)}
    return model.network.history if model.network.history.get("epoch") else {}


def _curves(subject: Subject) -> Figure:
    model, best = subject.model, None
    if model.run is not None:
        try:
            best = model.run.read(RESULTS_FILE).get("best_epoch")
        except FileMissing:
            best = None  # the training goes on
    loss = model.network.loss
    history = {name: [math.nan if v is None else v for v in column] for name, column in _history(model).items()}
    return plot_learning_curves(history, best_epoch=best, loss="" if loss is None else loss.name.replace("_", " "))


def _confusion(subject: Subject) -> Figure:
    network, rows = subject.model.network, subject.rows
    names = class_names(network)
    predicted = class_numbers_of(network, subject.outputs)
    return plot_confusion_matrix(confusion_matrix(rows.truth, predicted, len(names)), names, name=rows.target)


def _calibration(subject: Subject) -> Figure:
    network = subject.model.network
    p = probabilities(network, subject.outputs)
    assert p is not None  # it was asked before
    return plot_calibration(subject.rows.truth, p, class_names(network))


def _predicted(subject: Subject) -> Figure:
    network, outputs = subject.model.network, subject.outputs
    ends: dict[str, Any] = {}
    if isinstance(network.loss, Quantile) and len(network.loss.levels) > 2:
        ends = {"lower": outputs[:, 0], "upper": outputs[:, len(network.loss.levels) - 1]}
    central = outputs[:, central_output(network)]
    return plot_predicted_against_true(subject.rows.truth, central, name=subject.rows.target, **ends)


def _residuals(subject: Subject) -> Figure:
    central = subject.outputs[:, central_output(subject.model.network)]
    return plot_residuals(subject.rows.truth, central, name=subject.rows.target)


def _weights(subject: Subject) -> Figure:
    network = chosen_member(subject.model.network, subject.member)
    weights: dict[int, Array] = dict(network.w)
    encoder, first = network.encoder, min(weights)
    shape = subject.image_shape or _told_image_shape(encoder)
    inputs = encoder.output_names if isinstance(encoder, TableEncoding) else None
    if shape is not None:
        weights[first], inputs = _by_column(weights[first], encoder), None
    n_out = network.architecture.n_out
    names = class_names(network) if task_of(network) == "classification" else (subject.model.table.get("target"),)
    # of two classes with one output, that of the second
    outputs = names[-n_out:] if n_out in (1, len(names)) and names[-1] is not None else None
    return plot_weights(weights, image_shape=shape, inputs=inputs, outputs=outputs)


def _told_image_shape(encoder: Encoder | None) -> tuple[int, int] | None:
    """The shape of square images, where all columns are numbers that are called alike but for a number."""
    if not isinstance(encoder, TableEncoding):
        return None
    names = [column.column for column in encoder.columns]
    side = math.isqrt(len(names))
    if len(names) < SMALLEST_IMAGE or side**2 != len(names):
        return None
    alike = len({re.sub(r"\d+", "#", name) for name in names}) == 1 and any(map(str.isdigit, names[0]))
    kinds = {column.name for column in encoder.columns}
    return (side, side) if alike and kinds <= {"numeric", "dropped"} else None


def _by_column(w: Array, encoder: Encoder | None) -> Array:
    """The weights (columns of the table, units): 0 for those that the encoder drops."""
    if not isinstance(encoder, TableEncoding):
        return w
    by_column = np.zeros((encoder.n_columns, w.shape[1]), w.dtype)
    start = 0
    for place, column in enumerate(encoder.columns):
        if column.n_outputs:
            if column.name != "numeric":
                raise InvalidArgument(f"The column {column.column!r} is no pixel: it does not hold numbers.")
            by_column[place] = w[start]
        start += column.n_outputs
    return by_column


PICTURES: dict[PictureKind, Callable[[Subject], Figure]] = {
    "curves": _curves,
    "confusion": _confusion,
    "calibration": _calibration,
    "predicted": _predicted,
    "residuals": _residuals,
    "weights": _weights,
}
"""What draws each kind."""
