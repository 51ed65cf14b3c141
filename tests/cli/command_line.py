"""A command line run in this process, which is quicker than one of its own."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from chainrule.cli import main

PENGUINS = Path(__file__).parents[2] / "examples" / "penguins" / "penguins.csv"
NEW_PENGUINS = PENGUINS.with_name("new-penguins.csv")


@dataclass(frozen=True)
class Done:
    """What a command line left: its exit status, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def chainrule(*arguments, check: bool = True) -> Done:
    """Run ``chainrule`` with these arguments; with `check`, it must succeed."""
    out, err = io.StringIO(), io.StringIO()
    line = ["chainrule", *map(str, arguments)]
    with mock.patch.object(sys, "argv", line), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as exit_:
            done = Done(int(exit_.code or 0), out.getvalue(), err.getvalue())
    if check:
        assert done.status == 0, done.err
    return done


def refused(*arguments) -> str:
    """The sentence with which a command line is refused, with exit status 2 and nothing on standard output."""
    done = chainrule(*arguments, check=False)
    assert done.status == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    sentence = done.err.splitlines()[-1]
    assert sentence.startswith("chainrule: ")
    return sentence.removeprefix("chainrule: ")
