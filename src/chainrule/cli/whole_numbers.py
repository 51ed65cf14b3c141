"""Options that take whole numbers: one with a fraction is refused, and not rounded."""

from __future__ import annotations

import cyclopts

from chainrule.errors import InvalidArgument

__all__ = ["check_whole_numbers"]


def check_whole_numbers(app: cyclopts.App, commands: tuple[str, ...], arguments: cyclopts.ArgumentCollection) -> None:
    """Look at what options for whole numbers are given; for cyclopts, which rounds it, before it converts.

    Raises
    ------
    InvalidArgument
        If one is given a fraction.
    """
    for argument in arguments:
        if argument.hint not in (int, int | None):
            continue
        for token in argument.tokens:
            if _has_fraction(token.value):
                raise InvalidArgument(f"{argument.name} takes a whole number, not {token.value}.")


def _has_fraction(text: str) -> bool:
    try:
        return "." in text and not float(text).is_integer()
    except ValueError:
        return False  # which cyclopts refuses
