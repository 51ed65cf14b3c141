"""What a hand check says."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from chainrule.functions.arrays import Array
from chainrule.glassbox.trace import Quantity

__all__ = ["FoundMistake", "HandCheck"]

MOST_SHOWN = 3
"""Of mistakes that fit as well as the first, so many are named."""


@dataclass(frozen=True, eq=False)
class FoundMistake:
    """A mistake that gives the number that was given.

    Attributes
    ----------
    names : tuple of str
        What it is called, such as ``("the derivative f' forgotten",)``; two where only both together give it.
    places : tuple of str
        The arrays in whose computing it was made, such as ``("delta[2]",)``.
    lines : tuple of str
        What was done, and what is right, with the numbers; what is indented belongs to the line above.
    value : float or array
        What it gives, before it is rounded to the digits given.
    share : float
        Which share of the wrong numbers it gives; 1 of a single number.
    """

    names: tuple[str, ...]
    places: tuple[str, ...]
    lines: tuple[str, ...]
    value: float | Array
    share: float = 1.0

    @property
    def sentence(self) -> str:
        """The lines in one."""
        return " ".join(line.strip() for line in self.lines)

    @property
    def name(self) -> str:
        """The names in one."""
        return " and ".join(self.names)

    def __str__(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, eq=False)
class HandCheck:
    """Whether a number is right and, where it is not, which mistake gives it.

    Attributes
    ----------
    right : bool
        Whether it is right, to the digits given.
    quantity : Quantity
        What was asked for.
    given : str
        What was given, as text.
    digits : int
        Its significant digits: few tell little. 0 where nothing was given that is a number.
    value : float or array
        The right value, of the mathematics.
    mistakes : tuple of FoundMistake
        Those that give the number that was given, the most likely first; empty where it is right, or none fits.
    verdict : str
        In one sentence: right, or wrong and by how much.
    remarks : tuple of str
        What else is to be said, such as what to look at first.
    same_number : tuple of str
        The names of the mistakes, the first included, that give just the same number as the first.
    """

    right: bool
    quantity: Quantity
    given: str
    digits: int
    value: float | Array
    mistakes: tuple[FoundMistake, ...]
    verdict: str
    remarks: tuple[str, ...] = ()
    same_number: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, what is indented belonging to the line above."""
        return (self.verdict, *_on_mistakes(self), *self.remarks)

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return " ".join(line.strip() for line in self.lines)

    def text(self, width: int = 100) -> str:
        """All of it, in lines of at most so many characters."""
        return "\n".join(part for line in self.lines for part in _wrapped(line, width))

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        names = ", ".join(repr(mistake.name) for mistake in self.mistakes)
        found = "right" if self.right else f"wrong, mistakes: {names or 'none known'}"
        return f"<HandCheck of {self.quantity}: {found}>"


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    further = f"{indent}  "
    return textwrap.wrap(
        line.strip(),
        width,
        initial_indent=indent,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _on_mistakes(check: HandCheck) -> list[str]:
    """The mistakes, the first in full; of the others, those that are told apart by nothing but their place in line."""
    if not check.mistakes:
        return []
    first, *others = check.mistakes
    lines = list(first.lines)
    same = [each for each in others if each.name in check.same_number]
    rest = [each for each in others if each.name not in check.same_number]
    lines += [f"The same number comes out with: {_listed(same)}."] if same else []
    lines += [f"To the digits given, it might also be: {_listed(rest)}."] if rest else []
    return lines


def _listed(mistakes: list[FoundMistake]) -> str:
    listed = "; ".join(f"{each.name}{_in(each)}" for each in mistakes[:MOST_SHOWN])
    more = len(mistakes) - MOST_SHOWN
    return f"{listed}{f'; and {more} more' if more > 0 else ''}"


def _in(mistake: FoundMistake) -> str:
    return f" (in {', '.join(mistake.places)})" if mistake.places else ""
