"""``chainrule gradient-check``: is backpropagation right, for a network and its rows?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, coloured, note, print_result
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from chainrule.cli.labelled_table import LabelledTable
    from chainrule.glassbox.gradient_check import Finding, GradientCheck

__all__ = ["gradient_check"]

CHECKING = Group("Checking", sort_key=20)

FIRST_ROWS = "0:8"
"""The rows of a check where none are asked for."""

LONG = 20_000
"""So many parameters take a while, at two evaluations of J each."""


def gradient_check(
    run_or_model: Path,
    table: str | None = None,
    *,
    rows: Annotated[str | None, Parameter(group=CHECKING)] = None,
    target: Annotated[str | None, Parameter(group=CHECKING, alias="-t")] = None,
    member: Annotated[int, Parameter(group=CHECKING)] = 1,
    heat_map: Annotated[bool, Parameter(group=CHECKING, negative="")] = False,
    output: Annotated[Path | None, Parameter(group=CHECKING, alias="-o")] = None,
    reading: ReadingOptions = READING_OPTIONS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Compare backpropagation with what J itself does when a parameter is moved a little, entry by entry.

    Prints a row for each array of parameters and, where the two do not agree, which mistakes explain it. The exit
    status is 1 then, and 0 where they agree.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file.
    table: str
        A table with the target; by default, the rows that the run held out.
    rows: int
        The rows to take: from:to, as in 0:4, or their numbers, as in 3,8,5. Counted from 0, among those whose target is
        known; by default, the first 8.
    target: str
        What the target is called in the table, where it is not called as in learning.
    member: int
        Which network of an ensemble, counted from 1.
    heat_map: bool
        Also print a grid of signs for each array, which shows where the two differ.
    output: Path
        A picture of it, ending in .png, .svg or .pdf.
    """
    from chainrule.cli.ensemble_member import chosen_member
    from chainrule.cli.labelled_table import given_or_held_out
    from chainrule.cli.run_or_model import open_run_or_model
    from chainrule.glassbox.gradient_check import check_gradients
    from chainrule.plots.figure_file import figure_format

    if output is not None:
        figure_format(output)
    model = open_run_or_model(run_or_model)
    network = chosen_member(model.network, member)
    found = _rows_of(given_or_held_out(model, table, reading, target=target), rows)
    if network.theta.size > LONG:
        note(f"{network.theta.size:,} parameters, each moved to both sides: this takes a while")
    check = check_gradients(network, found.inputs, found.truth)
    if output is not None:
        from chainrule.plots import plot_gradient_check, save_figure

        save_figure(plot_gradient_check(check), output)
    result = {"model": str(run_or_model), "table": found.name, "rows": len(found.truth), **_data(check)}
    print_result(result, lambda: _text(check, with_map=heat_map), as_json)
    return 0 if check.agrees else 1


def _rows_of(table: LabelledTable, asked: str | None) -> LabelledTable:
    from dataclasses import replace

    import numpy as np

    from chainrule.cli.traced_step import chosen_rows

    chosen = np.array(chosen_rows(asked, len(table.truth), FIRST_ROWS))
    inputs = table.inputs[chosen] if isinstance(table.inputs, np.ndarray) else table.inputs.take(chosen)
    return replace(table, rows=table.rows[chosen], inputs=inputs, truth=table.truth[chosen], weights=None)


def _text(check: GradientCheck, *, with_map: bool) -> str:
    words = str(check)
    verdict = check.verdict()
    words = words.replace(verdict, coloured(verdict, "green" if check.agrees else "red"))
    return f"{words}\n\n{_coloured_map(check)}" if with_map else words


def _coloured_map(check: GradientCheck) -> str:
    from chainrule.glassbox.gradient_check.heat_map import STYLES

    lines = []
    for line in check.heat_map().splitlines():
        label, bar, signs = line.partition("|")
        coloured_signs = "".join(coloured(sign, STYLES[sign]) if sign in STYLES else sign for sign in signs)
        lines.append(f"{label}{bar}{coloured_signs}")
    return "\n".join(lines)


def _data(check: GradientCheck) -> dict[str, Any]:
    return {
        "agrees": check.agrees,
        "relative_error": check.max_relative_error,
        "at_kinks": check.left_out,
        "arrays": [
            {"name": array.name, "shape": list(array.shape), "relative_error": array.relative_error}
            for array in check.arrays
        ],
        "reading": [_finding(finding) for finding in check.reading],
        "remarks": [_finding(finding) for finding in check.remarks],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    line = finding.line
    return {
        "kind": finding.kind,
        "sentence": finding.sentence,
        "arrays": list(finding.arrays),
        "evidence": finding.evidence,
        "line": None if line is None else {"file": line.file, "number": line.number, "function": line.function},
        "remedy": finding.remedy,
    }
