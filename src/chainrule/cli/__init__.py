"""How do I use it from a shell? One command a file; each parses, calls the library and prints."""

from __future__ import annotations

import sys

from chainrule.errors import ChainruleError, require

__all__ = ["main"]


def main() -> None:
    """The command ``chainrule``. Exits with 1 and a sentence for what it refuses, with 130 after Ctrl-C."""
    try:
        require("cyclopts", "cli")
        from chainrule.cli.app import app

        status = app()
        sys.stdout.flush()
    except ChainruleError as error:
        print(f"chainrule: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has gone, as `head` does; the interpreter would say so again
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(status)
