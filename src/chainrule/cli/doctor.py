"""``chainrule doctor``: what is wrong with a training, and what would mend it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, coloured, note, print_result
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions, TrainingOptions, check_nothing_to_read

if TYPE_CHECKING:
    from chainrule.cli.labelled_table import LabelledTable
    from chainrule.cli.prepared_training import PreparedTraining
    from chainrule.cli.run_or_model import RunOrModel
    from chainrule.files.run_folder import RunFolder
    from chainrule.glassbox.doctor import Diagnosis, Finding
    from chainrule.model import Network

__all__ = ["doctor"]

EXAMINING = Group("Examining", sort_key=20)


def doctor(
    run_or_model: Path,
    table: str | None = None,
    *,
    target: Annotated[str | None, Parameter(group=EXAMINING, alias="-t")] = None,
    member: Annotated[int, Parameter(group=EXAMINING)] = 1,
    trials: Annotated[bool, Parameter(group=EXAMINING)] = True,
    reading: ReadingOptions = READING_OPTIONS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Find out what is wrong with a training: each finding with the number that shows it, and what to change.

    The change is tried: the training is done again from its start, for seconds, as it was and with the change. A run is
    examined on the rows that it learned, and judged by those that told when to stop. The exit status is 1 where
    something was found, and 0 where nothing was.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file. Of a model file, which does not say how it was taught, nothing is rerun.
    table: str
        A table with the target. Of a run, the rows to judge by; of a model file, which needs one, those to examine.
    target: str
        What the target is called in the table, where it is not called as in learning.
    member: int
        Which network of an ensemble, counted from 1.
    trials: bool
        Whether remedies are tried.
    """
    from chainrule.cli.ensemble_member import chosen_member
    from chainrule.cli.labelled_table import labelled_table
    from chainrule.cli.run_or_model import open_run_or_model
    from chainrule.errors import InvalidArgument

    model = open_run_or_model(run_or_model)
    network = chosen_member(model.network, member)
    if table is None:
        if target is not None:
            raise InvalidArgument("--target is of a table, and none is given.")
        check_nothing_to_read(reading)
    rows = None if table is None else labelled_table(model, table, reading.reading, target=target)
    if rows is not None and rows.left_out:
        note(f"{rows.left_out} of {rows.left_out + len(rows.rows)} rows have no {rows.target}, and are left out")
    if model.run is not None:
        diagnosis = _of_run(model.run, network, rows, trials=trials)
    elif rows is None:
        raise InvalidArgument(f"{model.file} is a model file, and knows no rows: give a table to examine it on.")
    else:
        diagnosis = _of_model(model, network, rows, trials=trials)
    result = {"model": str(run_or_model), **diagnosis.data()}
    print_result(result, lambda: _text(diagnosis), as_json)
    return 1 if diagnosis else 0


def _of_run(run: RunFolder, network: Network, rows: LabelledTable | None, *, trials: bool) -> Diagnosis:
    """Examine the network of a run on the rows that it learned, with the settings by which it did."""
    from chainrule.cli.network_for_table import fit_settings
    from chainrule.cli.prepared_training import prepared_training
    from chainrule.cli.training_run import split_data
    from chainrule.errors import FileFormatError
    from chainrule.files.run_folder import RESULTS_FILE, SPLIT_FILE
    from chainrule.glassbox.doctor import diagnose
    from chainrule.training.history import History

    options = TrainingOptions.from_data(run.settings.get("options"))
    prepared = prepared_training(str(run.settings.get("table")), options)
    if run.read(SPLIT_FILE) != split_data(prepared.split) or prepared.network.encoder != network.encoder:
        raise FileFormatError(
            f"{prepared.table} is not the table that {run.path} was made with: other rows than it learned would be "
            "examined."
        )
    columns = _history_columns(run)
    held_out = _judging_rows(prepared, rows)
    if rows is not None or prepared.validation is None:  # what was measured meanwhile was of other rows
        columns = {name: column for name, column in columns.items() if not name.startswith("val_")}
    network.history = History(columns, str(run.read(RESULTS_FILE).get("stopped") or ""))
    settings = fit_settings(options, prepared.loss, len(prepared.split.train))
    settings = {name: value for name, value in settings.items() if name not in ("engine", "epochs")}
    y, weights = prepared.labels(prepared.split.train)
    epochs = len(columns.get("epoch", ())) or options.epochs
    train = network.encode(prepared.inputs.take(prepared.split.train))
    return diagnose(
        network, train, y, epochs=epochs, sample_weight=weights, validation=held_out, trials=trials, **settings
    )


def _history_columns(run: RunFolder) -> dict[str, list[float]]:
    """The columns of a run's history, if they are such; none where it has none."""
    import numpy as np

    from chainrule.errors import FileFormatError
    from chainrule.files.run_folder import HISTORY_FILE

    file = run.path / HISTORY_FILE
    columns = run.read(HISTORY_FILE) if file.is_file() else {}
    columns = {name: column for name, column in columns.items() if name != "format_version"}
    for name, column in columns.items():
        try:
            array = np.array(column, np.float64)
        except (TypeError, ValueError):
            array = np.empty(())
        if array.ndim != 1 or len(column) != len(columns.get("epoch", ())):
            raise FileFormatError(f"{file} is damaged: {name!r} is no column with a number for each epoch.")
    return columns


def _judging_rows(prepared: PreparedTraining, rows: LabelledTable | None) -> tuple[Any, ...]:
    """The rows that told when to stop or, where there are none, those that were held out; or those of a table."""
    import numpy as np

    if rows is not None:
        return rows.inputs, rows.truth.astype(np.float64)
    if prepared.validation is not None:
        y, weights = prepared.labels(prepared.split.validation)
        return tuple(part for part in (prepared.validation, y, weights) if part is not None)
    x, y, _ = prepared.held_out()
    return x, y.astype(np.float64)


def _of_model(model: RunOrModel, network: Network, rows: LabelledTable, *, trials: bool) -> Diagnosis:
    """Examine the network of a model file on a table."""
    import numpy as np

    from chainrule.glassbox.doctor import diagnose

    return diagnose(network, rows.inputs, rows.truth.astype(np.float64), sample_weight=rows.weights, trials=trials)


OPTIONS: tuple[tuple[str, str], ...] = (
    (r"learning_rate=([0-9][0-9.e+-]*[0-9]|[0-9])", r"--learning-rate \1"),
    (r"callbacks=\[EarlyStopping\(\)\]", "--early-stopping"),
    (r'class_weight="balanced"', "--class-weight balanced"),
    (r"LeakyRelu", "--activation leaky_relu"),
    (r"BatchNorm\(\)", "--batch-norm"),
)
"""What a remedy says in Python's words, and the option of `chainrule train` that does it."""


def _with_options(finding: Finding) -> Finding:
    """A finding whose remedy names the options of the command line besides."""
    options = [found.expand(option) for python, option in OPTIONS if (found := re.search(python, finding.remedy))]
    if not options:
        return finding
    return replace(finding, remedy=f"{finding.remedy} With chainrule train: {', '.join(options)}.")


def _text(diagnosis: Diagnosis) -> str:
    """The report, with options in its remedies, and the head of each finding in bold where the terminal can."""
    diagnosis = replace(diagnosis, findings=tuple(map(_with_options, diagnosis.findings)))
    heads = {f"{i}. {finding.heading}" for i, finding in enumerate(diagnosis.findings, 1)}
    lines = repr(diagnosis).splitlines()
    return "\n".join(coloured(line, "bold") if line in heads else line for line in lines)
