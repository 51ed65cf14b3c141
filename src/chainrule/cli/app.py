"""The commands, put together."""

from __future__ import annotations

import cyclopts

from chainrule import __version__
from chainrule.cli.predict import predict
from chainrule.cli.train import train

__all__ = ["app", "run"]

app = cyclopts.App(
    name="chainrule",
    help="Neural networks you can read, see and trust, in NumPy.",
    version=__version__,
    version_flags=["--version"],
    result_action="return_value",
)
app.command(train)
app.command(predict)


def run() -> int:
    """Run the command line of this process; the exit status, 2 where it cannot be understood."""
    try:
        status = app(exit_on_error=False)
    except cyclopts.CycloptsError:
        return 2  # what is wrong has been printed
    return int(status or 0)
