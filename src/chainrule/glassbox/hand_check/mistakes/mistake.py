"""The contract of a mistake: what it puts in the place of an operation, and how it is told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from chainrule.functions.arrays import Array
from chainrule.glassbox.hand_check.operations import Operation, Values

__all__ = ["Mistake"]


@dataclass(frozen=True)
class Mistake(ABC):
    """One thing that people do instead of the right one.

    Attributes
    ----------
    name : str
        What it is called, such as ``"the derivative f' forgotten"``.
    group : int
        How little it says: 0 for a slip of which one knows what it was; 1 for a wrong sign somewhere, as for a
        confusion of names, which is no slip in an operation (see `Confusion`); 2 for rounding, which comes near to
        everything.
    pairs : bool
        Whether it is tried together with another.
    rather_everywhere : bool
        Whether who makes it makes it at every place, rather than at one.
    """

    name: ClassVar[str]
    group: ClassVar[int] = 0
    pairs: ClassVar[bool] = True
    rather_everywhere: ClassVar[bool] = False

    @abstractmethod
    def applies(self, operation: Operation, v: Values) -> bool:
        """Whether it can be made there; `v` holds the right arrays."""

    def factor(self, operation: Operation, v: Values) -> float | None:
        """By what the right result is multiplied; None where it is no such mistake.

        One that is may be made at the same place as another.
        """
        return None

    def wrong(self, operation: Operation, v: Values) -> Array:
        """What comes out there."""
        factor = self.factor(operation, v)
        assert factor is not None
        result: Array = operation.right(v) * factor
        return result

    @abstractmethod
    def done(self, operation: Operation) -> str:
        """What was computed, as a right-hand side."""

    def place_sets(self, operations: Mapping[str, Operation], v: Values, names: Iterable[str]) -> list[frozenset[str]]:
        """Where to try it, among these arrays, the target first: in one place each, and in all at once."""
        places = [name for name in names if self.applies(operations[name], v)]
        alone = [frozenset([place]) for place in places]
        return [*alone, frozenset(places)] if len(places) > 1 else alone

    @property
    def title(self) -> str:
        """The name, with what distinguishes it from others of its kind."""
        return self.name

    @property
    def remark(self) -> str:
        """A sentence on why it is wrong, where the formula alone does not say it; empty for none."""
        return ""
