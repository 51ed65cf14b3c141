"""A figure as a file: PNG, SVG or PDF by the ending, written whole or not at all."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule.errors import InvalidArgument
from chainrule.files.whole_file import write_whole
from chainrule.plots.style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FIGURE_FORMATS", "figure_format", "save_figure"]

UNDATED: dict[str, dict[str, Any]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""By format, what keeps the time out of the file, so that the same picture has the same bytes."""

FIGURE_FORMATS = tuple(UNDATED)
"""The endings that a picture's file may have."""


def figure_format(path: str | os.PathLike[str]) -> str:
    """The format that a file's ending asks for.

    Raises
    ------
    InvalidArgument
        If it is none of `FIGURE_FORMATS`.
    """
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in FIGURE_FORMATS:
        raise InvalidArgument(
            f"A picture is written as .png, .svg or .pdf, and {Path(path).name!r} ends in none of them."
        )
    return ending


def save_figure(figure: Figure, path: str | os.PathLike[str], dpi: float = 150) -> None:
    """Write a figure to a file, whole or not at all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to draw.
    path : path-like
        Ending in .png, .svg or .pdf.
    dpi : float
        Pixels an inch of a PNG.

    Raises
    ------
    InvalidArgument
        For another ending.
    FileNotWritten
        With the reason of the system; a file that was there is as it was.

    Warns
    -----
    UserWarning
        Once, if the font lacks letters of a name.
    """
    kind = figure_format(path)
    drawn = io.BytesIO()
    with styled(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(drawn, format=kind, dpi=dpi, metadata=UNDATED[kind], bbox_inches="tight", pad_inches=0.12)
    _pass_on(caught)
    write_whole(path, drawn.getvalue())


def _pass_on(caught: list[warnings.WarningMessage]) -> None:
    """Each warning again; of the letters that the font lacks, of which there is one each, a single sentence."""
    lacking = 0
    for warning in caught:
        if str(warning.message).startswith("Glyph "):
            lacking += 1
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if lacking:
        warnings.warn("The font of the picture lacks letters of some names; they are drawn as boxes.", stacklevel=3)
