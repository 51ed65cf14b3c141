"""``chainrule train``: learn a column of a table, report on rows that were held out, and keep all of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from chainrule.cli.output import AsJson, Debug, note, print_result
from chainrule.cli.training_options import RUN, TrainingOptions

__all__ = ["note_if_poor", "train", "training_text"]

DEFAULTS = TrainingOptions()


def train(
    table: str,
    *,
    options: TrainingOptions = DEFAULTS,
    output: Annotated[Path | None, Parameter(group=RUN, alias="-o")] = None,
    config: Annotated[Path | None, Parameter(group=RUN)] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Learn a column of a table, and report on rows that were held out.

    Tells from the target whether it is classes or numbers; holds a quarter of the rows out; encodes the columns as the
    others are; teaches a network until the rows that are set aside for it say that it gets no better; and keeps model,
    settings, history, predictions and results in a run folder. Ctrl-C, or SIGTERM, stops with everything saved;
    `chainrule resume` goes on.

    Parameters
    ----------
    table: str
        A CSV, TSV, Parquet, NPZ or IDX file, also packed with gzip; or an example set: breast_cancer, diabetes, digits,
        iris or wine.
    output: Path
        The run folder to make; by default runs/TABLE-1, or with the next free number.
    config: Path
        A TOML or JSON file with options by their names, such as lines target = "churn", drop = ["id", "name"] and
        hidden = [64, 32], or a run's settings.json; those given here win.
    """
    from chainrule.cli.termination import StopOnSigterm
    from chainrule.cli.training_run import begin
    from chainrule.errors import FileNotWritten
    from chainrule.files.run_folder import numbered_folders

    if output is not None and output.exists():
        raise FileNotWritten(f"{output} exists already, and a run never replaces another: choose a new folder.")
    places = [output] if output is not None else numbered_folders(Path("runs"), _name(table))
    sigterm = StopOnSigterm()
    results = begin(table, options, places, sigterm)
    print_result(results, lambda: training_text(results), as_json)
    if not as_json:
        note_if_poor(results)
    return sigterm.status(results)


def _name(table: str) -> str:
    """The name of a table without what its file's name ends in."""
    return Path(table).name.partition(".")[0] or "table"


def training_text(results: Mapping[str, Any]) -> str:
    """The results of a training, for people."""
    from chainrule.cli.report import results_text

    learned = results["training"]
    name, value = ("accuracy", learned.get("accuracy")) if "accuracy" in learned else ("R2", learned["r2"])
    best = f" (the best was {results['best_epoch']})" if results["best_epoch"] else ""
    more = [
        (f"{name} on the training rows", "none" if value is None else f"{value:.4f}"),
        ("epochs", f"{results['epochs']}{best}"),
        ("time to train", f"{results['seconds']:.2f} s"),
        ("everything is in", results["run"]),
    ]
    return results_text(results["held_out"], results["target"], more)


def note_if_poor(results: Mapping[str, Any]) -> None:
    """Say who knows more of a training that came to no good; to standard error: a pipe gets the results alone."""
    from chainrule.cli.report import is_poor

    if is_poor(results["held_out"]):
        note(f"chainrule doctor {shlex.quote(results['run'])} says why, and what to change.")
