"""The lines of code in which two functions differ, read from the functions themselves."""

from __future__ import annotations

import ast
import difflib
import inspect
import io
import textwrap
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chainrule
from chainrule.glassbox.museum.program import Change

__all__ = ["ChangedLines", "SourceLines", "changed_lines"]


@dataclass(frozen=True)
class SourceLines:
    """Some lines of a function.

    Attributes
    ----------
    function : str
        Such as ``MSE.delta``.
    place : str
        File and number of the first line, such as ``chainrule/vanilla.py:68``, of the function where no line is its
        own; empty where there is no such function.
    lines : tuple of str
        The lines that the other function does not have; empty where it has all of them.
    """

    function: str
    place: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class ChangedLines:
    """What is wrong in one function, and what is in its place in the other."""

    wrong: SourceLines
    right: SourceLines
    called: str = "Right"


def changed_lines(change: Change) -> ChangedLines:
    """The lines of the two functions that differ; comments and docstrings aside."""
    if change.wrong is None:
        code = _code_of(change.right)
        nothing = SourceLines(change.right.__qualname__, "", ())
        return ChangedLines(nothing, _shown(change.right, code, list(range(len(code)))), change.called)
    wrong, right = _code_of(change.wrong), _code_of(change.right)
    texts = [line.strip() for _, line in wrong], [line.strip() for _, line in right]
    blocks = difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    of_wrong = [n for _, start, stop, _, _ in changed for n in range(start, stop)]
    of_right = [n for _, _, _, start, stop in changed for n in range(start, stop)]
    return ChangedLines(_shown(change.wrong, wrong, of_wrong), _shown(change.right, right, of_right), change.called)


def _code_of(function: Callable[..., Any]) -> list[tuple[int, str]]:
    """The function's lines with their numbers in the file, without comments, docstring, heading and blank lines."""
    lines, first = inspect.getsourcelines(function)
    text = textwrap.dedent("".join(lines))
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    body = definition.body[1:] if ast.get_docstring(definition, clean=False) is not None else definition.body
    start = body[0].lineno
    bare = _without_comments(text).splitlines()
    return [(first + n - 1, line) for n, line in enumerate(bare, 1) if n >= start and line.strip()]


def _without_comments(text: str) -> str:
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)


def _shown(function: Callable[..., Any], code: list[tuple[int, str]], chosen: list[int]) -> SourceLines:
    home = Path(chainrule.__file__).parent.parent
    file = Path(inspect.getfile(function))
    name = file.relative_to(home).as_posix() if file.is_relative_to(home) else file.name
    first = code[chosen[0]][0] if chosen else inspect.getsourcelines(function)[1]
    lines = textwrap.dedent("\n".join(code[n][1] for n in chosen)).splitlines()
    return SourceLines(function.__qualname__, f"{name}:{first}", tuple(lines))
