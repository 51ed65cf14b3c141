"""Worksheets in a real browser: laid out, readable, on at most two pages of either paper, and nothing is fetched."""

from __future__ import annotations

import functools
import re

import pytest

from chainrule.glassbox.worksheets import grade, worksheet
from chainrule.glassbox.worksheets.solutions_page import solutions_page
from chainrule.glassbox.worksheets.student_page import student_page
from tests.glassbox.worksheets.filled_in import all_rows, write_answers
from tests.glassbox.worksheets.test_marking import sign_turned

KINDS = {
    "easy": {"level": "easy"},
    "medium": {"level": "medium"},
    "hard": {"level": "hard"},
    "deep": {"level": "deep"},
    "classes": {"level": "hard", "loss": "cross_entropy", "activation": "sigmoid,softmax"},
    "rows": {"level": "medium", "rows": 3, "loss": "binary_cross_entropy"},
    "many blanks": {"level": "deep", "dimensions": (3, 3, 2, 1)},
    "hard rows": {"level": "hard", "rows": 2, "activation": "tanh"},
    "wide": {"level": "easy", "dimensions": (4, 4, 4), "rows": 2},
    "five layers": {"level": "medium", "dimensions": (2, 2, 2, 2, 2)},
    "tall": {"level": "medium", "dimensions": (4, 4, 2)},
}

FEW = ("hard", "classes", "many blanks", "wide")


@functools.cache
def sheet_html(kind: str) -> str:
    names = ["A Student With A Rather Long Name, As There Are"]
    return student_page(worksheet(7, names=names, **KINDS[kind]).sheets[0])


def n_pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def boxes_of(page, selector):
    """Left, top, right and bottom of each."""
    return page.evaluate(
        "s => [...document.querySelectorAll(s)].map(e => e.getBoundingClientRect())"
        ".map(b => [b.left, b.top, b.right, b.bottom])",
        selector,
    )


def overlapping(boxes, wide, high):
    """Pairs of boxes that share more than so many pixels."""
    return [
        (one, other)
        for i, one in enumerate(boxes)
        for other in boxes[i + 1 :]
        if min(one[2], other[2]) - max(one[0], other[0]) > wide and min(one[3], other[3]) - max(one[1], other[1]) > high
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_prints_on_at_most_two_pages_with_room_to_calculate(open_page, kind):
    page = open_page(sheet_html(kind))
    sheets = page.locator(".page").count()
    assert sheets <= 2
    for paper in ("A4", "Letter"):
        assert n_pages(page.pdf(format=paper)) == sheets
    page.emulate_media(media="print")
    beyond = page.evaluate(
        "[...document.querySelectorAll('.page')].map(p => [p.scrollHeight - p.clientHeight, p.scrollWidth - p.clientWidth])"
    )
    assert all(high <= 1 and wide <= 1 for high, wide in beyond), beyond
    assert overlapping(boxes_of(page, ".rules, .blank, .given, h2, footer"), 1, 1) == []
    assert overlapping(boxes_of(page, "svg .weight"), 3, 4) == []
    rooms = [bottom - top for _, top, _, bottom in boxes_of(page, ".room")]
    assert min(rooms) > 18  # pixels, 96 to an inch, below the blanks; there is more beside them


@pytest.mark.parametrize("kind", FEW)
def test_mathematics_is_laid_out_in_black_and_nothing_runs(open_page, kind):
    page = open_page(sheet_html(kind))
    level = page.locator(".rules msup").first
    base, above = (level.locator("> *").nth(i).bounding_box() for i in range(2))
    assert above["y"] + above["height"] / 2 < base["y"] + base["height"] / 2
    table = page.locator("mtable").filter(has=page.locator("mtr:nth-child(2)")).first
    first, second = (table.locator("mtr").nth(i).bounding_box() for i in range(2))
    assert first["y"] + first["height"] <= second["y"] + 1
    assert page.evaluate("document.scripts.length") == 0
    page.emulate_media(media="print")
    colours = page.evaluate(
        "[...new Set([...document.querySelectorAll('body *')].map(e => getComputedStyle(e).color))]"
    )
    for colour in colours:
        assert len(set(re.findall(r"\d+", colour)[:3])) == 1, colour


def test_solutions_and_marks_fit_the_paper(open_page):
    sheets = worksheet(7, 3, level="hard", loss="cross_entropy")
    answers = write_answers(
        sheets.write("class") / "answers.csv", all_rows(sheets.sheets, sign_turned(sheets.sheets[0]))
    )
    _, marks = grade(sheets, answers).write("class")
    for html in (solutions_page(sheets), marks.read_text(encoding="utf-8")):
        page = open_page(html, width=700)
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
        assert n_pages(page.pdf(format="A4")) <= 10
