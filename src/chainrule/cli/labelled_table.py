"""Rows whose target is known, to measure a network on: those that its run held out, or those of another table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.cli.predicted_columns import class_names, task_of
from chainrule.cli.run_or_model import RunOrModel
from chainrule.cli.table_column import column_of
from chainrule.cli.table_parts import columns_of, network_inputs
from chainrule.cli.target import WEIGHT_ADVICE, class_numbers, numbers_of
from chainrule.cli.training_options import ReadingOptions, check_nothing_to_read
from chainrule.cli.unreadable_columns import without_unreadable
from chainrule.data.table_files import Reading, open_table
from chainrule.data.tables import TableEncoding, as_table, missing_in
from chainrule.data.tables.table import Table
from chainrule.errors import FileFormatError, InvalidArgument
from chainrule.functions.arrays import Array, Rows
from chainrule.model import Network

__all__ = ["LabelledTable", "given_or_held_out", "held_out_table", "labelled_table"]


@dataclass(frozen=True)
class LabelledTable:
    """Rows whose target is known.

    Attributes
    ----------
    name : str
        What the table is called.
    target : str
        The column that is known.
    rows : array of int of shape (n,)
        Their numbers in the table.
    inputs : Table, or array of shape (n, d)
        What `Network.predict` takes.
    truth : array of shape (n,)
        Numbers of classes, or numbers.
    weights : array of shape (n,) or None
        How much each counts.
    left_out : int
        Rows of the table without a target.
    """

    name: str
    target: str
    rows: Rows
    inputs: Any
    truth: Array
    weights: Array | None = None
    left_out: int = 0


def given_or_held_out(
    model: RunOrModel,
    place: str | None,
    reading: ReadingOptions,
    *,
    target: str | None = None,
    weight: str | None = None,
) -> LabelledTable:
    """The rows of a table or, where none is given, those that the run held out.

    Parameters
    ----------
    model : RunOrModel
        What they are for.
    place : str or None
        A file with a table, or the name of an example set.
    reading, target, weight
        As for `labelled_table`; to be left out where no table is given.

    Raises
    ------
    InvalidArgument
        As `labelled_table` and `held_out_table`; also if an option is about a table, and none is given.
    FileMissing, FileFormatError, MissingExtra
        If the rows cannot be read.
    """
    if place is not None:
        return labelled_table(model, place, reading.reading, target=target, weight=weight)
    for option, value in (("--target", target), ("--weight", weight)):
        if value is not None:
            raise InvalidArgument(f"{option} is of a table, and none is given.")
    check_nothing_to_read(reading)
    return held_out_table(model)


def held_out_table(model: RunOrModel) -> LabelledTable:
    """The rows that the report of a run is on: those that were held out, or those of the table given for that.

    Raises
    ------
    InvalidArgument
        If it is no run, but a model file alone.
    FileMissing, FileFormatError, MissingExtra
        If the run or its table cannot be read, or the table is another one by now.
    """
    if model.run is None:
        raise InvalidArgument(f"{model.file} is a model file, and knows no rows that were held out: give a table.")
    settings = model.run.settings
    options = settings.get("options", {})
    reading = ReadingOptions.from_data(options).reading
    held_out = model.run.held_out_rows()
    place = str(settings.get("table") if held_out is not None else options.get("test"))
    found = labelled_table(model, place, reading)
    if held_out is None:
        return found
    at = np.searchsorted(found.rows, held_out)
    if (at == len(found.rows)).any() or (found.rows[at] != held_out).any():
        raise FileFormatError(
            f"{place} is not the table that {model.run.path} was made with: rows that it held out are not there."
        )
    inputs = found.inputs.take(at) if isinstance(found.inputs, Table) else found.inputs[at]
    return LabelledTable(found.name, found.target, found.rows[at], inputs, found.truth[at])


def labelled_table(
    model: RunOrModel, place: str, reading: Reading, *, target: str | None = None, weight: str | None = None
) -> LabelledTable:
    """The rows of a table whose target is known.

    Parameters
    ----------
    model : RunOrModel
        What they are for.
    place : str
        A file with a table, or the name of an example set.
    reading : Reading
        How it is to be read.
    target : str, optional
        What the target is called there; by default as in learning.
    weight : str, optional
        The column that says how much a row counts.

    Raises
    ------
    InvalidArgument
        If the table lacks a column, or has another class, with the row.
    FileMissing, FileFormatError, MissingExtra
        If it cannot be read.
    """
    file = open_table(place, reading)
    name = target or model.table.get("target") or file.default_target
    if name is None:
        raise InvalidArgument(f"{model.file} does not say what its target is called: give --target.")
    name = str(name)
    of_network = columns_of(model.network)
    given, _ = without_unreadable(file.read(), lambda each: each in (name, weight) or of_network(each))
    table = as_table(given)
    column = column_of(table, file.name, "target", name)
    labelled = np.flatnonzero(~missing_in(column))
    if not len(labelled):
        raise InvalidArgument(f"{name} is missing in every row of {file.name}, so there is nothing to measure.")
    weights = None if weight is None else _weights(file.name, weight, table)[labelled]
    inputs = table
    if not isinstance(model.network.encoder, TableEncoding):  # which takes what it knows, and leaves the rest
        inputs = table.drop(*{each for each in (name, weight) if each is not None})
    return LabelledTable(
        file.name,
        name,
        labelled,
        network_inputs(inputs.take(labelled), model.network, file),
        _truth(name, column, model.network)[labelled],
        weights,
        len(table) - len(labelled),
    )


def _truth(name: str, column: Any, network: Network) -> Array:
    if task_of(network) == "classification":
        return class_numbers(name, column, class_names(network))
    return numbers_of(name, column, "the network learned numbers: mend the column, or give another --target.")


def _weights(place: str, weight: str, table: Table) -> Array:
    weights = numbers_of(weight, column_of(table, place, "weight", weight), WEIGHT_ADVICE)
    wrong = np.isnan(weights) | (weights < 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        is_what = "missing" if np.isnan(weights[row]) else f"{weights[row]:g}"
        raise InvalidArgument(
            f"The weight {weight} is {is_what} in row {row} (counted from 0); weights are numbers from 0 on."
        )
    if not weights.any():
        raise InvalidArgument(f"The weight {weight} is 0 in every row of {place}, so nothing is left to measure.")
    return weights
