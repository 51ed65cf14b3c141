"""How do I use it from a shell? One command a file; each parses, calls the library and prints."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TextIO

from chainrule.cli.sigterm import exit_on_sigterm
from chainrule.errors import ChainruleError, require

__all__ = ["main"]


def main() -> None:
    """The command ``chainrule``. Results go to standard output, everything else to standard error.

    Exits with 0 when it did what was asked, with 2 and a sentence when it refuses or fails, with 130 after Ctrl-C, with
    143 after SIGTERM.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller, as with >&-
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  (as long as the process)
    try:
        with exit_on_sigterm():
            require("cyclopts", "cli")
            from chainrule.cli.app import run

            status = run()
            sys.stdout.flush()
    except BrokenPipeError:
        _close(sys.stdout)  # whoever read the output has gone, as `head` does
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except SystemExit as error:  # 1 is rich's, where whoever read the help has gone
        sys.exit(2 if error.code == 1 else error.code)
    except BaseException as error:  # a panic of Polars is no Exception
        try:
            if "--debug" in sys.argv:
                traceback.print_exc()
            print(f"chainrule: {_line(_sentence(error))}", file=sys.stderr, flush=True)
        except OSError:
            _close(sys.stderr)  # there is nowhere left to say it
        _flush_or_close(sys.stdout)
        sys.exit(2)
    sys.exit(status)


def _flush_or_close(stream: TextIO) -> None:
    try:
        stream.flush()
    except OSError:
        _close(stream)


def _close(stream: TextIO) -> None:
    """Let what is still in the buffer go, which would be written at exit, and fail there with another exit status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _line(text: str) -> str:
    """In one line, whatever is quoted in it."""
    return "".join(c if c.isprintable() else " " if c in "\r\n" else c.encode("unicode_escape").decode() for c in text)


def _sentence(error: BaseException) -> str:
    if isinstance(error, ChainruleError):
        return str(error)
    if isinstance(error, OSError):
        of = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or error}{of}."
    if isinstance(error, UnicodeEncodeError):
        sign = error.object[error.start : error.start + 1]
        return (
            f"Standard output is in {error.encoding}, which has no {sign!r}: set PYTHONIOENCODING=utf-8, or write to a "
            "file with --output."
        )
    if isinstance(error, MemoryError):
        return f"{error or 'out of memory'}."
    return f"{type(error).__name__}: {str(error) or 'no more is known'}. This should not be; --debug shows where it is."
