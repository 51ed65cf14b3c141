"""The lines of code that computed a number, found in the function that ran."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["CodeLine", "lines_that_return", "lines_that_set"]

PACKAGE = "chainrule"

SHORT = 40
"""A return of fewer characters says too little: the statements that made its variables are shown with it."""


@dataclass(frozen=True)
class CodeLine:
    """A statement that computed a number.

    Attributes
    ----------
    file : str
        Its source file: the path from the package on, or the name of a learner's own file.
    number : int
        The line on which it begins, from 1.
    text : str
        The statement in one line, without comments.
    function : str
        The function that it stands in, such as ``Dense.forward``.
    """

    file: str
    number: int
    text: str
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}  {self.text}"


def lines_that_set(function: Callable[..., Any] | None, *targets: str) -> tuple[CodeLine, ...]:
    """The statements of a function that assign to one of these variables, in order; none where its source is not known.

    Parameters
    ----------
    function : callable or None
        Where to look.
    *targets : str
        Variables, or what else stands left of an assignment, such as ``z[i+1]``; written without spaces.
    """
    source = _parsed(function)
    return () if source is None else source.lines(_assignments(source.tree, targets))


def lines_that_return(function: Callable[..., Any] | None) -> tuple[CodeLine, ...]:
    """The last ``return`` of a function and, where it only names variables, the statements that made them.

    Statements behind an ``if`` are left out: whether they ran is not known.
    """
    source = _parsed(function)
    if source is None:
        return ()
    returns = [node for node in ast.walk(source.tree) if isinstance(node, ast.Return)]
    if not returns:
        return ()
    last = max(returns, key=lambda node: node.lineno)
    names = {node.id for node in ast.walk(last) if isinstance(node, ast.Name)} if _short(last) else set()
    conditional = {id(inner) for node in ast.walk(source.tree) if isinstance(node, ast.If) for inner in ast.walk(node)}
    always = {
        name: [each for each in _assignments(source.tree, [name]) if id(each) not in conditional] for name in names
    }
    made = [always[name][-1:] for name in sorted(names)]
    return source.lines([*(statement for found in made for statement in found), last])


@dataclass(frozen=True)
class _Source:
    """A function's source."""

    file: str
    first: int
    tree: ast.AST
    function: str

    def lines(self, statements: Iterable[ast.stmt]) -> tuple[CodeLine, ...]:
        ordered = sorted(statements, key=lambda node: node.lineno)
        return tuple(
            CodeLine(self.file, self.first + each.lineno - 1, ast.unparse(each), self.function) for each in ordered
        )


def _assignments(tree: ast.AST, targets: Iterable[str]) -> list[ast.stmt]:
    wanted = set(targets)
    found: list[ast.stmt] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            assigned = node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            assigned = [node.target]
        else:
            continue
        if wanted & {ast.unparse(each).replace(" ", "") for each in assigned}:
            found.append(node)
    return found


def _short(statement: ast.stmt) -> bool:
    return len(ast.unparse(statement)) < SHORT


def _parsed(function: Callable[..., Any] | None) -> _Source | None:
    try:
        hash(function)
    except Exception:  # a learner's object with an __eq__, or a __hash__, of its own
        return None
    return _source(function)


@lru_cache(maxsize=256)
def _source(function: Callable[..., Any] | None) -> _Source | None:
    if function is None:
        return None
    try:
        lines, first = inspect.getsourcelines(inspect.unwrap(function))
        file = inspect.getsourcefile(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except Exception:  # typed at a prompt, or built in, or wrapped without an end: there is no source to point at
        return None
    name = getattr(function, "__qualname__", getattr(function, "__name__", ""))
    return _Source(_shown_path(Path(file or "")), max(first, 1), tree, name)


def _shown_path(path: Path) -> str:
    """From the package on, of this package's own files; else the file's name."""
    parts = path.parts
    if PACKAGE not in parts:
        return path.name
    return "/".join(parts[len(parts) - 1 - parts[::-1].index(PACKAGE) :])
