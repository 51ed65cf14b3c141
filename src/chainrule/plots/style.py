"""The look that all pictures share: sizes, and colours that people with any colour vision can tell apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chainrule.errors import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "DIVERGING",
    "GREY",
    "SEQUENTIAL",
    "VERMILION",
    "new_figure",
    "number",
    "plain",
    "styled",
    "title",
    "with_commas",
]

BLUE, VERMILION, GREY = "#0072B2", "#D55E00", "#767676"
"""From the palette of Okabe and Ito, "Color universal design" (2008), and a grey that is readable on white."""

SEQUENTIAL, DIVERGING = "Blues", "RdBu_r"
"""Colour maps for what begins at 0, and for what lies on both sides of it."""

SETTINGS = {
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": "0.9",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "chainrule",  # the same picture has the same bytes
}

LONGEST = 28
"""Characters of a name that are shown."""


@contextmanager
def styled() -> Iterator[None]:
    """What is drawn within has this look, whatever a person's own settings are, which come back afterwards."""
    matplotlib = require("matplotlib", "plot")
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **SETTINGS, "backend": matplotlib.rcParams["backend"]}):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches; it belongs to no window, and needs no display."""
    figure: Figure = require("matplotlib.figure", "plot").Figure(figsize=(width, height), layout="constrained")
    return figure


def plain(text: Any, longest: int = LONGEST) -> str:
    """A name as it is shown: dollar signs are no formulas, and what is too long is cut."""
    name = " ".join(str(text).split())
    if len(name) > longest:
        name = name[: longest - 1] + "…"
    return name.replace("$", r"\$")


def number(value: float) -> str:
    """A number in a sentence: four digits, commas in large ones."""
    text = f"{value:,.0f}" if 1e4 <= abs(value) < 1e12 else f"{value:.4g}"
    return text.replace("-", "\u2212")


def with_commas(axis: Any) -> None:
    """Let the numbers of an axis be whole ones with commas, where others would have a power of ten apart."""
    ticker = require("matplotlib.ticker", "plot")
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "\u2212")))


def title(axes: Any, main: str, detail: str = "") -> None:
    """A title at the left, with what else is to be said in grey below it."""
    axes.set_title(main, fontweight="bold", pad=22 if detail else 8)
    if detail:
        axes.annotate(
            detail,
            (0, 1),
            (0, 7),
            xycoords="axes fraction",
            textcoords="offset points",
            color=GREY,
            fontsize=9,
            va="baseline",
        )
