"""The commands, put together. Each is imported when it is used, so that --help answers at once."""

from __future__ import annotations

import sys

import cyclopts

from chainrule import __version__
from chainrule.cli.config_file import options_from_config_file
from chainrule.cli.surplus_arguments import surplus_sentence
from chainrule.errors import ChainruleError, InvalidArgument

__all__ = ["app", "run"]

app = cyclopts.App(
    name="chainrule",
    help="Neural networks you can read, see and trust, in NumPy.",
    version=__version__,
    version_flags=["--version"],
    result_action="return_value",
)

app.command(
    "chainrule.cli.train:train",
    help="Learn a column of a table, and report on rows that were held out.",
    config=options_from_config_file,
)
app.command("chainrule.cli.resume:resume", help="Go on with a training, from its last checkpoint.")
app.command("chainrule.cli.runs:runs", help="List the runs of a folder, or compare some.")
app.command("chainrule.cli.evaluate:evaluate", help="Measure a network on rows whose target is known.")
app.command("chainrule.cli.predict:predict", help="Add predictions to the rows of a table.")
app.command("chainrule.cli.inspect:inspect", help="Tell what is in a model.")
app.command("chainrule.cli.plot:plot", help="Draw a training, its predictions or its weights.")


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
