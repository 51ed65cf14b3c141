"""The names of the numbers in a trace, such as ``dw[1][3,0]``: which array, and which entry of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chainrule.errors import InvalidArgument, InvalidType, nearest_names
from chainrule.functions.arrays import Array

__all__ = ["Quantity"]

SPELLING = re.compile(
    r"""(?P<new>new[ _])?\s*
    (?: (?P<letter>z|a|da|delta|dw|db|w|b) \s* \[ \s* (?P<number>[0-9]{1,9}) \s* \]
      | (?P<plain>x|y|J|penalty|loss)
      | d\( \s* (?P<d_label>\w+) \. (?P<d_part>\w+) \s* \)
      | (?P<label>\w+) \. (?P<part>\w+) )
    \s* (?: \[ (?P<index> [\s0-9,+-]* ) \] )? \s*""",
    re.VERBOSE,
)

ENTRY = re.compile(r"\s*[0-9]{1,9}\s*(,\s*[0-9]{1,9}\s*)*")
"""What may stand in the brackets of an entry: numbers from 0, with commas between, of at most nine digits."""

EXAMPLES = "z[2][0,1], delta[3][0,1], dw[1][3,0], new w[1][3,0], loss[0], J"


@dataclass(frozen=True)
class Quantity:
    """One array of a trace, or one number of it.

    Attributes
    ----------
    name : str
        The array: ``z[2]``, ``new w[1]``, ``batch_norm_1.mean``, ``d(batch_norm_1.scale)``, ``loss``, ``J``, ...
    index : tuple of int
        The entry, each counted from 0, the row first; empty for the whole array.
    """

    name: str
    index: tuple[int, ...] = ()

    @classmethod
    def parsed(cls, text: str | Quantity) -> Quantity:
        """From what a person types; spaces do not matter, and ``new_w`` is ``new w``.

        Raises
        ------
        InvalidArgument, InvalidType
            If it is no name of a number.
        """
        if isinstance(text, Quantity):
            return text
        if not isinstance(text, str):
            raise InvalidType(f"Name a number by text, such as {EXAMPLES}; got {text!r}.")
        found = SPELLING.fullmatch(text.strip().replace("δ", "delta"))
        if found is None or (found["index"] is not None and not ENTRY.fullmatch(found["index"])):
            raise InvalidArgument(f"{text[:80]!r} is not the name of a number in a trace; such are {EXAMPLES}.")
        if found["letter"]:
            name = f"{found['letter']}[{int(found['number'])}]"
        elif found["plain"]:
            name = found["plain"]
        elif found["d_label"]:
            name = f"d({found['d_label']}.{found['d_part']})"
        else:
            name = f"{found['label']}.{found['part']}"
        index = tuple(int(each) for each in found["index"].split(",")) if found["index"] else ()
        return cls(f"new {name}" if found["new"] else name, index)

    def at(self, *index: int) -> Quantity:
        """An entry of this array."""
        return Quantity(self.name, tuple(int(each) for each in index))

    @property
    def array(self) -> Quantity:
        """The whole array."""
        return Quantity(self.name)

    @property
    def is_new(self) -> bool:
        """Whether it is a parameter after the step."""
        return self.name.startswith("new ")

    @property
    def letter(self) -> str:
        """What the name begins with: ``"dw"`` of ``dw[1]``, ``"J"`` of ``J``, the part of a layer's array."""
        own = self.name.removeprefix("new ")
        return own.partition("[")[0] if self.number is not None else own

    @property
    def number(self) -> int | None:
        """The number in the name: 1 of ``dw[1]``; None where there is none."""
        found = re.fullmatch(r"(?:new )?[a-zA-Z]+\[(\d+)\]", self.name)
        return int(found[1]) if found else None

    def check(self, names: Iterable[str]) -> None:
        """Refuse a name that is not among these.

        Raises
        ------
        InvalidArgument
            With the nearest ones.
        """
        known = list(names)
        if self.name not in known:
            raise InvalidArgument(f"There is no {self.name} in this trace; {nearest_names(self.name, known)}")

    def value_in(self, array: Array | float) -> Array | float:
        """The entry of `array`, or all of it.

        Raises
        ------
        InvalidArgument
            If there is no such entry.
        """
        if not self.index:
            return array
        shape = getattr(array, "shape", ())
        if len(self.index) != len(shape) or any(i >= d for i, d in zip(self.index, shape, strict=False)):
            wanted = f"{len(shape)} numbers from 0, below {' and '.join(map(str, shape))}" if shape else "no index"
            raise InvalidArgument(f"{self} is outside {self.name}, whose shape is {shape}: it takes {wanted}.")
        assert not isinstance(array, float)
        return float(array[self.index])

    def __str__(self) -> str:
        return f"{self.name}[{','.join(map(str, self.index))}]" if self.index else self.name
