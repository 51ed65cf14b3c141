"""A student's page: the network, the numbers, the rules, the blanks, and room to calculate."""

from __future__ import annotations

from html import escape

from chainrule.glassbox.explain.mathml import name_mathml
from chainrule.glassbox.worksheets.givens import givens_html
from chainrule.glassbox.worksheets.page_layout import Block, columns_of, pages_of
from chainrule.glassbox.worksheets.printed_page import printed_page
from chainrule.glassbox.worksheets.rules import rules_of
from chainrule.glassbox.worksheets.settings import PLACES, WorksheetSettings
from chainrule.glassbox.worksheets.sheet import Question, Sheet

__all__ = ["student_page"]

TITLE = "One step by hand"
ROOM = '<div class="room"></div>'

DRAWING_EDGE, DRAWING_UNIT = 12.0, 13.5
"""Millimetres of the drawing: above and below its units, and for each unit of the largest layer."""


def student_page(sheet: Sheet) -> str:
    """The page of one student, as HTML that prints on one or two pages of A4 or Letter paper."""
    drawing = DRAWING_EDGE + DRAWING_UNIT * max(sheet.settings.dimensions)
    pages = pages_of(sheet, drawing)
    bodies = []
    begun: set[str] = set()
    for i, blocks in enumerate(pages, 1):
        top = [_header(sheet), givens_html(sheet, drawing)] if i == 1 else []
        parts = ['<div class="page">', *top, *_blocks(blocks, sheet.settings, begun), _footer(sheet, i, len(pages))]
        bodies += [*parts, "</div>"]
    return printed_page(f"{TITLE}: {sheet.title}", "\n".join(bodies), "worksheet.css")


def _blocks(blocks: list[Block], settings: WorksheetSettings, begun: set[str]) -> list[str]:
    """The blocks of a page under their headings; what was `begun` on an earlier page is continued."""
    parts, heading = [], ""
    for block in blocks:
        if block.step != heading:
            heading = block.step
            parts.append(f"<h2>{heading}{', continued' if heading in begun else ''}</h2>")
            begun.add(heading)
        parts.append(_block(block, settings))
    return parts


def _header(sheet: Sheet) -> str:
    settings = sheet.settings
    named = f'<span class="field"><b>{escape(sheet.title)}</b></span>'
    name = "" if settings.names else '<span class="field">Name <span class="line"></span></span>'
    points = f'<span class="field"><span class="line short"></span> / {settings.n_questions}</span>'
    fields = f'<span class="fields">{named}{name}{points}</span>'
    task = f"{_task(settings)} {_rounding(settings)} {_counting(settings)}"
    return f'<header>\n<h1>{TITLE}</h1>\n{fields}\n</header>\n<p class="task">{task}</p>'


def _task(settings: WorksheetSettings) -> str:
    level = settings.how_far
    parts = ["what the network makes of its input"]
    if level.backward:
        parts += ["the loss", "the error δ of every unit"]
    if level.gradients:
        parts.append("the gradients")
    if level.update:
        parts.append("the weights and biases after the step")
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
    return f"Compute {listed}.{'' if settings.rows == 1 else f' The batch has n = {settings.rows} rows.'}"


def _rounding(settings: WorksheetSettings) -> str:
    if settings.is_exact:
        return "The results have few decimals: write all of them, or round to three."
    logarithm = " log is the natural logarithm (ln)." if "cross_entropy" in settings.loss else ""
    return f"<b>Round every result to {PLACES} decimals, and go on with the rounded number.</b>{logarithm}"


def _counting(settings: WorksheetSettings) -> str:
    entrywise = " ⊙ multiplies entry by entry." if settings.how_far.backward else ""
    example = name_mathml("z[2][0,1]" if settings.dimensions[1] > 1 else "z[2][0,0]")
    unit = 1 if settings.dimensions[1] > 1 else 0
    counted = "Layers are counted from 1, rows and units from 0"
    return f"{counted}: {example} is that of row 0, unit {unit} in layer 2.{entrywise}"


def _block(block: Block, settings: WorksheetSettings) -> str:
    arrays = [_array(array, settings) for array in block.arrays]
    kind = "block wide" if block.is_wide else "block"
    return "\n".join([f'<section class="{kind}">', '<div class="arrays">', *arrays, "</div>", ROOM, "</section>"])


def _array(questions: tuple[Question, ...], settings: WorksheetSettings) -> str:
    rules = "".join(f"<span>{rule}</span>" for rule in rules_of(questions[0].quantity.name, settings))
    cells = "\n".join(
        f'<div class="blank"><span class="label"><span class="number">{each.name}</span>'
        f'<span class="name">{name_mathml(each.quantity)}</span></span><span class="box"></span></div>'
        for each in questions
    )
    width = f"grid-template-columns: repeat({columns_of(questions)}, max-content)"
    blanks = f'<div class="blanks" style="{width}">\n{cells}\n</div>'
    return f'<div class="array">\n<div class="rules">{rules}</div>\n{blanks}\n</div>'


def _footer(sheet: Sheet, number: int, of: int) -> str:
    settings = sheet.settings
    made = f"chainrule worksheet, seed {settings.seed}, level {settings.level}, sheet {sheet.student}"
    return f"<footer><span>{made}</span><span>page {number} of {of}</span></footer>"
