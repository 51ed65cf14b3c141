"""Where two gradients differ, as a grid of signs for each array."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.functions.arrays import Array
from chainrule.network.layout import Layout, Slot

__all__ = ["CLEARLY_OFF", "OFF", "STYLES", "HeatMap", "heat_map", "worst"]

OFF, CLEARLY_OFF = 1e-6, 1e-3
"""An entry's relative error from which on it is off, and from which on it is so clearly."""

LEGEND = '"." agrees, ":" off by 1e-6 to 1e-3 of its size, "x" off by more, "0" no gradient, "k" at a kink'

STYLES = {".": "green", ":": "yellow", "x": "red", "0": "dim"}
"""The colour of each sign."""


class HeatMap(str):
    """Text of which rich prints the signs in colours."""

    __slots__ = ()

    def __rich__(self) -> Any:
        """The same in colours: green agrees, yellow is a little off, red is off."""
        from rich.text import Text

        text = Text()
        for line in self.splitlines(keepends=True):
            bar = line.find("|")
            text.append(line[: bar + 1])
            for sign in line[bar + 1 :]:
                text.append(sign, STYLES.get(sign, "") if bar >= 0 else "")
        return text


def heat_map(layout: Layout, errors: Array, dead: Array, most_rows: int, most_columns: int) -> HeatMap:
    """Grids for all arrays, with a legend; `errors` are NaN at kinks, `dead` says where both gradients are 0."""
    lines = [LEGEND]
    for slot in layout:
        signs = _signs(slot.view(errors), slot.view(dead))
        lines += ["", *_grid(slot, signs, np.nan_to_num(slot.view(errors)), most_rows, most_columns)]
    return HeatMap("\n".join(lines))


def _signs(errors: Array, dead: Array) -> Array:
    conditions = [np.isnan(errors), dead, errors < OFF, errors < CLEARLY_OFF]
    return np.select(conditions, ["k", "0", ".", ":"], "x")


def _grid(slot: Slot, signs: Array, errors: Array, most_rows: int, most_columns: int) -> list[str]:
    signs, errors = np.atleast_2d(signs), np.atleast_2d(errors)
    rows, columns = worst(errors, most_rows, 0), worst(errors, most_columns, 1)
    d, k = signs.shape
    shown = "" if (len(rows), len(columns)) == (d, k) else f", the worst {len(rows)} x {len(columns)} of them"
    off = int((np.isin(signs, [":", "x"])).sum())
    size = f"{d} x {k}" if len(slot.shape) > 1 else f"{k}"
    heading = f"{slot.name}  {size}{shown}: {f'{off} of {signs.size} off' if off else 'all agree'}"
    width = len(str(rows[-1])) if len(slot.shape) > 1 else 0
    lines = [heading]
    if len(columns) < k:
        digits = [str(column).rjust(len(str(columns[-1]))) for column in columns]
        lines += [" " * (width + 3) + " ".join(digit[i] for digit in digits) for i in range(len(digits[0]))]
    for row in rows:
        label = str(row).rjust(width) if width else ""
        lines.append(f"{label} | " + " ".join(signs[row, columns]))
    return lines


def worst(errors: Array, most: int, axis: int) -> Array:
    """The numbers of the rows (axis 0) or columns (1) with the largest errors, at most so many, in their order."""
    sums = errors.sum(axis=1 - axis)
    return np.sort(np.argsort(-sums, kind="stable")[:most])
