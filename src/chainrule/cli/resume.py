"""``chainrule resume``: go on with a training that was stopped, killed, or is to have more epochs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from chainrule.cli.output import AsJson, Debug, print_result
from chainrule.cli.train import note_if_poor, training_text
from chainrule.cli.training_options import LEARNING, TrainingOptions

__all__ = ["resume"]


def resume(
    run: Path,
    *,
    epochs: Annotated[int | None, Parameter(group=LEARNING)] = None,
    patience: Annotated[int | None, Parameter(group=LEARNING)] = None,
    time_limit: Annotated[float | None, Parameter(group=LEARNING)] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Go on with a training, from its last checkpoint.

    What comes of it is the same, to the last bit, as without the interruption.

    Parameters
    ----------
    run: Path
        The run folder.
    epochs: int
        Epochs in all, those before included, in place of those that were asked for.
    patience: int
        Epochs to wait for a better loss of the validation rows, in place of those that were asked for.
    time_limit: float
        Seconds after which to stop again; by default, no limit.
    """
    from chainrule.cli.run_or_model import check_place
    from chainrule.cli.termination import StopOnSigterm
    from chainrule.cli.training_run import go_on
    from chainrule.errors import InvalidArgument
    from chainrule.files.run_folder import RunFolder

    check_place(run)
    folder = RunFolder.opened(run)
    before = TrainingOptions.from_data(folder.settings.get("options"))
    given: dict[str, Any] = {"epochs": epochs, "patience": patience}
    changed = {name: value for name, value in given.items() if value is not None} | {"time_limit": time_limit}
    options = dataclasses.replace(before, **changed)
    if folder.state() == "finished" and (options.epochs, options.patience) == (before.epochs, before.patience):
        raise InvalidArgument(
            f"{run} is finished: to go further, give more --epochs than {before.epochs} or --patience."
        )
    sigterm = StopOnSigterm()
    results = go_on(folder, options, sigterm)
    print_result(results, lambda: training_text(results), as_json)
    if not as_json:
        note_if_poor(results)
    return sigterm.status(results)
