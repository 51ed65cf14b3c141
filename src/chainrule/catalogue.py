"""Families of descriptions (activations, losses, layers, ...), each member found by class, instance or name.

A description is a frozen dataclass: its fields are its settings, its `name` is how it is called in settings and
files. It holds no numbers that training changes.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import ClassVar, Generic, Protocol, TypeVar

from chainrule.errors import InvalidArgument, InvalidType, nearest_names

__all__ = ["Catalogue", "Description", "with_article"]


class Description(Protocol):
    """What a catalogue lists: a frozen dataclass with a name."""

    name: ClassVar[str]


D = TypeVar("D", bound=Description)


class Catalogue(Generic[D]):
    """The members of one family, by name.

    Parameters
    ----------
    family : str
        What a member is called in a sentence, such as ``"activation"``.
    base : type
        The class that every member has.
    members : iterable of type
        The classes, each with its own ``name``.
    """

    def __init__(self, family: str, base: type[D], members: Iterable[type[D]]) -> None:
        self.family = family
        self.base = base
        self._members = {member.name: member for member in members}

    def __iter__(self) -> Iterator[type[D]]:
        return iter(self._members.values())

    def __getitem__(self, name: str) -> type[D]:
        try:
            return self._members[name.lower()]
        except (KeyError, AttributeError):
            raise InvalidArgument(
                f"{name!r} is not the name of a known {self.family}; {nearest_names(name, self._members)}"
            ) from None

    def name_of(self, member: D) -> str:
        """The name of a member's class."""
        return type(member).name

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all members."""
        return tuple(self._members)

    def resolve(self, given: D | type[D] | str) -> D:
        """Turn what a person gave (class, instance or name) into an instance.

        Raises
        ------
        InvalidArgument
            For an unknown name, with the nearest valid ones, and for a class that needs settings.
        InvalidType
            For anything else.
        """
        if isinstance(given, str):
            given = self[given]
        if isinstance(given, type) and issubclass(given, self.base):
            missing = _settings_without_default(given)
            if missing:
                raise InvalidArgument(
                    f"The {self.family} {given.__name__} needs {', '.join(missing)}: give an instance of it."
                )
            return given()
        if isinstance(given, self.base):
            return given
        raise InvalidType(
            f"{given!r} is not {with_article(self.family)}: give a class, an instance or a name; "
            f"the names are {', '.join(sorted(self._members))}."
        )


def _settings_without_default(cls: type) -> list[str]:
    parameters = inspect.signature(cls).parameters.values()
    return [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]


def with_article(noun: str) -> str:
    """The noun with "a" or "an", as a sentence needs it."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
