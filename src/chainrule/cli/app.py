"""The commands, put together."""

from __future__ import annotations

import cyclopts

from chainrule import __version__
from chainrule.cli.predict import predict
from chainrule.cli.train import train

__all__ = ["app"]

app = cyclopts.App(
    name="chainrule",
    help="Neural networks you can read, see and trust, in NumPy.",
    version=__version__,
    version_flags=["--version"],
    result_action="return_value",
)
app.command(train)
app.command(predict)
