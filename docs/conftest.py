"""Every example in the pages is run, each page in a namespace and a folder of its own.

- ``python``: lines after >>> are run and what they print is compared; other code is only run.
- ``pycon``: lines after >>> are run and what they print is compared, numbers aside, since they differ between machines;
  a blank line is written <BLANKLINE>.
- ``console``: lines after $ are run in a shell, and what they print is compared, numbers aside.
"""

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

PENGUINS = Path(__file__).parent.parent / "examples" / "penguins"


def python_session(example):
    """Run a ``pycon`` block; a message where the output is not what the page says."""
    for line in doctest.DocTestParser().get_examples(example.parsed):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(line.source, example.path, "single"), example.namespace)
        if message := difference(line.source, line.want.replace("<BLANKLINE>", ""), printed.getvalue()):
            return message
    return None


def shell_session(example):
    """Run a ``console`` block; a message where the output is not what the page says."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for text in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, expected = text.partition("\n")
        done = subprocess.run(
            f"{{ {command}\n}} 2>&1", shell=True, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        if message := difference(command, expected, done.stdout):
            return message
    return None


def difference(what, expected, printed):
    """Where two texts differ in more than their numbers, a message."""
    if shape(expected) == shape(printed):
        return None
    return f"{what}\nThe page says:\n{expected}\nIt printed:\n{printed}"


def shape(text):
    """The words of a text, with # for every number and entry for names such as w[1][2, 0]."""
    text = re.sub(r"\b[wb](\[[\d, ]+\])+", "entry", text)
    return re.sub(r"[ \t]*\d[\d.,]*(e[+-]?\d+)?", " #", text).split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What an example writes goes here; the penguins are there to read."""
    with contextlib.chdir(tmp_path_factory.mktemp("page")):
        for table in PENGUINS.glob("*.csv"):
            shutil.copy(table, ".")
        yield


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE),
        CodeBlockParser("pycon", python_session),
        CodeBlockParser("console", shell_session),
    ],
    pattern="*.md",
    fixtures=["folder"],
).pytest()
