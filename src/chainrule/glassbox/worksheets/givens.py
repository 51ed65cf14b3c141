"""What a sheet gives: the drawing of the network, and its numbers as matrices."""

from __future__ import annotations

from chainrule.glassbox.worksheets.network_drawing import network_svg
from chainrule.glassbox.worksheets.number_words import as_written
from chainrule.glassbox.worksheets.rules import matrix_mathml
from chainrule.glassbox.worksheets.sheet import Sheet

__all__ = ["givens_html"]


def givens_html(sheet: Sheet, height: float) -> str:
    """The drawing, so many millimetres high, and beside it the numbers that the student needs."""
    instance, level = sheet.instance, sheet.settings.how_far
    shown = [matrix_mathml("a[1]", instance.x)]
    if level.backward:
        shown.append(matrix_mathml("y", instance.y))
    for i in instance.w:
        shown += [matrix_mathml(f"w[{i}]", instance.w[i]), matrix_mathml(f"b[{i}]", instance.b[i])]
    if level.update:
        rate = as_written(sheet.settings.learning_rate)
        shown.append(f"<span><math><mrow><mtext>learning_rate</mtext><mo>=</mo><mn>{rate}</mn></mrow></math></span>")
    numbers = "\n".join(f"<div>{each}</div>" for each in shown)
    drawing = network_svg(instance).replace("<svg ", f'<svg style="height: {height:g}mm" ', 1)
    return f'<div class="given">\n{drawing}\n<div class="matrices">\n{numbers}\n</div>\n</div>'
