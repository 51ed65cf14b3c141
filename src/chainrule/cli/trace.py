"""``chainrule trace``: every number of one step of a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

from chainrule.cli.output import AsJson, Debug, note, print_result
from chainrule.cli.traced_step import STEP_OPTIONS, StepOptions
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions

if TYPE_CHECKING:
    from chainrule.cli.traced_step import TracedStep
    from chainrule.glassbox.trace import Trace

__all__ = ["trace"]

KEEPING = Group("Keeping", sort_key=30)


def trace(
    run_or_model: Path,
    table: str | None = None,
    *,
    step: StepOptions = STEP_OPTIONS,
    output: Annotated[Path | None, Parameter(group=KEEPING, alias="-o")] = None,
    reading: ReadingOptions = READING_OPTIONS,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Take one step of a network on some rows, on a copy, and show every array of it: forward, loss, backward, update.

    The names are those of the post: z[2], a[2], delta[2], dw[1], db[1], and new w[1] for the weights after the step.
    `chainrule explain` tells how any number of them came about.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file; demo is a small network on the four rows of XOR.
    table: str
        A table with the target; by default, the rows that the run held out.
    output: Path
        A file for all the arrays by their names, ending in .npz.
    """
    from chainrule.cli.traced_step import traced_step

    if output is not None:
        _check_archive(output)
    found = traced_step(run_or_model, table, step, reading)
    if output is not None:
        _write_archive(found.trace, output)
        result: dict[str, Any] = {"file": str(output), "arrays": len(found.trace)}
        print_result(result, lambda: f"{len(found.trace)} arrays are in {output}", as_json)
        return
    if not as_json:
        note(found.told)
    print_result({**found.data(), "arrays": dict(found.trace)} if as_json else {}, lambda: _text(found), as_json)


def _text(found: TracedStep) -> str:
    return "\n".join([str(found.trace), *found.named_columns])


def _check_archive(output: Path) -> None:
    from chainrule.errors import InvalidArgument

    if output.suffix.lower() != ".npz":
        raise InvalidArgument(f"{output} does not end in .npz, and arrays are written to such a file; or give --json.")


def _write_archive(step: Trace, output: Path) -> None:
    import io

    import numpy as np

    from chainrule.files.whole_file import write_whole

    content = io.BytesIO()
    np.savez(content, **{name: np.asarray(value) for name, value in step.items()})  # type: ignore[arg-type]
    write_whole(output, content.getvalue())
