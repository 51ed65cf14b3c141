"""The network of a sheet as a picture: units in columns, every weight on its edge, the biases at the units."""

from __future__ import annotations

import itertools
from html import escape

from chainrule.glassbox.worksheets.instance import Instance
from chainrule.glassbox.worksheets.number_words import as_written

__all__ = ["network_svg"]

COLUMNS = {3: 150, 4: 122, 5: 104}
"""Distance of the layers, by how many there are."""

ROW = 62
RADIUS = 15
LEFT = 62
TOP = 52


def network_svg(instance: Instance) -> str:
    """The drawing as SVG, black on white, of a size that the page decides."""
    drawing = _Drawing(instance)
    return drawing.svg()


class _Drawing:
    """The places of everything, and how it is drawn."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.dimensions = instance, instance.settings.dimensions
        self.column = COLUMNS[len(self.dimensions)]
        self.tallest = max(self.dimensions)
        self.width = LEFT + self.column * (len(self.dimensions) - 1) + 96
        self.height = TOP + ROW * (self.tallest - 1) + 42

    def svg(self) -> str:
        """All of it; edges first, so that their ends are covered."""
        edges = [self._edge(i, j, k) for i, j, k in self._edges()]
        weights = [self._weight(i, j, k) for i, j, k in self._edges()]
        units = [self._unit(i, j) for i, d in enumerate(self.dimensions, 1) for j in range(d)]
        headings = [self._heading(i) for i in range(1, len(self.dimensions) + 1)]
        sizes = " to ".join(map(str, self.dimensions))
        label = f"The network, {sizes} units. Its weights and biases are written beside it as matrices, too."
        inside = "\n".join([*edges, *weights, *units, *headings])
        return (
            f'<svg class="network" viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(label)}">\n'
            f"{inside}\n</svg>"
        )

    def _edges(self) -> list[tuple[int, int, int]]:
        pairs = itertools.pairwise(self.dimensions)
        return [(i, j, k) for i, (d, d_next) in enumerate(pairs, 1) for j in range(d) for k in range(d_next)]

    def _at(self, layer: int, unit: int) -> tuple[float, float]:
        d = self.dimensions[layer - 1]
        return LEFT + self.column * (layer - 1), TOP + ROW * ((self.tallest - d) / 2 + unit)

    def _edge(self, i: int, j: int, k: int) -> str:
        (x1, y1), (x2, y2) = self._at(i, j), self._at(i + 1, k)
        return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'

    def _weight(self, i: int, j: int, k: int) -> str:
        (x1, y1), (x2, y2) = self._at(i, j), self._at(i + 1, k)
        t = (j + 1) / (self.dimensions[i - 1] + 1)  # those of different units stand in different columns
        text = as_written(float(self.instance.w[i][j, k]))
        x, y = x1 + t * (x2 - x1), y1 + t * (y2 - y1)
        return f'<text class="weight" x="{x:.1f}" y="{y + 4:.1f}">{text}</text>'

    def _unit(self, layer: int, unit: int) -> str:
        x, y = self._at(layer, unit)
        marks = [f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}"/>', f'<text x="{x:g}" y="{y + 4.5:g}">{unit}</text>']
        if layer == 1 and self.instance.settings.rows == 1:
            value = as_written(float(self.instance.x[0, unit]))
            marks.append(f'<text class="end" x="{x - RADIUS - 7:g}" y="{y + 4.5:g}">{value}</text>')
        if layer > 1:
            bias = as_written(float(self.instance.b[layer - 1][unit]))
            marks.append(f'<text class="bias" x="{x:g}" y="{y + RADIUS + 13:g}">b = {bias}</text>')
        if layer == len(self.dimensions) and self.instance.settings.rows == 1:
            target = as_written(float(self.instance.y[0, unit]))
            marks.append(f'<text class="start" x="{x + RADIUS + 7:g}" y="{y + 4.5:g}">y = {target}</text>')
        return "".join(marks)

    def _heading(self, layer: int) -> str:
        x, _ = self._at(layer, 0)
        name = "input" if layer == 1 else self.instance.settings.activations[layer - 2]
        return (
            f'<text class="heading" x="{x:g}" y="13">layer {layer}</text>'
            f'<text class="activation" x="{x:g}" y="27">{escape(name)}</text>'
        )
