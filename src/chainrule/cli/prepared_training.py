"""All that is ready before the first step of a training: a network, and the rows in the form in which it takes them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.cli.network_for_table import loss_for, network_for
from chainrule.cli.output import note
from chainrule.cli.training_options import TrainingOptions
from chainrule.cli.training_table import Split, TestTable, TrainingTable, read_training_table, split_rows
from chainrule.data.labelled_rows import EncodedRows
from chainrule.data.rows import counted
from chainrule.data.tables import TableEncoding
from chainrule.data.tables.encoders import CategoryEncoder, NumericEncoder
from chainrule.data.tables.row_numbers import counts_rows
from chainrule.data.tables.table import Table
from chainrule.functions.arrays import Array, Rows
from chainrule.functions.losses import Loss
from chainrule.model import Network
from chainrule.streams import Streams

__all__ = ["PreparedTraining", "prepared_training"]


@dataclass(frozen=True)
class PreparedTraining:
    """What is learned, from what, and by which network.

    Attributes
    ----------
    table : str
        Where the table is.
    options : TrainingOptions
        What the person asked for.
    loss : Loss
        What is made small.
    network : Network
        With its encoder, fitted on the training rows.
    inputs : Table
        The columns to learn from, with all rows.
    y, weights : array of shape (n,)
        The number of each row's class, or the number; how much it counts, where that is told.
    split : Split
        Numbers of the rows that are learned from, decide when to stop, and are held out.
    train, validation : EncodedRows
        The first two, encoded; the last are when they are needed, after the training.
    test : tuple of EncodedRows, array and array, or None
        The rows of another table for the report, with what is true and their numbers.
    """

    table: str
    options: TrainingOptions
    loss: Loss
    network: Network
    inputs: Table
    y: Array
    weights: Array | None
    split: Split
    train: EncodedRows
    validation: EncodedRows | None
    test: tuple[EncodedRows, Array, Rows] | None

    def labels(self, rows: Rows) -> tuple[Array, Array | None]:
        """Targets and weights of some rows, for `Network.fit`."""
        # numbers of classes as floats, since a network takes whole numbers for the names of its classes
        return self.y[rows].astype(np.float64), None if self.weights is None else self.weights[rows]

    def held_out(self) -> tuple[EncodedRows, Array, Rows]:
        """The rows for the report, what is true of them, and their numbers in their table."""
        if self.test is not None:
            return self.test
        assert self.split.held_out is not None
        return (
            self.network.encode(self.inputs.take(self.split.held_out)),
            self.y[self.split.held_out],
            self.split.held_out,
        )

    @property
    def n_held_out(self) -> int:
        """How many rows the report is on."""
        rows = self.split.held_out if self.test is None else self.test[2]
        return 0 if rows is None else len(rows)


def prepared_training(table: str, options: TrainingOptions) -> PreparedTraining:
    """Read a table, and make ready what is to be learned from it; nothing is written.

    Raises
    ------
    InvalidArgument, InvalidType, FileMissing, FileFormatError, MissingExtra
        If the table or the options are not fit for it.
    """
    data = read_training_table(table, options)
    test = data.test(options)
    split = split_rows(data.target, options, Streams(options.seed)["split"])
    encoding = TableEncoding.fitted(
        data.inputs, split.train, max_categories=options.max_categories, kinds=options.kinds_by_column
    )
    loss = loss_for(data.target, options)
    network = network_for(data.target, encoding, split.train, options, loss)
    network.notes["table"] = _about_table(data, split)
    _tell(table, data, split, encoding, test, options)
    if options.early_stopping and not len(split.validation):
        note("too few rows to tell when to stop: all epochs are learned")
    return PreparedTraining(
        table=table,
        options=options,
        loss=loss,
        network=network,
        inputs=data.inputs,
        y=data.target.y,
        weights=data.weights,
        split=split,
        train=network.encode(data.inputs.take(split.train)),
        validation=network.encode(data.inputs.take(split.validation)) if len(split.validation) else None,
        test=None if test is None else (network.encode(test.table.take(test.rows)), test.y[test.rows], test.rows),
    )


def _about_table(data: TrainingTable, split: Split) -> dict[str, Any]:
    """What the model file tells of the table that it was learned from."""
    target, y = data.target, data.target.y[split.train]
    about = {"target": target.name, "task": target.task, "columns": list(data.inputs.names)}
    if target.classes is None:
        return about | {"mean": float(y.mean())}
    return about | {"most_frequent_class": int(np.bincount(y).argmax())}


def _tell(
    table: str,
    data: TrainingTable,
    split: Split,
    encoding: TableEncoding,
    test: TestTable | None,
    options: TrainingOptions,
) -> None:
    """Say what is about to be done with the table."""
    target = data.target
    missing = len(target.y) - len(target.labelled)
    if missing:
        note(f"{counted(missing, 'row')} of {len(target.y)} without a {target.name} left out")
    note(f"{target.reason}")
    for name, reason in encoding.dropped.items():
        note(f"{name} is left out: {reason}")
    note(*_suspicions(data.inputs, encoding, options))
    parts = [f"{counted(len(split.train), 'row')} to learn from"]
    parts += [f"{len(split.validation)} to tell when to stop"] if len(split.validation) else []
    parts += [f"{len(split.held_out)} held out"] if split.held_out is not None else []
    note(f"{os.path.basename(table)}: {', '.join(parts)}")
    if test is not None:
        note(f"{os.path.basename(test.place)}: {counted(len(test.rows), 'row')} for the report")


def _suspicions(inputs: Table, encoding: TableEncoding, options: TrainingOptions) -> Iterator[str]:
    """Of columns that a person may not want as they are, why, but for those whose kind they have told."""
    for encoder in encoding.columns:
        name, drop = encoder.column, f"--drop {shlex.quote(encoder.column)}"
        if name in options.kinds_by_column:
            continue
        if isinstance(encoder, CategoryEncoder) and encoder.note:
            yield f"{name} is {encoder.note} with {drop}"
        if isinstance(encoder, NumericEncoder) and counts_rows(inputs[name]):
            yield f"{name} counts the rows: leave it out with {drop}"
