"""The commands, put together. Each is imported when it is used, so that --help answers at once."""

from __future__ import annotations

import sys
from typing import Any

import cyclopts

from chainrule import __version__
from chainrule.cli.config_file import options_from_config_file
from chainrule.cli.surplus_arguments import surplus_sentence
from chainrule.cli.whole_numbers import check_whole_numbers
from chainrule.errors import ChainruleError, InvalidArgument

__all__ = ["app", "run"]

app = cyclopts.App(
    name="chainrule",
    help="Neural networks you can read, see and trust, in NumPy.",
    help_epilogue="Begin with: chainrule train digits",
    version=__version__,
    version_flags=["--version"],
    config=check_whole_numbers,
    result_action="return_value",
)


def _add(name: str, places: str, description: str, example: str, **settings: Any) -> None:
    """Make a command known by what its help says; it is imported when it is used."""
    module = name.replace("-", "_")
    app.command(
        f"chainrule.cli.{module}:{module}",
        help=description,
        usage=" ".join(["Usage: chainrule", name, *places.split(), "[OPTIONS]"]),
        help_epilogue=f"Example: chainrule {name} {example}",
        **settings,
    )


_add(
    "train",
    "TABLE",
    "Learn a column of a table, and report on rows that were held out.",
    "churn.csv --target churn --drop id,name",
    config=[options_from_config_file, check_whole_numbers],
)
_add("resume", "RUN", "Go on with a training, from its last checkpoint.", "runs/churn-1 --epochs 400")
_add("runs", "[PLACES...]", "List the runs of a folder, or compare some.", "runs/churn-1 runs/churn-2")
_add("evaluate", "RUN [TABLE]", "Measure a network on rows whose target is known.", "runs/churn-1 more.csv")
_add("predict", "RUN [TABLE]", "Add predictions to the rows of a table.", "runs/churn-1 new.csv --output predicted.csv")
_add("inspect", "RUN", "Tell what is in a model.", "runs/churn-1")
_add(
    "gradient-check",
    "RUN [TABLE]",
    "Compare backpropagation with J itself, and say what is wrong.",
    "runs/churn-1 --heat-map",
)
_add(
    "hand-check",
    "RUN QUANTITY VALUE [TABLE]",
    "Say whether your own number is right, or which mistake gives it.",
    "runs/churn-1 'delta[2][0,1]' -0.031 --rows 0:4",
)
_add("doctor", "RUN [TABLE]", "Say what is wrong with a training, and try what would mend it.", "runs/churn-1")
_add("trace", "RUN [TABLE]", "Show every array of one step, forward and backward.", "runs/churn-1 --rows 0:4")
_add(
    "explain",
    "RUN [QUANTITY] [TABLE]",
    "Tell how one number of a step came about.",
    "runs/churn-1 'delta[2][0,1]' --depth 1",
)
_add("plot", "RUN [KIND]", "Draw a training, its predictions or its weights.", "runs/churn-1 curves")
_add("museum", "[ROOM]", "See what a mistake does: to accuracy, gradient check and curves.", "derivative-at-a")
_add("step", "[RUN] [TABLE]", "Walk over one step of a network, number by number.", "runs/churn-1 --rows 0:4")
_add("worksheet", "", "Write exercises to compute by hand, and mark the answers.", "--seed 7 --students 30")


def run() -> int:
    """Run the command line of this process; the exit status.

    Raises
    ------
    InvalidArgument
        If the command line cannot be understood.
    """
    try:
        return int(app(sys.argv[1:], exit_on_error=False, print_error=False) or 0)
    except cyclopts.CycloptsError as error:
        sentence = _sentence(error)
        end = "" if sentence.endswith(("?", ".")) else "."
        raise InvalidArgument(
            f"{sentence}{end} `chainrule --help` and `chainrule COMMAND --help` tell more."
        ) from error


def _sentence(error: cyclopts.CycloptsError) -> str:
    if isinstance(error.__cause__, ChainruleError):  # said by the option itself
        return str(error.__cause__)
    if isinstance(error, cyclopts.UnusedCliTokensError) and error.unused_tokens and error.command_chain:
        command = error.command_chain[0]
        given = sys.argv[sys.argv.index(command) + 1 :]
        arguments = app[command].assemble_argument_collection()
        return surplus_sentence(arguments, command, given, error.unused_tokens[0])
    return str(error).rstrip()
