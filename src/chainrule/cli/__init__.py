"""How do I use it from a shell? One command a file; each parses, calls the library and prints."""

from __future__ import annotations

import os
import sys
import traceback

from chainrule.errors import ChainruleError, require

__all__ = ["main"]


def main() -> None:
    """The command ``chainrule``. Results go to standard output, everything else to standard error.

    Exits with 0 when it did what was asked, with 2 and a sentence when it refuses or fails, with 130 after Ctrl-C, and
    a training with 143 after SIGTERM.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller, as with >&-
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  (as long as the process)
    try:
        require("cyclopts", "cli")
        from chainrule.cli.app import run

        status = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever read the output has gone, as `head` does; what is still in the buffer must not be written at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        print(f"chainrule: {_sentence(error)}", file=sys.stderr)
        sys.exit(2)
    sys.exit(status)


def _sentence(error: Exception) -> str:
    if isinstance(error, ChainruleError):
        return str(error)
    if isinstance(error, OSError):
        of = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or error}{of}."
    if isinstance(error, MemoryError):
        return f"{error or 'out of memory'}."
    return f"{type(error).__name__}: {str(error) or 'no more is known'}. This should not be; --debug shows where it is."
