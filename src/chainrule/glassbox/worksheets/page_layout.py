"""Which blanks stand together, and on which of two pages: so that the room to calculate is shared out evenly."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.glassbox.worksheets.sheet import Question, Sheet

__all__ = ["Block", "columns_of", "pages_of"]

PAGE = 250.0
"""Millimetres from top to bottom between the margins: those of Letter, the shorter of the two papers."""

HEAD = 33.0
FOOT = 8.0
HEADING = 7.0
BLANK = 11.5
RULE = 8.0
MOST_COLUMNS = 4
ROOM_FOR_ONE_PAGE = 10.0
"""Millimetres to calculate in, below what a block itself needs: with so many, all of it stands on one page."""


@dataclass(frozen=True)
class Block:
    """Arrays that are computed together, side by side on the sheet, with one room to calculate.

    Attributes
    ----------
    step : str
        Heading of the step that it belongs to.
    arrays : tuple of tuple of Question
        The blanks of each array.
    """

    step: str
    arrays: tuple[tuple[Question, ...], ...]

    @property
    def needs(self) -> float:
        """Millimetres, without room to calculate."""
        heights = [RULE + BLANK * _rows(array) for array in self.arrays]
        return sum(heights) if self.is_wide else max(heights)

    @property
    def is_wide(self) -> bool:
        """Whether its arrays stand below each other, having no place beside each other."""
        return sum(map(columns_of, self.arrays)) > MOST_COLUMNS


def columns_of(array: tuple[Question, ...]) -> int:
    """Blanks beside each other: those of a row."""
    return 1 + max(each.quantity.index[-1] if each.quantity.index else 0 for each in array)


def _rows(array: tuple[Question, ...]) -> int:
    return 1 + max(each.quantity.index[0] if len(each.quantity.index) == 2 else 0 for each in array)


def pages_of(sheet: Sheet, drawing: float) -> list[list[Block]]:
    """The blocks of each page, one page or two.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    drawing : float
        Millimetres that the drawing and the given numbers take.
    """
    blocks = _blocks(sheet)
    first = PAGE - HEAD - FOOT - drawing
    whole = _room(blocks, first)
    if whole >= ROOM_FOR_ONE_PAGE:
        return [blocks]
    splits = range(1, len(blocks))
    best = max(splits, key=lambda i: min(_room(blocks[:i], first), _room(blocks[i:], PAGE - FOOT)))
    return [blocks[:best], blocks[best:]]


def _room(blocks: list[Block], height: float) -> float:
    """Millimetres that are left for each block."""
    headings = len({each.step for each in blocks})
    return (height - headings * HEADING - sum(each.needs for each in blocks)) / len(blocks)


def _blocks(sheet: Sheet) -> list[Block]:
    """Each z with its a, dw with its db, new w with its new b; the rest alone, the losses with J."""
    by_array: dict[str, list[Question]] = {}
    for question in sheet.questions:
        by_array.setdefault(question.quantity.name, []).append(question)
    found = []
    for step in sheet.settings.steps:
        together = 1 if step.title == "Backward" else 2
        arrays = [tuple(by_array[name]) for name in step.arrays]
        found += [Block(step.title, tuple(arrays[i : i + together])) for i in range(0, len(arrays), together)]
    return found
