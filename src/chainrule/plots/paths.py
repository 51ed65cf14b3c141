"""The strongest chains of the chain rule, drawn through the network: by which units an error reached a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.errors import InvalidArgument
from chainrule.plots.path_columns import path_columns
from chainrule.plots.path_drawing import PathDrawing
from chainrule.plots.path_table import write_chains
from chainrule.plots.style import new_figure, number, styled, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from chainrule.glassbox.paths import Paths

__all__ = ["plot_paths"]

LINE_HEIGHT = 0.21
"""Inches of a line of text below the network."""


def plot_paths(paths: Paths) -> Figure:
    """Draw the strongest chains as lines through the units that they pass, from the number to the output.

    A line is as wide as its chain is strong, blue where it contributes below 0 and red above. Weights stand on the
    lines. Below, each chain has its contribution, its share of the number, its rows and its factors, in the order of
    the lines. Where a layer has many units, those on the chains are drawn.

    Parameters
    ----------
    paths : Paths
        What `chainrule.paths` found.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidArgument
        If all chains are 0.
    MissingExtra
        If matplotlib is not installed.
    """
    if not paths.chains:
        raise InvalidArgument(f"There is nothing to draw: all chains of {paths.quantity} are 0.")
    with styled():
        columns = path_columns(paths)
        lines = len(paths.chains) + 1 + bool(paths.n_others)
        tall = max(len(column.slots) for column in columns)
        height = max(1.6, 0.42 * tall) + 1.5
        text_height = LINE_HEIGHT * lines + 0.15
        figure = new_figure(max(7.5, 1.75 * len(columns) + 1), height + text_height)
        network, text = figure.subplots(2, 1, height_ratios=(height, text_height))
        drawing = PathDrawing(network, paths, columns)
        write_chains(text, paths)
        title(network, f"{paths.quantity} = {number(paths.value)}", _detail(paths))
        drawing.draw()
    return figure


def _detail(paths: Paths) -> str:
    """How many chains there are, and what the drawn ones are of them."""
    chains = "a single chain" if paths.n_chains == 1 else f"{paths.n_chains:,} chains"
    if paths.n_alive < paths.n_chains:
        chains += f", {paths.n_alive:,} of them not 0"
    if not paths.n_others:
        return chains
    drawn = "the strongest" if len(paths.chains) == 1 else f"the {len(paths.chains)} strongest"
    share = f"{1 - paths.others_share_of_total:.0%}".replace("%", " %")
    return f"{chains}; drawn: {drawn}, {share} of all sizes"
