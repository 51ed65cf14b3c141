"""The table of a training: its inputs and its target, and which rows teach, decide when to stop, and are held out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from chainrule.cli.table_column import column_of
from chainrule.cli.target import WEIGHT_ADVICE, Target, class_numbers, numbers_of, target_of
from chainrule.cli.training_options import TrainingOptions
from chainrule.cli.unreadable_columns import without_unreadable
from chainrule.data.rows import counted
from chainrule.data.split import random_split, stratified_split
from chainrule.data.table_files import open_table
from chainrule.data.tables import as_table
from chainrule.data.tables.stray_text import find_stray_text
from chainrule.data.tables.table import Table, missing_in
from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array, Rows

__all__ = ["Split", "TestTable", "TrainingTable", "read_training_table", "split_rows"]

FEWEST_TO_VALIDATE = 10
"""With fewer rows than these, chance decides when to stop."""


@dataclass(frozen=True)
class Split:
    """Numbers of the rows that are learned from, that decide when to stop, and that are held out for the report.

    Where another table is given for the report, no rows are held out (None).
    """

    train: Rows
    validation: Rows
    held_out: Rows | None


@dataclass(frozen=True)
class TestTable:
    """A table for the report alone: where it is, inputs, targets and the rows that have one."""

    place: str
    table: Table
    y: Array
    rows: Rows

    __test__ = False  # no test of pytest


@dataclass(frozen=True)
class TrainingTable:
    """What is learned from.

    Attributes
    ----------
    inputs : Table
        The columns to learn from.
    target : Target
        The column to learn.
    weights : array of shape (n,) or None
        How much each row counts.
    """

    inputs: Table
    target: Target
    weights: Array | None

    def test(self, options: TrainingOptions) -> TestTable | None:
        """The table that the options name for the report, with the columns of this one.

        Raises
        ------
        InvalidArgument
            If it lacks the target, or has classes that this one has not.
        """
        if options.test is None:
            return None
        name, read = self.target.name, open_table(options.test, options.reading.reading).read()
        table = as_table(without_unreadable(read, lambda column: column == name or column in self.inputs)[0])
        column = column_of(table, options.test, "target", name)
        if self.target.classes is None:
            y = numbers_of(name, column, "the training table has numbers there: mend the column of the test table.")
        else:
            y = class_numbers(name, column, self.target.classes)
        return TestTable(options.test, table, y, np.flatnonzero(~missing_in(column)))


def read_training_table(place: str, options: TrainingOptions) -> TrainingTable:
    """Read and check the table at a place.

    Raises
    ------
    InvalidArgument, FileMissing, FileFormatError, MissingExtra
        With what is wrong, and where.
    """
    file = open_table(place, options.reading.reading)
    name = options.target or file.default_target
    given, left_out = without_unreadable(file.read(), lambda column: _is_needed(column, name, options))
    table = as_table(given)
    if name is None:
        raise InvalidArgument(f"Say which column to learn: --target, with one of {_listed(table)}.")
    target_column = column_of(table, place, "target", name)
    if name in options.kinds_by_column:
        raise InvalidArgument(
            f"--kinds: {name} is the column to learn, and kinds are those of the columns that it is learned from; as "
            "what it is learned, --task says."
        )
    others = {column for column in (options.weight, *options.drop) if column is not None}
    weight = () if options.weight is None else (options.weight,)
    for option, columns in (("weight", weight), ("drop", options.drop), ("columns", options.columns)):
        for column in columns:
            if column not in left_out:
                column_of(table, place, option, column)
    chosen = options.columns or table.names
    kept = [column for column in chosen if column != name and column not in others]
    if not kept:
        raise InvalidArgument(f"No column of {file.name} is left to learn {name} from.")
    target = target_of(name, target_column, options.task)
    weights = None if options.weight is None else numbers_of(options.weight, table[options.weight], WEIGHT_ADVICE)
    if weights is not None and np.isnan(weights[target.labelled]).any():
        row = int(target.labelled[np.argmax(np.isnan(weights[target.labelled]))])
        raise InvalidArgument(
            f"The weight {options.weight} is missing in row {row} (counted from 0): mend that row, or drop it."
        )
    inputs = Table({column: table[column] for column in kept}, table.named)
    _check_finite(inputs, options)
    _check_text(inputs, options)
    return TrainingTable(inputs, target, weights)


def _is_needed(column: str, target: str | None, options: TrainingOptions) -> bool:
    if column in (target, options.weight):
        return True
    return column not in options.drop and (not options.columns or column in options.columns)


def _check_finite(inputs: Table, options: TrainingOptions) -> None:
    """Refuse infinite numbers in any row now; what is held out is looked at by nobody else until the end."""
    for name, column in inputs.columns.items():
        if isinstance(column, np.ndarray) and column.dtype.kind == "f" and options.kinds_by_column.get(name) != "drop":
            infinite = np.isinf(column)
            if infinite.any():
                raise InvalidArgument(
                    f"The column {name!r} is infinite in row {int(np.argmax(infinite))} (counted from 0): mend that "
                    f"entry, or leave the column out with --drop {name}."
                )


def _check_text(inputs: Table, options: TrainingOptions) -> None:
    """Refuse columns that are text in a few rows only, unless the person has said what they are."""
    stray = find_stray_text(inputs.drop(*(name for name in options.kinds_by_column if name in inputs)))
    if stray is not None:
        raise InvalidArgument(
            f"{stray} Correct such entries or make them missing; or, if these are names of categories, say so with "
            f"--kinds {stray.column}=category."
        )


def split_rows(target: Target, options: TrainingOptions, rng: np.random.Generator) -> Split:
    """Divide the labelled rows as the options say; classes are divided alike.

    Where too few rows would be left to decide when to stop, none are taken for it.

    Raises
    ------
    InvalidArgument
        If a share is none, or leaves nothing on one side.
    """
    rows, held_out = target.labelled, None
    if options.test is None:
        rows, held_out = _divided(rows, target, options.held_out, rng, "held-out")
    none = np.zeros(0, np.intp)
    if not options.early_stopping:
        return Split(rows, none, held_out)
    if 0 < options.validation < 1 and round(options.validation * len(rows)) < FEWEST_TO_VALIDATE:
        return Split(rows, none, held_out)
    rows, validation = _divided(rows, target, options.validation, rng, "validation")
    return Split(rows, validation, held_out)


def _divided(rows: Rows, target: Target, share: float, rng: np.random.Generator, option: str) -> tuple[Rows, Rows]:
    if not 0 < share < 1:
        raise InvalidArgument(f"--{option} is a share of the rows, between 0 and 1, not {share:g}.")
    try:
        if target.classes is None:
            kept, taken = random_split(len(rows), share, rng)
        else:
            kept, taken = stratified_split(target.y[rows], share, rng)
    except InvalidArgument:
        raise InvalidArgument(
            f"A share of {share:g} of {counted(len(rows), 'row')} with a {target.name} leaves nothing on one side: "
            f"give another --{option}, or more rows."
        ) from None
    return rows[kept], rows[taken]


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    return ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
