"""What a gradient check finds out: a sentence, the arrays that it is about, the number that shows it, and the line."""

from __future__ import annotations

import inspect
import linecache
import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["CodeLine", "Finding", "line_of"]


WIDTH = 100
"""Characters of a line of text, as far as words allow."""


@dataclass(frozen=True)
class CodeLine:
    """A place in a program.

    Attributes
    ----------
    file : str
        The file, as Python knows it.
    number : int
        Its line, counted from 1.
    function : str
        The function that it stands in, such as ``MSE.delta``.
    code : str
        What is written there; empty where the source is not at hand.
    """

    file: str
    number: int
    function: str
    code: str

    @classmethod
    def at(cls, file: str, number: int, function: str) -> CodeLine:
        """The line of a file, with its code where there is any."""
        return cls(file, number, function, linecache.getline(file, number).strip())

    def __str__(self) -> str:
        if not self.code:
            return f"in {self.function}, whose source is not at hand"
        return f"{os.path.basename(self.file)}, line {self.number}, in {self.function}: {self.code}"


@dataclass(frozen=True)
class Finding:
    """One thing that a gradient check found out.

    Attributes
    ----------
    kind : str
        What it is, for programs, such as ``"derivative at a"``; see the table on the page of the gradient check.
    sentence : str
        What it is, for people.
    arrays : tuple of str
        Which arrays of parameters show it.
    evidence : float
        The number that shows it. Of a mistake: the largest relative error that is left, once the gradient is computed
        with that mistake (and the others found beside it). Of a remark: what its sentence says.
    line : CodeLine or None
        The line to change, where one was seen to compute the number.
    remedy : str
        What belongs there.
    layer : int or None
        The layer whose activation, or the output layer whose loss, is wrong by itself.
    """

    kind: str
    sentence: str
    arrays: tuple[str, ...]
    evidence: float
    line: CodeLine | None = None
    remedy: str = ""
    layer: int | None = None

    def text(self, before: str = "") -> str:
        """The sentence after `before`, in lines of up to 100 characters; the line and the remedy below it."""
        indented = " " * 3
        wrapper = textwrap.TextWrapper(
            WIDTH, initial_indent=before, subsequent_indent=indented, break_on_hyphens=False, break_long_words=False
        )
        lines = [wrapper.fill(self.sentence)]
        if self.line is not None:
            lines.append(f"{indented}The line: {self.line}")
        if self.remedy:
            lines.append(f"{indented}To change: {self.remedy}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()


def line_of(function: Callable[..., Any]) -> CodeLine | None:
    """Where a function begins to compute: its last ``return``, or its first line; None for one that is not Python's."""
    plain = inspect.unwrap(getattr(function, "__func__", function))
    code = getattr(plain, "__code__", None)
    if code is None:
        return None
    numbers = [number for *_, number in code.co_lines() if number is not None and number > code.co_firstlineno]
    file, first = code.co_filename, code.co_firstlineno
    returns = [n for n in numbers if linecache.getline(file, n).lstrip().startswith("return")]
    return CodeLine.at(file, max(returns, default=min(numbers, default=first)), getattr(plain, "__qualname__", "?"))
