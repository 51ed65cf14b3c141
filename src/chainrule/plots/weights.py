"""Weights as pictures: the first layer's units as images of what they look for, every other layer as a map."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import InvalidArgument
from chainrule.functions.arrays import Array
from chainrule.plots.style import DIVERGING, GREY, new_figure, plain, styled, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_weights"]

MOST_IMAGES = 36
"""Units of the first layer that are shown as images."""

MOST_LAYERS = 6
MOST_LINES = 128
"""Rows, and columns, of a map."""

FEW_UNITS = 12
"""Up to so many rows or columns each has its number."""

MOST_NAMES = 45
"""Up to so many rows or columns each has its name."""


def plot_weights(
    weights: Mapping[int, Any],
    *,
    image_shape: tuple[int, int] | None = None,
    inputs: Sequence[Any] | None = None,
    outputs: Sequence[Any] | None = None,
) -> Figure:
    """Draw each dense layer's weights, blue below 0 and red above.

    Of large layers the units with the largest weights are drawn, and the picture says so.

    Parameters
    ----------
    weights : mapping of int to array of shape (d_i, d_{i+1})
        By layer number, as `Network.w`.
    image_shape : tuple (height, width), optional
        If the inputs are the pixels of images: their shape. Each unit of the first layer is drawn as one then.
    inputs, outputs : sequence, optional
        Names of the inputs and of the outputs.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidArgument
        If there are no weights, or names or an image of another number than there are inputs or outputs.
    MissingExtra
        If matplotlib is not installed.
    """
    layers = {number: np.asarray(w, dtype=float) for number, w in weights.items()}
    if not layers or any(w.ndim != 2 for w in layers.values()):
        raise InvalidArgument("Give the weights of a single network, a matrix for each layer number.")
    first, last = min(layers), max(layers)
    _check_names(layers[first], layers[last], image_shape, inputs, outputs)
    shown = [*layers][: MOST_LAYERS - 1] + [last] * (len(layers) >= MOST_LAYERS)
    with styled():
        panels = [
            _Images(number, layers[number], image_shape)
            if number == first and image_shape is not None
            else _Map(number, layers[number], inputs if number == first else None, outputs if number == last else None)
            for number in shown
        ]
        columns = min(3, len(panels))
        rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
        heights = [max(panel.height for panel in row) for row in rows]
        widths = [max(row[i].width for row in rows if i < len(row)) for i in range(columns)]
        figure = new_figure(sum(widths), sum(heights) + 0.3 * (len(layers) > len(shown)))
        grid = np.atleast_2d(
            figure.subfigures(len(rows), columns, width_ratios=widths, height_ratios=heights, squeeze=False)
        )
        for panel, place in zip((panel for row in rows for panel in row), grid.ravel(), strict=False):
            panel.draw(place)
        if len(layers) > len(shown):
            figure.text(0.01, 0.005, f"{len(shown)} of {len(layers)} layers", color=GREY, fontsize=9)
    return figure


def _check_names(
    first: Array,
    last: Array,
    image_shape: tuple[int, int] | None,
    inputs: Sequence[Any] | None,
    outputs: Sequence[Any] | None,
) -> None:
    if image_shape is not None and math.prod(image_shape) != len(first):
        height, width = image_shape
        raise InvalidArgument(
            f"Images of {height} x {width} pixels have {height * width}, and there are {len(first)} inputs."
        )
    for names, size, what in ((inputs, len(first), "inputs"), (outputs, last.shape[1], "outputs")):
        if names is not None and len(names) != size:
            raise InvalidArgument(f"There are {len(names)} names for {size} {what}.")


class _Images:
    """A layer's units, each as an image of its weights."""

    def __init__(self, number: int, w: Array, shape: tuple[int, int]) -> None:
        self.number, self.units = number, w.shape[1]
        self.chosen = _largest(w, MOST_IMAGES, axis=0)
        self.images = w.T[self.chosen].reshape(-1, *shape)
        self.columns = math.ceil(math.sqrt(len(self.images)))
        self.rows = -(-len(self.images) // self.columns)
        side = float(np.clip(6.0 / self.columns, 0.95, 1.5))
        self.width, self.height = side * self.columns + 1.1, side * 1.12 * self.rows + 0.9

    def draw(self, place: Any) -> None:
        limit = _limit(self.images)
        fields = place.subplots(self.rows, self.columns, squeeze=False).ravel()
        for axes, unit, image in zip(fields, self.chosen, self.images, strict=False):
            picture = axes.imshow(image, cmap=DIVERGING, vmin=-limit, vmax=limit, interpolation="nearest")
            axes.set_title(f"{unit}", fontsize=7, loc="center", pad=2, color=GREY)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
        for axes in fields[len(self.images) :]:
            axes.remove()
        bar = place.colorbar(picture, ax=[*fields[: len(self.images)]], shrink=0.6, aspect=25, pad=0.02, label="weight")
        bar.outline.set_visible(False)
        few = len(self.images) < self.units
        which = f"{len(self.images)} of {self.units:,} units, those with the largest weights" if few else "each unit"
        place.suptitle(f"w[{self.number}]: {which}", fontsize=11, fontweight="bold", x=0.02, ha="left")


class _Map:
    """A layer's weights as a map: a row for each input, a column for each unit."""

    def __init__(self, number: int, w: Array, inputs: Sequence[Any] | None, outputs: Sequence[Any] | None) -> None:
        self.number, self.shape = number, w.shape
        self.rows, self.columns = (_largest(w, MOST_LINES, axis) for axis in (1, 0))
        self.w = w[np.ix_(self.rows, self.columns)]
        self.inputs, self.outputs = _chosen(inputs, self.rows), _chosen(outputs, self.columns)
        lengthy = max(map(len, self.inputs), default=0) * 0.075
        self.height = float(np.clip(0.17 * len(self.rows) + 1.3, 3.2, 7))
        self.width = float(np.clip(0.17 * len(self.columns) + 1.5, 3.2, 7)) + lengthy

    def draw(self, place: Any) -> None:
        axes = place.subplots()
        limit = _limit(self.w)
        picture = axes.imshow(self.w, cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
        bar = place.colorbar(picture, ax=axes, shrink=0.6, aspect=25, pad=0.02, label="weight")
        bar.outline.set_visible(False)
        axes.spines[:].set_visible(False)
        axes.set(xlabel="output" if self.outputs else f"unit of layer {self.number + 1}")
        axes.set(ylabel="input" if self.inputs or self.number == 1 else f"unit of layer {self.number}")
        _number_or_name(axes, self.inputs, self.outputs, self.rows, self.columns)
        d, k = self.shape
        cut = "" if (d, k) == self.w.shape else f", the largest {self.w.shape[0]} x {self.w.shape[1]}"
        title(axes, f"w[{self.number}]", f"{d:,} x {k:,}{cut}")


def _number_or_name(axes: Any, inputs: list[str], outputs: list[str], rows: Array, columns: Array) -> None:
    for axis, names, numbers in ((axes.yaxis, inputs, rows), (axes.xaxis, outputs, columns)):
        n = len(numbers)
        size = min(9.0, 330 / n + 2)
        if names and n <= MOST_NAMES:
            lengthy = axis is axes.xaxis and sum(map(len, names)) > 30
            turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if lengthy else {}
            axis.set_ticks(range(n), names, fontsize=size, **turned)
        elif n <= FEW_UNITS:
            axis.set_ticks(range(n), [str(number) for number in numbers], fontsize=size)
        elif numbers[-1] == n - 1:
            axis.get_major_locator().set_params(integer=True)
        else:  # some of many, whose numbers would not be those of the axis
            axis.set_ticks([])


def _largest(w: Array, most: int, axis: int) -> Array:
    """The numbers of the rows or columns with the largest weights, at most so many, in their order."""
    n = w.shape[1 - axis]
    if n <= most:
        return np.arange(n)
    norms = np.square(w).sum(axis=axis)
    return np.sort(np.argsort(-norms, kind="stable")[:most])


def _chosen(names: Sequence[Any] | None, numbers: Array) -> list[str]:
    return [] if names is None else [plain(names[i]) for i in numbers]


def _limit(w: Array) -> float:
    """The end of the colours: the largest weight but for a few in a thousand, so that one cannot fade all others."""
    finite = np.abs(w[np.isfinite(w)])
    return float(np.quantile(finite, 0.998)) or 1.0 if len(finite) else 1.0
