"""``chainrule step``: a walk over one step of a network, number by number."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from chainrule.cli.output import Debug, printable
from chainrule.cli.traced_step import DEMO, STEP_OPTIONS, StepOptions
from chainrule.cli.training_options import READING_OPTIONS, ReadingOptions

__all__ = ["step"]


def step(
    run_or_model: Path = DEMO,
    table: str | None = None,
    *,
    options: StepOptions = STEP_OPTIONS,
    reading: ReadingOptions = READING_OPTIONS,
    debug: Debug = False,
) -> None:
    """Walk over one step of a network: forward, loss, backward and update, with every number explained.

    Enter goes on, `why?` explains the number that is shown down to the input, `check` tells whether your own value of
    it is right, `help` tells every word and `quit` ends the walk. The words may come through a pipe as well. The
    network and its files stay as they are.

    Parameters
    ----------
    run_or_model: Path
        A run folder or a model file; demo is a small network on the four rows of XOR.
    table: str
        A table with the target; by default, the rows that the run held out.
    """
    from chainrule.cli.traced_step import traced_step
    from chainrule.glassbox.step.terminal import opening, walk_in_terminal
    from chainrule.glassbox.step.walk import Walk

    found = traced_step(run_or_model, table, options, reading)
    names = [tuple(map(printable, each)) for each in (found.input_names, found.output_names)]
    walk = Walk.begun(found.trace, *names)
    if importlib.util.find_spec("readline") is not None:  # Windows has none
        importlib.import_module("readline")  # with which `input` knows the arrow keys, and remembers lines
    walk_in_terminal(walk, printable(found.told), *opening(walk.trace))
