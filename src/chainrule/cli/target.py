"""The column to learn: classes by their numbers, or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.cli.task import decided_task
from chainrule.cli.text_target import refuse_text_target
from chainrule.cli.training_options import Task
from chainrule.data.rows import counted
from chainrule.data.tables.boolean_column import BooleanColumn
from chainrule.data.tables.stray_text import find_stray_text
from chainrule.data.tables.table import Column, Table, missing_in
from chainrule.data.tables.text_column import TextColumn, spelled
from chainrule.errors import InvalidArgument, nearest_names
from chainrule.functions.arrays import Array, Rows

__all__ = ["WEIGHT_ADVICE", "Target", "class_numbers", "numbers_of", "target_of"]


WEIGHT_ADVICE = "how much a row counts is a number: mend the column, or give another --weight."


@dataclass(frozen=True)
class Target:
    """What is to be learned.

    Attributes
    ----------
    name : str
        The column's name.
    task : {"classification", "regression"}
        As what it is learned.
    reason : str
        Why, as a sentence.
    y : array of shape (n,)
        The number of each row's class, or the number; whatever, where it is missing.
    labelled : array of int
        The rows where it is not missing.
    classes : tuple of str or int, or None
        The names of the classes, in their order.
    """

    name: str
    task: Task
    reason: str
    y: Array
    labelled: Rows
    classes: tuple[str | int, ...] | None


def target_of(name: str, column: Column, task: Task | None) -> Target:
    """The target that a column is.

    Parameters
    ----------
    name : str
        What it is called.
    column : Column
        Its values by row.
    task : {"classification", "regression"}, optional
        As what it is to be learned; by default, what `decided_task` says.

    Raises
    ------
    InvalidArgument
        If nothing can be learned from it, with the reason.
    """
    labelled = np.flatnonzero(~missing_in(column))
    if len(labelled) == 0:
        raise InvalidArgument(f"{name} is missing in every row, so there is nothing to learn.")
    if task is None:
        stray = find_stray_text(Table({name: column}))
        if stray is not None:
            raise InvalidArgument(f"{stray} Mend or drop such rows; or, to learn it as classes, --task classification.")
    if isinstance(column, TextColumn):
        refuse_text_target(name, column, task)
    if task is None:
        task, reason = decided_task(name, _values(column)[labelled])
    else:
        reason = f"{name} is learned as {'classes' if task == 'classification' else 'a number'}, as --task says"
    if task == "regression":
        text = isinstance(column, TextColumn)
        other = "give --task classification, or mend the column." if text else "give another --target."
        y = numbers_of(name, column, f"a regression learns numbers: {other}")
        _check_spread(name, y[labelled])
        if (y[labelled] == y[labelled[0]]).all():
            raise InvalidArgument(f"{name} is {y[labelled[0]]:g} in every row, so there is nothing to learn.")
        return Target(name, task, reason, y, labelled, None)
    names, codes = _distinct(name, column)
    _check_classes(name, names, codes[labelled])
    return Target(name, task, reason, codes, labelled, names)


def numbers_of(name: str, column: Column, advice: str) -> Array:
    """The column as numbers in float64, NaN where they are missing.

    Parameters
    ----------
    name : str
        What it is called.
    column : Column
        Its values by row.
    advice : str
        What the sentence says to do where it does not hold numbers.

    Raises
    ------
    InvalidArgument
        If it holds text or dates, or is infinite somewhere.
    """
    if isinstance(column, TextColumn):
        row = int(np.argmax(column.codes >= 0))
        raise InvalidArgument(
            f"{name} holds text, such as {column.labels[column.codes[row]]!r} in row {row} (counted from 0), and no "
            f"numbers; {advice}"
        )
    if isinstance(column, BooleanColumn):
        return np.where(column.codes < 0, np.nan, column.codes.astype(np.float64))
    if column.dtype.kind == "M":
        raise InvalidArgument(f"{name} holds dates, and no numbers; {advice}")
    y: Array = column.astype(np.float64)
    _check_finite(name, y)
    return y


def _check_finite(name: str, y: Array) -> None:
    if y.dtype.kind == "f" and (infinite := np.isinf(y)).any():
        raise InvalidArgument(
            f"{name} is infinite in row {int(np.argmax(infinite))} (counted from 0): mend or drop that row."
        )


def _check_spread(name: str, y: Array) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        spread = y.var()
    if not np.isfinite(spread):
        raise InvalidArgument(
            f"{name} has numbers up to {np.abs(y).max():g}, whose squares no float can hold: give it in a larger unit."
        )


def class_numbers(name: str, column: Column, classes: Sequence[str | int]) -> Rows:
    """The number of each row's class among those that a network knows; -1 where it is missing.

    Raises
    ------
    InvalidArgument
        If a row has another class, with the nearest that is known.
    """
    labels, codes = _distinct(name, column)
    known = {str(label): number for number, label in enumerate(classes)}
    numbers: Rows = np.array([*(known.get(str(label), -2) for label in labels), -1], np.intp)[codes]
    if (numbers == -2).any():
        row = int(np.argmax(numbers == -2))
        label = str(labels[codes[row]])
        raise InvalidArgument(
            f"{name} is {label!r} in row {row} (counted from 0), which is no class of the network; "
            f"{nearest_names(label, known)}"
        )
    return numbers


def _values(column: Column) -> Array:
    """An array with the column's kind of values."""
    if isinstance(column, TextColumn):
        return np.asarray(column.codes).astype("U1")
    return column.codes.astype(bool) if isinstance(column, BooleanColumn) else column


def _distinct(name: str, column: Column) -> tuple[tuple[str | int, ...], Rows]:
    """The different values, sorted, as names of classes, and the number of each row's; -1 where it is missing."""
    if isinstance(column, TextColumn):
        used = np.flatnonzero(np.bincount(column.codes[column.codes >= 0], minlength=len(column.labels)))
        order = sorted(used.tolist(), key=lambda code: column.labels[code])
        numbers = np.full(len(column.labels) + 1, -1, np.intp)
        numbers[order] = np.arange(len(order))
        return tuple(column.labels[code] for code in order), numbers[column.codes]
    if isinstance(column, BooleanColumn) or column.dtype.kind == "b":
        codes = column.codes if isinstance(column, BooleanColumn) else column
        return ("False", "True"), np.asarray(codes).astype(np.intp)
    if column.dtype.kind == "M":
        raise InvalidArgument(f"{name} holds dates or times, which are no classes: give another --target.")
    _check_finite(name, column)
    values, numbers = np.unique(column, return_inverse=True, equal_nan=True)
    whole = column.dtype.kind in "iu" or bool((np.isnan(values) | (values == np.floor(values))).all())
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
    names = tuple(int(v) if whole else spelled(float(v)) for v in values[~missing].tolist())
    return names, np.where(missing[numbers], -1, numbers)  # NaN is sorted last


def _check_classes(name: str, names: Sequence[str | int], codes: Rows) -> None:
    rows = np.bincount(codes, minlength=len(names))
    there = np.flatnonzero(rows)
    if len(there) == 1:
        raise InvalidArgument(
            f"{name} is {names[there[0]]!r} in all of its {counted(len(codes), 'row')}, so there is nothing to learn."
        )
    if rows.max() == 1:
        raise InvalidArgument(
            f"{name} has {len(names)} classes with one row each, and a class is learned from several rows: if it is a "
            "name or a number of the row, give another --target; if it is a number to learn, --task regression."
        )
