"""The text below the picture of paths: a line for each chain, with its contribution, its share and its factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainrule.plots.path_drawing import chain_colour
from chainrule.plots.style import GREY, number

if TYPE_CHECKING:
    from chainrule.glassbox.paths import Chain, Paths

__all__ = ["write_chains"]

LONGEST_PRODUCT = 96
"""Characters of a product beside a chain's contribution; of a longer one, factors in its middle are left out."""


def write_chains(axes: Any, paths: Paths) -> None:
    """Write a line for each chain, the strongest first, and one for all others."""
    n_lines = len(paths.chains) + 1 + bool(paths.n_others)
    axes.set(xlim=(0, 1), ylim=(n_lines, 0))
    axes.axis("off")
    width = axes.figure.get_figwidth()
    at = [each / width for each in (0.28, 1.05, 1.7, 1.95)]
    for x, head, side in zip(
        at, ("", "contribution", "share", _what_is_multiplied(paths)), ("right", "right", "right", "left"), strict=True
    ):
        axes.text(x, 0.5, head, ha=side, va="center", fontsize=8, color=GREY)
    for i, chain in enumerate(paths.chains, 1):
        colour = chain_colour(chain.contribution)
        axes.text(at[0], i + 0.5, f"{i}", ha="right", va="center", fontsize=8.5, fontweight="bold", color=colour)
        cells = (number(float(f"{chain.contribution:.3g}")), _percent(chain.share), _product(chain))
        for x, cell, side in zip(at[1:], cells, ("right", "right", "left"), strict=True):
            axes.text(x, i + 0.5, cell, ha=side, va="center", fontsize=8.5)
    if paths.n_others:
        share = _percent(paths.others / paths.value if paths.value else float("nan"))
        what = "the other chain" if paths.n_others == 1 else f"the other {paths.n_others:,} chains together"
        cells = (number(float(f"{paths.others:.3g}")), share, what)
        for x, cell, side in zip(at[1:], cells, ("right", "right", "left"), strict=True):
            axes.text(x, n_lines - 0.5, cell, ha=side, va="center", fontsize=8.5, color=GREY)


def _what_is_multiplied(paths: Paths) -> str:
    """The head of the products."""
    names = [factor.name for factor in paths.chains[0].factors]
    first, last = (name[: name.rindex("[")] for name in (names[0].split(")")[0], names[-1]))
    return (
        f"row: {last}"
        if len(names) == 1
        else f"row: {first}{')' if ')' in names[0] else ''} \u00d7 \u2026 \u00d7 {last}"
    )


def _percent(share: float) -> str:
    return "\u2013" if share != share else f"{share:.0%}".replace("%", " %").replace("-", "\u2212")


def _product(chain: Chain) -> str:
    """The rows, the ways at residual connections, and the factors' values; of too many, the first and the last."""
    rows = "row " + " \u2190 ".join(map(str, chain.rows))
    beginning = ", ".join([rows, *chain.ways]) + ":  "
    values = [number(float(f"{factor.value:.3g}")) for factor in chain.factors]
    text = beginning + " \u00d7 ".join(values)
    for kept in range((len(values) - 1) // 2, 0, -1):
        if len(text) <= LONGEST_PRODUCT:
            break
        text = beginning + " \u00d7 ".join([*values[:kept], "\u2026", *values[-kept:]])
    return text
