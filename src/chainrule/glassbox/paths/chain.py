"""One chain of the chain rule: its factors, and what their product contributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chainrule.glassbox.trace import Quantity

__all__ = ["Chain", "Factor"]


class Factor(NamedTuple):
    """One factor of a chain.

    Attributes
    ----------
    name : str
        Which number it is: ``a[1][2,3]``, ``f'(z[2][2,0])``, ``w[2][0,1]``, ``delta[3][2,1]``; the derivative of a
        norm's output with respect to its input is ``d(a[2][0,1])/d(dense_1.output[4,1])``.
    value : float
        Its value.
    """

    name: str
    value: float


@dataclass(frozen=True)
class Chain:
    """One way from an error at the output to the number that is looked at.

    Attributes
    ----------
    contribution : float
        The product of the factors.
    share : float
        contribution / the number: above 1, or below 0, where chains of both signs cancel; NaN if the number is 0.
    share_of_total : float
        |contribution| / the sum of the absolute contributions of all chains, from 0 to 1.
    factors : tuple of Factor
        From the number to the output; the last is delta of the output layer.
    ways : tuple of str
        ``"through residual_1"`` or ``"past residual_1"`` for each residual connection on the way, in the same order.
    passes : tuple of Quantity
        The derivatives that the error passes, in the same order, such as delta[2][2,0], da[2][2,0], delta[3][2,1].
    """

    contribution: float
    share: float
    share_of_total: float
    factors: tuple[Factor, ...]
    ways: tuple[str, ...]
    passes: tuple[Quantity, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows on the way, from the number to the output; several where a batch norm couples rows."""
        rows = [quantity.index[0] for quantity in self.passes]
        return tuple(row for i, row in enumerate(rows) if i == 0 or row != rows[i - 1])
