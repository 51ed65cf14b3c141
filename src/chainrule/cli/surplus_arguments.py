"""What is said of arguments that no place is left for: mostly values that belong to the option before them."""

from __future__ import annotations

from collections.abc import Sequence

import cyclopts

__all__ = ["surplus_sentence"]


def surplus_sentence(arguments: cyclopts.ArgumentCollection, command: str, tokens: Sequence[str], left: str) -> str:
    """How to write what was meant.

    Parameters
    ----------
    arguments : cyclopts.ArgumentCollection
        What the command takes.
    command : str
        Its name.
    tokens : sequence of str
        What was given after the name.
    left : str
        The first of them that found no place.
    """
    lists = {name for argument in arguments if argument.parameter.n_tokens == 1 for name in argument.names}
    for i, option in enumerate(tokens):
        values = _plain(tokens[i + 1 :])
        if option in lists and left in values[1:]:
            if left == values[-1] and not _places(tokens[:i]):
                values = values[:-1]  # the last one is what the command is about, given after the option
            if len(values) > 1:
                return f"Values of one option have commas between them: write {option} {','.join(values)}"
    if command == "train":
        return f"{left!r} is one argument too many: give the target with --target {left}"
    places = [argument.name for argument in arguments if argument.index is not None]
    return f"{left!r} is one argument too many: `chainrule {command}` takes {' and '.join(places)}"


def _plain(tokens: Sequence[str]) -> list[str]:
    end = next((i for i, token in enumerate(tokens) if token.startswith("--")), len(tokens))
    return list(tokens[:end])


def _places(tokens: Sequence[str]) -> bool:
    """Whether an argument is there that no option stands before."""
    return bool(_plain(tokens))
