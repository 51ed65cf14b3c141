"""``chainrule evaluate``: how good a network is on rows whose target is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, note, print_result
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from chainrule.cli.labelled_table import LabelledTable
    from chainrule.cli.run_or_model import RunOrModel

__all__ = ["evaluate", "measured"]

MEASURING = Group("Measuring", sort_key=20)


def evaluate(
    run_or_model: Path,
    table: str | None = None,
    *,
    target: Annotated[str | None, Parameter(group=MEASURING, alias="-t")] = None,
    weight: Annotated[str | None, Parameter(group=MEASURING)] = None,
    reading: ReadingOptions = READING_OPTIONS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Measure a network on a table whose target is known, or on the rows that its run held out.

    Prints the report of `chainrule train`: for classes, which were taken for which, precision, recall and f1 of each,
    accuracy and log loss; for numbers R2 and errors in the target's units. A last line says what always guessing the
    most frequent class, or the mean, of the training rows would give.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file.
    table: str
        A table with the target; by default, the rows that the run held out.
    target: str
        What the target is called in the table, where it is not called as in learning.
    weight: str
        The column that says how much a row counts.
    """
    from chainrule.cli.labelled_table import given_or_held_out
    from chainrule.cli.report import results_text
    from chainrule.cli.run_or_model import open_run_or_model

    model = open_run_or_model(run_or_model)
    rows = given_or_held_out(model, table, reading, target=target, weight=weight)
    if rows.left_out:
        note(f"{rows.left_out} of {rows.left_out + len(rows.rows)} rows have no {rows.target}, and are left out")
    result = {"model": str(run_or_model), "table": rows.name, "target": rows.target, **measured(model, rows)}
    print_result(result, lambda: results_text(result, rows.target), as_json)


def measured(model: RunOrModel, rows: LabelledTable) -> dict[str, Any]:
    """The figures of a network on rows; those of its quantiles, too, where it gives some."""
    from chainrule.cli.predicted_columns import central_output, task_of
    from chainrule.cli.report import classification_results, learned_quantiles, regression_results

    network, known = model.network, model.table
    outputs = network.predict(rows.inputs)
    if task_of(network) == "classification":
        frequent = known.get("most_frequent_class")
        return classification_results(rows.truth, outputs, network, frequent, rows.weights)
    central = outputs[:, central_output(network)]
    results = regression_results(rows.truth, central, known.get("mean"), rows.weights)
    return results | learned_quantiles(network, rows.truth, outputs, rows.weights)
