"""What `paths` found: numbers for programs, a table for people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import fill

from chainrule.glassbox.paths.chain import Chain
from chainrule.glassbox.trace import Quantity

__all__ = ["Paths"]

WIDEST = 110
"""Characters of a line of factors, or of a note; what is longer goes on in the next."""


@dataclass(frozen=True)
class Paths:
    """The chains of the chain rule that make up a number; printed, the strongest are a table.

    Attributes
    ----------
    quantity : Quantity
        Which number.
    value : float
        The number, as the trace has it.
    total : float
        The sum of all chains: the number without the penalty's part. A learner's own program may have another number.
    absolute_total : float
        The sum of the absolute contributions of all chains.
    penalty : float
        The part of the L1 and L2 terms, which no chain brings.
    n_chains : int
        How many chains there are.
    n_alive : int
        How many of them are not 0; above 2**53 about so many.
    chains : tuple of Chain
        The strongest, the strongest first.
    dimensions : tuple of int
        Units by layer, the input first.
    stations : tuple of (str, int)
        The arrays of derivatives that chains may pass, from the number to the output, with their numbers of units.
    remarks : tuple of str
        What is to be known: where a learner's program departs from the chain rule, or why all chains are 0.
    """

    quantity: Quantity
    value: float
    total: float
    absolute_total: float
    penalty: float
    n_chains: int
    n_alive: int
    chains: tuple[Chain, ...]
    dimensions: tuple[int, ...]
    stations: tuple[tuple[str, int], ...]
    remarks: tuple[str, ...] = ()

    @property
    def others(self) -> float:
        """What all other chains contribute together."""
        return self.total - math.fsum(chain.contribution for chain in self.chains)

    @property
    def others_share_of_total(self) -> float:
        """The share of all other chains of the sum of the absolute contributions, from 0 to 1."""
        return max(0.0, 1 - math.fsum(chain.share_of_total for chain in self.chains)) if self.n_others else 0.0

    @property
    def n_others(self) -> int:
        """How many other chains there are that are not 0."""
        return self.n_alive - len(self.chains)

    @property
    def positive(self) -> float:
        """The sum of the chains above 0."""
        return max(0.0, (self.absolute_total + self.total) / 2)

    @property
    def negative(self) -> float:
        """The sum of the chains below 0."""
        return min(0.0, (self.total - self.absolute_total) / 2)

    def headline(self) -> str:
        """What the number is a sum of, in a sentence."""
        name, shown = f"{self.quantity} = {number(self.value)}", len(self.chains)
        if self.n_chains == 1:
            return f"{name}: a single chain" + (":" if shown else ", which is 0.")
        dead = self.n_chains - self.n_alive
        of = f"{name}: {self.n_chains:,} chains"
        if not shown:
            return f"{of}, all of them 0."
        of += f", {self.n_alive:,} of them not 0" if dead else ""
        if shown == self.n_alive:
            return f"{of}:" if shown > 1 else f"{of.replace(' of them not 0', ' of which is not 0')}:"
        return f"{of}; the strongest:" if shown == 1 else f"{of}; the {shown} strongest:"

    def balance(self) -> list[str]:
        """How chains of both signs add up, what the shares are of, and the penalty's part: a sentence each."""
        parts = []
        if self.n_alive > 1:
            above, below = number(self.positive), number(self.negative)
            if self.positive > 0 > self.negative:
                parts.append(
                    f"All chains above 0 add up to {above}, all below 0 to {below}; together {number(self.total)}."
                )
            else:
                parts.append(f"All chains are {'above' if self.total > 0 else 'below'} 0.")
            parts.append(f"All sizes, that is without their signs, add up to {number(self.absolute_total)}.")
        if self.penalty:
            parts.append(
                f"The penalty's part of {self.quantity}, {number(self.penalty)}, comes from the weight itself, by no "
                "chain."
            )
        return parts

    def __repr__(self) -> str:
        lines = [self.headline()]
        if self.chains:
            heads = ("contribution", f"of {self.quantity}", "of all sizes")
            cells = [
                (number(chain.contribution), percent(chain.share), percent(chain.share_of_total))
                for chain in self.chains
            ]
            if self.n_others:
                share = self.others / self.value if self.value else math.nan
                cells.append((number(self.others), percent(share), percent(self.others_share_of_total)))
            widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
            margin = len(str(len(self.chains))) + 2
            lines.append(" " * margin + _row(heads, widths))
            for i, chain in enumerate(self.chains):
                lines.append(f"{f'{i + 1}.':>{margin - 1}} {_row(cells[i], widths)}  {_way(chain)}")
                lines += [f"{'':{margin + 4}}{line}" for line in _products(chain)]
            if self.n_others:
                what = "the other chain" if self.n_others == 1 else f"the other {self.n_others:,} chains together"
                lines.append(f"{'':{margin}}{_row(cells[-1], widths)}  {what}")
        notes = [fill(f"Note: {remark}", WIDEST, subsequent_indent="      ") for remark in self.remarks]
        return "\n".join([*lines, *self.balance(), *notes])


def number(value: float) -> str:
    """A number with four digits."""
    return f"{value:.4g}"


def percent(share: float) -> str:
    """A share in percent, with as many digits as say something; a dash where there is none."""
    if math.isnan(share):
        return "-"
    if 0 < abs(share) < 0.001:
        return "< 0.1 %" if share > 0 else "> -0.1 %"
    return f"{share:.1%}".replace("%", " %") if abs(share) < 0.0995 else f"{share:.0%}".replace("%", " %")


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))


def _way(chain: Chain) -> str:
    """Which rows, and which ways at residual connections: what the factors' indices leave to be found out."""
    first, *others = chain.rows
    rows = f"row {first}" if not others else f"rows {first} <- {' <- '.join(map(str, others))}"
    return ", ".join([rows, *chain.ways])


def _products(chain: Chain) -> list[str]:
    """The factors' names and, below each, its value; in several pairs of lines where they are too long for one."""
    lines: list[str] = []
    names = values = ""
    for i, factor in enumerate(chain.factors):
        value = number(factor.value)
        width = max(len(factor.name), len(value))
        sign = " * " if i else ""
        if names and len(names) + len(sign) + width > WIDEST:
            lines += [names.rstrip(), values.rstrip()]
            names = values = ""
        names += sign + factor.name.ljust(width)
        values += sign + value.ljust(width)
    return [*lines, names.rstrip(), values.rstrip()]
