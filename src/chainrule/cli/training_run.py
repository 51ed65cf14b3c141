"""A training on the command line, from the table to the run folder; begun, or taken up where it stands."""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
import shutil
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chainrule.cli.network_for_table import fit_settings
from chainrule.cli.output import note
from chainrule.cli.predicted_columns import central_output, columns_of_outputs
from chainrule.cli.predictions_table import held_out_columns, predictions_csv
from chainrule.cli.prepared_training import PreparedTraining, prepared_training
from chainrule.cli.report import classification_results, learned_quantiles, regression_results
from chainrule.cli.timed_checkpoint import TimedCheckpoint
from chainrule.cli.training_options import TrainingOptions
from chainrule.cli.training_table import Split
from chainrule.data.example_sets import EXAMPLE_SETS
from chainrule.errors import FileMissing, FileNotWritten, InvalidArgument
from chainrule.files.model_file import FORMAT_VERSION
from chainrule.files.run_folder import (
    CHECKPOINT_FILE,
    HISTORY_FILE,
    MODEL_FILE,
    RESULTS_FILE,
    SETTINGS_FILE,
    SPLIT_FILE,
    RunFolder,
)
from chainrule.functions.arrays import Array
from chainrule.training.callback import Callback
from chainrule.training.early_stopping import EarlyStopping
from chainrule.training.progress import progress_for
from chainrule.training.run import Run
from chainrule.training.thread_limit import ThreadLimit
from chainrule.training.time_limit import TimeLimit

__all__ = ["begin", "go_on", "split_data"]


def begin(table: str, options: TrainingOptions, places: Iterable[Path], *callbacks: Callback) -> dict[str, Any]:
    """Teach a new network, in a new run folder at the first of these places that is free.

    Parameters
    ----------
    table : str
        Where the table is.
    options : TrainingOptions
        How to learn it.
    places : iterable of Path
        Where the folder may be, in the order of preference.
    *callbacks : Callback
        What else is to happen while it learns.

    Returns
    -------
    dict
        What came of it, as in the folder's results.json.

    Raises
    ------
    InvalidArgument, InvalidType, FileMissing, FileFormatError, MissingExtra
        If the table or the options are not fit for it; then no folder is left behind.
    FileNotWritten
        If the folder cannot be written.
    TrainingDiverged
        If numbers became NaN or infinite.
    """
    prepared = prepared_training(table, options)
    candidates = iter(places)
    first = next(candidates)
    new_parent = not first.parent.exists()
    folder = RunFolder.made(itertools.chain([first], candidates))
    try:
        with folder.held():
            settings = {"format_version": FORMAT_VERSION, "table": _place(table), "options": _options_data(options)}
            folder.write(SETTINGS_FILE, settings)
            folder.write(SPLIT_FILE, split_data(prepared.split))
            return _taught(prepared, folder, time.time(), callbacks, resumed=False)
    except Exception as error:
        _leave(folder, prepared, error, new_parent=new_parent)
        raise


def go_on(folder: RunFolder, options: TrainingOptions, *callbacks: Callback) -> dict[str, Any]:
    """Teach the network of a run on, from its last checkpoint, as if it had never been interrupted.

    Parameters
    ----------
    folder : RunFolder
        The run.
    options : TrainingOptions
        Its options, but for more epochs or patience.
    *callbacks : Callback
        What else is to happen while it learns.

    Raises
    ------
    InvalidArgument
        If another process teaches it, or its table is not what it was.
    FileMissing, FileFormatError, FileNotWritten, TrainingDiverged
        As in `begin`.
    """
    with folder.held():
        settings, results = folder.settings, folder.read(RESULTS_FILE)
        prepared = prepared_training(str(settings.get("table")), options)
        if folder.read(SPLIT_FILE) != split_data(prepared.split):
            raise InvalidArgument(
                f"{prepared.table} is not the table that {folder.path} was begun with: other rows would be learned."
            )
        if not (folder.path / CHECKPOINT_FILE).is_file():
            raise FileMissing(f"{folder.path} has no {CHECKPOINT_FILE}, so there is nothing to go on from.")
        started = results.get("started")
        begun = datetime.fromisoformat(started).timestamp() if isinstance(started, str) else time.time()
        try:
            folder.write(SETTINGS_FILE, {**settings, "options": options.data()})
            return _taught(prepared, folder, begun, callbacks, resumed=True)
        except Exception as error:
            if prepared.network.training is None:  # refused before its first step: all is as it was
                folder.write(SETTINGS_FILE, settings)
                folder.write(RESULTS_FILE, results)
            else:
                _say_failed(folder, error)
            raise


def split_data(split: Split) -> dict[str, Any]:
    """Which rows of its table a run tells when to stop by, and which it holds out, as its folder keeps it."""
    held_out = None if split.held_out is None else split.held_out.tolist()
    return {"validation": split.validation.tolist(), "held_out": held_out}


def _options_data(options: TrainingOptions) -> dict[str, Any]:
    """The options, with the places of other files from wherever the run is taken up."""
    data = options.data()
    places = {name: _place(data[name]) for name in ("test", "labels") if data[name] is not None}
    return {**data, **places}


def _place(table: str) -> str:
    """Where the table is, from wherever the run is taken up."""
    return table if table in EXAMPLE_SETS else os.path.abspath(table)


def _taught(
    prepared: PreparedTraining, folder: RunFolder, started: float, others: Sequence[Callback], *, resumed: bool
) -> dict[str, Any]:
    seconds_before = _seconds_of(folder) if resumed else 0.0
    beginning = {"state": "running", "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="milliseconds")}
    folder.write(RESULTS_FILE, beginning)
    stopping = EarlyStopping(patience=prepared.options.patience) if prepared.validation is not None else None
    began = time.perf_counter()
    _fit(prepared, folder, stopping, others, resumed=resumed)
    seconds = seconds_before + time.perf_counter() - began
    network = prepared.network
    assert network.training is not None
    epochs = network.training.epoch
    waited = stopping is not None and epochs - stopping.best_epoch >= prepared.options.patience
    results = {
        "run": str(folder.path),
        "table": os.path.basename(prepared.table),
        **beginning,
        "state": "finished" if waited or not network.history.stopped else "stopped",
        "stopped": network.history.stopped,
        "interrupted": network.history.interrupted,
        **{name: network.notes["table"][name] for name in ("target", "task")},
        "rows": _row_counts(prepared),
        "parameters": int(network.theta.size),
        "epochs": epochs,
        "engine": network.history.engine,
        "best_epoch": stopping.best_epoch if stopping is not None else None,
        "seconds": seconds,
        **_measured(prepared, folder),
    }
    network.save(folder.path / MODEL_FILE)
    folder.write(HISTORY_FILE, dict(network.history))
    folder.write(RESULTS_FILE, results)
    if results["state"] == "stopped":
        note(f"go on with: chainrule resume {shlex.quote(str(folder.path))}")
    return results


def _seconds_of(folder: RunFolder) -> float:
    """How long a run has been taught; of one that was killed, up to its last whole epoch that was kept."""
    results = folder.read(RESULTS_FILE)
    if "seconds" in results:
        return float(results["seconds"])
    history = folder.read(HISTORY_FILE) if (folder.path / HISTORY_FILE).is_file() else {}
    return float((history.get("seconds") or [0.0])[-1])


def _fit(
    prepared: PreparedTraining,
    folder: RunFolder,
    stopping: EarlyStopping | None,
    others: Sequence[Callback],
    *,
    resumed: bool,
) -> None:
    options, split = prepared.options, prepared.split
    checkpoint = folder.path / CHECKPOINT_FILE

    def keep_history(run: Run) -> None:
        folder.write(HISTORY_FILE, dict(run.history))

    callbacks: list[Callback] = [TimedCheckpoint(checkpoint, options.checkpoint_every, keep_history)]
    callbacks += [stopping] if stopping is not None else []
    callbacks += [TimeLimit(options.time_limit)] if options.time_limit is not None else []
    callbacks += [ThreadLimit(options.threads)] if options.threads is not None else []
    y, weights = prepared.labels(split.train)
    validation = None
    if prepared.validation is not None:
        validation = tuple(
            part for part in (prepared.validation, *prepared.labels(split.validation)) if part is not None
        )
    with warnings.catch_warnings():
        warnings.showwarning = _note_warning  # at once: a training may take hours, or fail
        warnings.simplefilter("always")
        warnings.filterwarnings("error", ".*; rows was |.*: rows was ")
        try:
            prepared.network.fit(
                prepared.train,
                y,
                sample_weight=weights,
                validation=validation,
                callbacks=[*callbacks, *others, progress_for(sys.stderr)],
                resume=checkpoint if resumed else False,
                verbose=False,
                **fit_settings(options, prepared.loss, len(split.train)),
            )
        except UserWarning:
            raise InvalidArgument(
                f"{prepared.table} is not what it was when {folder.path} was begun: other rows would be learned."
            ) from None
    note("")  # a blank line between the progress and the results, where both are seen


def _note_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    note(str(message))


def _row_counts(prepared: PreparedTraining) -> dict[str, int]:
    split = prepared.split
    return {"train": len(split.train), "validation": len(split.validation), "held_out": prepared.n_held_out}


def _measured(prepared: PreparedTraining, folder: RunFolder) -> dict[str, Any]:
    """The figures of the held-out rows and of the training rows; the predictions of the former are kept."""
    network = prepared.network
    learned = _figures(prepared, network.predict(prepared.train), prepared.y[prepared.split.train])
    held_out, truth, rows = prepared.held_out()
    outputs = network.predict(held_out)
    columns = held_out_columns(rows, truth, network) | columns_of_outputs(network, outputs)
    folder.write_predictions(predictions_csv(columns))
    summary = ("rows", "accuracy", "log_loss", "r2", "mae", "rmse")
    return {
        "held_out": _figures(prepared, outputs, truth),
        "training": {name: learned[name] for name in summary if name in learned},
    }


def _figures(prepared: PreparedTraining, outputs: Array, truth: Array) -> dict[str, Any]:
    network, about = prepared.network, prepared.network.notes["table"]
    if network.classes is not None:
        balanced = prepared.options.class_weight is not None
        return classification_results(truth, outputs, network, about["most_frequent_class"], balanced=balanced)
    results = regression_results(truth, outputs[:, central_output(network)], about["mean"])
    return results | learned_quantiles(network, truth, outputs)


def _leave(folder: RunFolder, prepared: PreparedTraining, error: Exception, *, new_parent: bool) -> None:
    """Take the folder of a training that failed away again, or say in it what happened, where something was learned."""
    if prepared.network.history.get("epoch"):
        _say_failed(folder, error)
        note(f"what was learned until then is in {folder.path}")
        return
    shutil.rmtree(folder.path)
    if new_parent:
        with contextlib.suppress(OSError):  # another process has put a run there meanwhile
            folder.path.parent.rmdir()


def _say_failed(folder: RunFolder, error: Exception) -> None:
    with contextlib.suppress(FileNotWritten):  # what is raised already may be just that
        folder.write(RESULTS_FILE, {**folder.read(RESULTS_FILE), "state": "failed", "reason": str(error)})
