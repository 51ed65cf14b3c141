"""``chainrule predict``: the rows of a table with what a network predicts for them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, note, print_result
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions, check_nothing_to_read, names_of

if TYPE_CHECKING:
    from chainrule.cli.run_or_model import RunOrModel
    from chainrule.cli.table_parts import TablePart
    from chainrule.model import Network

__all__ = ["predict"]

PREDICTIONS = Group("Predictions", sort_key=20)

SECONDS_BETWEEN_NOTES = 5.0
"""So often it is said how many rows are done."""


def predict(
    run_or_model: Path,
    table: str | None = None,
    *,
    output: Annotated[Path | None, Parameter(group=PREDICTIONS, alias="-o")] = None,
    keep: Annotated[str | None, Parameter(group=PREDICTIONS)] = None,
    proba: Annotated[bool | None, Parameter(group=PREDICTIONS)] = None,
    members: Annotated[bool, Parameter(group=PREDICTIONS, negative="")] = False,
    prefix: Annotated[str, Parameter(group=PREDICTIONS)] = "",
    reading: ReadingOptions = READING_OPTIONS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Add predictions to the rows of a table.

    Reads the table part by part, so that it may be larger than the memory, and gives each row with the columns
    `prediction` and, for classes, `probability_<class>` for each; for quantiles, `quantile_<level>` for each. Without a
    table, gives the run's own predictions.csv again, bit for bit.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file.
    table: str
        A CSV, TSV, Parquet, NPZ or IDX file, also packed with gzip, or an example set; with the columns that the
        network learned from, in any order, and any others.
    output: Path
        A file to write to, ending in .csv, .tsv or .parquet; by default, CSV goes to standard output.
    keep: str
        The columns of the table to give beside the predictions, such as id,name, or none; by default, all.
    proba: bool | None
        Whether to give the probability of each class; by default, where there are no more than 200.
    members: bool
        Give what each network of an ensemble predicts, too: member_1 and so on.
    prefix: str
        What the names of all new columns begin with, such as new_.
    """
    from chainrule.cli.run_or_model import open_run_or_model

    model = open_run_or_model(run_or_model)
    kept = None if keep is None else names_of([keep])
    new = _NewColumns(prefix, proba, members)
    if table is None:
        check_nothing_to_read(reading)
        parts = iter([_predicted_held_out_rows(model, kept, new)])
    else:
        parts = _predicted_parts(model, table, reading, kept, new, typed=_has_types(output))
    written = _Counted(parts)
    _write(iter(written), output, as_json)
    if output is not None:
        result = {"rows": written.rows, "columns": written.columns, "output": str(output)}
        print_result(result, lambda: f"{written.rows} predictions are in {output}", as_json)


@dataclass(frozen=True)
class _NewColumns:
    """Which columns to add, and how their names begin."""

    prefix: str
    proba: bool | None
    members: bool

    def of(self, inputs: Any, network: Network) -> dict[str, Any]:
        from chainrule.cli.predicted_columns import predicted_columns

        found = predicted_columns(network, inputs, proba=self.proba, members=self.members)
        return {self.prefix + name: values for name, values in found.items()}


class _Counted:
    """Parts of a table, whose rows are counted while they are written, and told now and then."""

    def __init__(self, parts: Iterator[Any]) -> None:
        self._parts, self.rows, self.columns = parts, 0, [""]

    def __iter__(self) -> Iterator[Any]:
        told = time.monotonic()
        for part in self._parts:
            of_arrays = isinstance(part, dict)
            self.columns = list(part if of_arrays else part.columns)
            self.rows += len(part[self.columns[-1]] if of_arrays else part)
            yield part
            if time.monotonic() - told > SECONDS_BETWEEN_NOTES:
                note(f"{self.rows:,} rows predicted")
                told = time.monotonic()


def _has_types(output: Path | None) -> bool:
    """Whether what is written knows numbers from text, unlike CSV."""
    return output is not None and output.suffix.lower() in (".parquet", ".pq")


def _predicted_parts(
    model: RunOrModel,
    table: str,
    reading: ReadingOptions,
    keep: tuple[str, ...] | None,
    columns: _NewColumns,
    *,
    typed: bool,
) -> Iterator[Any]:
    """Each part of the table with its predictions."""
    from chainrule.cli.table_parts import in_part, table_parts
    from chainrule.errors import ChainruleError

    for part in table_parts(table, model.network, reading.reading):
        kept = _kept(part.names, keep, table)
        try:
            new = columns.of(part.inputs, model.network)
        except ChainruleError as error:
            raise in_part(error, part) from None
        _check_new_names(new, kept, table)
        yield _joined(part, kept, new, typed=typed)


def _predicted_held_out_rows(model: RunOrModel, keep: tuple[str, ...] | None, columns: _NewColumns) -> dict[str, Any]:
    """The rows that the run held out: their numbers, what is true, and what is predicted."""
    from chainrule.cli.labelled_table import held_out_table
    from chainrule.cli.predictions_table import held_out_columns

    rows = held_out_table(model)
    given = held_out_columns(rows.rows, rows.truth, model.network)
    kept = _kept(list(given), keep, "the table of held-out rows")
    new = columns.of(rows.inputs, model.network)
    return {name: given[name] for name in kept} | new


def _kept(names: list[str], keep: tuple[str, ...] | None, table: str) -> list[str]:
    from chainrule.errors import InvalidArgument, nearest_names

    if keep is None:
        return names
    if keep == ("none",) and "none" not in names:
        return []
    for name in keep:
        if name not in names:
            raise InvalidArgument(f"--keep: {table} has no column {name!r}; {nearest_names(name, names)}")
    return list(dict.fromkeys(keep))


def _check_new_names(new: dict[str, Any], kept: list[str], table: str) -> None:
    from chainrule.errors import InvalidArgument

    twice = [name for name in new if name in kept]
    if twice:
        raise InvalidArgument(
            f"{table} has a column {twice[0]!r} already: give --prefix, such as --prefix new_, for the new columns, or "
            "say with --keep which of the table's columns to give."
        )


def _joined(part: TablePart, kept: list[str], new: dict[str, Any], *, typed: bool) -> Any:
    if isinstance(part.given, dict):
        return {name: part.given[name] for name in kept} | new
    import polars

    given = part.typed if typed else part.given
    return polars.DataFrame([given[name] for name in kept] + [polars.Series(name, new[name]) for name in new])


def _write(parts: Iterator[Any], output: Path | None, as_json: bool) -> None:
    from chainrule.cli.table_output import write_csv, write_json, writer_for
    from chainrule.files.whole_file import whole_file

    if output is not None:
        write = writer_for(output)
        with whole_file(output) as file:
            write(parts, file)
    elif as_json:
        write_json(parts, sys.stdout)
    else:
        write_csv(parts, sys.stdout.write)
