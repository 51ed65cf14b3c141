"""The names of numbers as mathematics writes them: w[1][3,0] is a w with (1) above it and 3,0 below."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from chainrule.glassbox.trace import Quantity

__all__ = ["Kind", "Name", "name_of"]

Kind: TypeAlias = Literal["value", "parameter", "error", "setting"]
"""What a number is: a value on its way forward, a parameter, an error or gradient on its way back, a setting."""

LETTERS: dict[str, Kind] = {
    "z": "value",
    "a": "value",
    "w": "parameter",
    "b": "parameter",
    "da": "error",
    "delta": "error",
    "dw": "error",
    "db": "error",
}
PLAIN: dict[str, Kind] = {"x": "value", "y": "value", "loss": "value", "J": "value", "penalty": "value"}
PARAMETER_PARTS = ("scale", "shift")


@dataclass(frozen=True)
class Name:
    """The parts of a name.

    Attributes
    ----------
    base : str
        The letter or word: ``w``, ``delta``, ``batch_norm_1.mean``.
    layer : str
        The number of the layer, which stands above in brackets; may be empty.
    index : str
        The entry, which stands below: ``3,0``; may be empty.
    kind : Kind
        What the number is.
    is_new : bool
        Whether it is a parameter after the step.
    is_gradient : bool
        Whether a d stands before it: dw, db, da.
    """

    base: str
    layer: str = ""
    index: str = ""
    kind: Kind = "setting"
    is_new: bool = False
    is_gradient: bool = False


def name_of(named: Quantity | str) -> Name:
    """The parts of the name of a number of a trace, or of a symbol such as ``learning_rate`` or ``weight[3]``."""
    if isinstance(named, str):
        found = re.fullmatch(r"(?P<base>.+?)\[(?P<index>[\d,]+)\]", named)
        return Name(named) if found is None else Name(found["base"], index=found["index"])
    index, number, letter = ",".join(map(str, named.index)), named.number, named.letter
    if number is None:
        return Name(letter, "", index, _kind_of_word(letter), named.is_new)
    is_gradient = letter in ("da", "dw", "db")
    return Name(letter[is_gradient:], str(number), index, LETTERS[letter], named.is_new, is_gradient)


def _kind_of_word(word: str) -> Kind:
    """That of x, y, loss and J, and of the arrays of layers such as ``batch_norm_1.scale``."""
    if word in PLAIN:
        return PLAIN[word]
    if word.startswith("d("):
        return "error"
    return "parameter" if word.rpartition(".")[2] in PARAMETER_PARTS else "value"
