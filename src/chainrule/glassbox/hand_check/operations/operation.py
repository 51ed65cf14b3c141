"""The contract of an operation: one array of the step from others, with its formula in symbols and in numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from chainrule.functions.arrays import Array

__all__ = ["Given", "Index", "Operation", "Values", "number", "sum_of_products"]

Index = tuple[int, ...]

MOST_TERMS = 4
"""Longer sums are shortened to their largest terms."""


class Values(Protocol):
    """The arrays of a step, by name."""

    @property
    def without_mistakes(self) -> Values:
        """The right ones."""

    def __getitem__(self, name: str, /) -> Array: ...


@dataclass(frozen=True)
class Operation(ABC):
    """How one array of a step follows from others.

    Attributes
    ----------
    result : str
        What is computed, such as ``delta[2]``.
    by_row : bool
        Whether the first axis of the result is the row of the batch.
    """

    by_row: ClassVar[bool] = True

    result: str

    @property
    @abstractmethod
    def ingredients(self) -> tuple[str, ...]:
        """The arrays that it is computed from, the one to look at first in front."""

    @abstractmethod
    def right(self, v: Values) -> Array:
        """The result, as the mathematics has it."""

    @property
    @abstractmethod
    def formula(self) -> str:
        """The right-hand side in the post's notation, such as ``a[1] @ w[1] + b[1]``."""

    def terms(self, v: Values, index: Index) -> str:
        """The right-hand side of one entry, with its numbers; empty where that would be too long to read."""
        return ""

    def added_up(self, v: Values) -> Array:
        """What the sizes of the terms add up to, where it is a sum; else the size of the result.

        Where terms cancel, the result is small beside this, and rounding is not.
        """
        return np.abs(v[self.result])


@dataclass(frozen=True)
class Given(Operation):
    """What is not computed, but given: rows, targets, parameters, dropout's factors.

    Attributes
    ----------
    value : array
        The numbers.
    new : str or None
        For a parameter, what it is called after the step.
    """

    value: Array
    new: str | None = None

    @property
    def by_row(self) -> bool:  # type: ignore[override]
        """Whether it belongs to the rows."""
        return self.new is None

    @property
    def ingredients(self) -> tuple[str, ...]:
        return ()

    def right(self, v: Values) -> Array:
        return self.value

    @property
    def formula(self) -> str:
        return "as it was given"


def number(value: float) -> str:
    """A number as it stands in a formula: five digits, and a negative one in brackets."""
    text = f"{float(value) + 0.0:.5g}"  # 0 and not -0
    return f"({text})" if text.startswith("-") else text


def sum_of_products(pairs: Iterable[tuple[float, float]], *rest: float) -> str:
    """``p * q + ... + rest``, the largest terms alone where there are many."""
    products = [(float(p), float(q)) for p, q in pairs]
    shown = products
    if len(products) > MOST_TERMS:
        largest = sorted(range(len(products)), key=lambda i: -abs(np.prod(products[i])))[: MOST_TERMS - 1]
        shown = [products[i] for i in sorted(largest)]
    text = " + ".join(f"{number(p)} * {number(q)}" for p, q in shown)
    if len(shown) < len(products):
        others = sum(p * q for i, (p, q) in enumerate(products) if i not in largest)
        text += f" + {number(others)} (the {len(products) - len(shown)} other products)"
    return text + "".join(f" + {number(each)}" for each in rest)
