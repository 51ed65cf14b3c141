"""Constant factors: a number as n, k, 2 and a sign, found by changing the number of rows and the number of outputs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

__all__ = ["ONE", "Factor", "Reason", "factor_between", "reasons_for"]

SAME = 1e-6
"""Two factors that differ by less than this share are the same."""

POWERS = (0, 1, -1, 2, -2)


@dataclass(frozen=True)
class Factor:
    """By how much a claimed array is larger than J's: value = base n^power.

    Attributes
    ----------
    value : float
        For the rows that were given.
    power : int or None
        How it grows with the number n of rows, found on more rows; None if not as a power.
    base : float
        What is left of it.
    """

    value: float
    power: int | None
    base: float

    @property
    def is_one(self) -> bool:
        """Whether there is no factor."""
        return self.power == 0 and abs(self.base - 1) < SAME

    def same_as(self, other: Factor) -> bool:
        """Whether two factors are equal, on all rows."""
        return self.power == other.power and abs(self.base - other.base) <= SAME * abs(self.base)

    def over(self, other: Factor) -> Factor:
        """The quotient."""
        power = None if self.power is None or other.power is None else self.power - other.power
        return Factor(self.value / other.value, power, self.base / other.base)


ONE = Factor(1.0, 0, 1.0)


@dataclass(frozen=True)
class Reason:
    """A factor written as sign n^rows k^outputs 2^twos."""

    sign: int
    rows: int
    outputs: int
    twos: int

    @property
    def complexity(self) -> int:
        """How many things would have gone wrong."""
        return (self.sign < 0) + abs(self.rows) + abs(self.outputs) + abs(self.twos)

    @property
    def name(self) -> str:
        """Such as ``n k / 2``."""
        powers = [("2", self.twos), ("n", self.rows), ("k", self.outputs)]
        above = " ".join(symbol for symbol, power in powers for _ in range(power))
        below = " ".join(symbol for symbol, power in powers for _ in range(-power))
        if not below:
            return f"{'-' * (self.sign < 0)}{above or '1'}"
        return f"{'-' * (self.sign < 0)}{above or '1'} / {f'({below})' if ' ' in below else below}"

    @property
    def inverse(self) -> Reason:
        """One over it: what is missing."""
        return Reason(self.sign, -self.rows, -self.outputs, -self.twos)


def factor_between(value: float, value_with_more: float, n: int, n_with_more: int) -> Factor:
    """The factor that is `value` with n rows and `value_with_more` with more."""
    for power in POWERS:
        base, with_more = value / float(n) ** power, value_with_more / float(n_with_more) ** power
        if abs(base - with_more) <= SAME * abs(base):
            return Factor(value, power, base)
    return Factor(value, None, value)


def reasons_for(factor: Factor, k: int, outputs: int | None = None) -> tuple[Reason, ...]:
    """The simplest ways to write a factor with n, k and 2; several where they are equal for this k, none where none is.

    `outputs` is the power of k where it is known.
    """
    if factor.power is None:
        return ()
    powers = (0, 1, -1) if outputs is None else (outputs,)
    if k == 1 and outputs is None:
        powers = (0,)
    found = [
        Reason(sign, factor.power, q, r)
        for sign, q, r in itertools.product((1, -1), powers, (0, 1, -1))
        if abs(factor.base - sign * float(k) ** q * 2.0**r) <= SAME * abs(factor.base)
    ]
    simplest = min((reason.complexity for reason in found), default=0)
    return tuple(reason for reason in found if reason.complexity == simplest)
