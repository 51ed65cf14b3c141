"""A network as a table: its layers, their shapes and how many parameters each has."""

from __future__ import annotations

import numpy as np

from chainrule.network.architecture import Architecture
from chainrule.network.layer import Layer
from chainrule.network.layers import Dense

__all__ = ["summary"]


def summary(architecture: Architecture, dtype: np.dtype[np.floating], n_members: int | None = None) -> str:
    """The table that ``print(network)`` shows; a dense layer's row says which w and b it has."""
    rows = [("layer", "output", "arrays", "parameters"), ("input", f"(n, {architecture.n_in})", "", "")]
    rows += _rows(architecture)
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(_cell(text, width, i) for i, (text, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]
    total = architecture.parameters.size
    rule = "-" * len(lines[0])
    size = total * dtype.itemsize / 1024 * (n_members or 1)
    each = "" if n_members is None else f"{n_members} members of "
    return "\n".join([lines[0], rule, *lines[1:], rule, f"{each}{total:,} parameters, {dtype}, {size:,.1f} KiB"])


def _rows(architecture: Architecture) -> list[tuple[str, str, str, str]]:
    rows: list[tuple[str, str, str, str]] = []
    width = architecture.n_in
    number = 0
    for layer, depth in _with_depth(architecture.layers):
        width = layer.n_outputs(width)
        number += isinstance(layer, Dense)
        arrays = [
            f"{spec.name}{f'[{number}]' if isinstance(layer, Dense) else ''} {spec.shape}"
            for spec in layer.parameters()
        ]
        count = sum(spec.size for spec in layer.parameters())
        if layer.inside:
            arrays, count = [], 0
        rows.append((_title(layer, depth), f"(n, {width})", "  ".join(arrays), f"{count:,}" if count else ""))
    return rows


def _with_depth(layers: tuple[Layer, ...], depth: int = 0) -> list[tuple[Layer, int]]:
    return [pair for layer in layers for pair in ((layer, depth), *_with_depth(layer.inside, depth + 1))]


def _title(layer: Layer, depth: int) -> str:
    function = f" {layer.activation}" if isinstance(layer, Dense) else ""
    return "  " * depth + layer.label + function


def _cell(text: str, width: int, column: int) -> str:
    return text.rjust(width) if column == 3 else text.ljust(width)
