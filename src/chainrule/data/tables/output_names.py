"""Names of what a table becomes, each there once, as data frames and pipelines want it."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["told_apart"]


def told_apart(names: Iterable[str]) -> tuple[str, ...]:
    """The names as they are, but for a number after those that were there before.

    Examples
    --------
    >>> told_apart(["age", "age missing", "age missing"])
    ('age', 'age missing', 'age missing (2)')
    """
    given = list(names)
    taken, seen = set(given), set()
    found = []
    for name in given:
        number, different = 2, name
        while different in seen or (different != name and different in taken):
            different, number = f"{name} ({number})", number + 1
        seen.add(different)
        found.append(different)
    return tuple(found)
