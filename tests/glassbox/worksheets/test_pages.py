"""A page has every number, rule and blank, and nothing that a browser would run or fetch."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from chainrule.glassbox.worksheets import worksheet
from chainrule.glassbox.worksheets.number_words import as_written
from chainrule.glassbox.worksheets.page_layout import pages_of
from chainrule.glassbox.worksheets.solutions_page import solutions_page
from chainrule.glassbox.worksheets.student_page import student_page
from tests.glassbox.worksheets.test_instances import KINDS

VOID = {"meta", "link", "br", "wbr", "img", "input"}


class Wellformed(HTMLParser):
    """Every element is closed where it should be; none that runs or fetches."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attributes):
        assert tag not in {"script", "iframe", "object", "img", "form"}
        for name, value in attributes:
            assert not name.startswith("on")
            assert name not in {"href", "src"} or value.startswith(("#", "data:"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert tag in {"mspace", "line", "circle"}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_well_formed_and_has_every_blank_once(kind):
    sheet = worksheet(7, **KINDS[kind]).sheets[0]
    html = student_page(sheet)
    parser = Wellformed()
    parser.feed(html)
    assert parser.open == []
    assert re.findall(r'<span class="number">(Q\d+)</span>', html) == [each.name for each in sheet.questions]
    assert html.count('<span class="box">') == len(sheet.questions)


@pytest.mark.parametrize("kind", KINDS)
def test_every_given_number_is_in_the_drawing_and_in_a_matrix(kind):
    sheet = worksheet(7, **KINDS[kind]).sheets[0]
    html = student_page(sheet)
    drawing = html[html.index("<svg") : html.index("</svg>")]
    for i, w in sheet.instance.w.items():
        assert f"w[{i}] = [" in html
        for value in [*w.ravel(), *sheet.instance.b[i]]:
            assert as_written(float(value)) in drawing
            assert f"<mn>{as_written(float(value))}</mn>" in html
    assert drawing.count("<circle") == sum(sheet.settings.dimensions)
    assert drawing.count("<line") == sum(w.size for w in sheet.instance.w.values())


def test_no_answer_is_on_a_students_page():
    """But for the 0 and those that happen to be among the numbers given."""
    sheet = worksheet(7, level="hard").sheets[0]
    html = student_page(sheet)
    text = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    shown = {
        float(each.replace("\N{MINUS SIGN}", "-")) for each in re.findall(r">(\N{MINUS SIGN}?\d+(?:\.\d+)?)<", text)
    }
    given = {*sheet.instance.givens, *range(29), sheet.settings.learning_rate}
    assert shown <= given


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        (
            {"level": "hard"},
            ["z[2] = a[1] @ w[1] + b[1]", "f(z) = max(0, z)", "delta[3] = 2 * (a - y)", "dw[1] = a[1].T @ delta[2]"],
        ),
        ({"level": "hard"}, ["delta[2] = (delta[3] @ w[2].T) * f'(z[2])", "new w[1] = w[1] - learning_rate * dw[1]"]),
        ({"activation": "sigmoid"}, ["f(z) = 1 / (1 + e^-z)", "f'(z) = a (1 - a)"]),
        ({"activation": "relu,sigmoid", "loss": "mse"}, ["delta[3] = 2 * (a - y) * a (1 - a)"]),
        ({"loss": "cross_entropy"}, ["loss = the sum over the outputs of -y log a", "delta[3] = 1 * (a - y)"]),
        (
            {"loss": "binary_cross_entropy", "rows": 2},
            ["-y log a - (1 - y) log(1 - a)", "delta[3] = 0.5 * (a - y)", "J = the mean"],
        ),
        ({"loss": "mae", "rows": 2}, ["loss = |a - y|", "delta[3] = 0.5 * sign(a - y)"]),
        (
            {"dimensions": (2, 2, 2), "rows": 2},
            ["loss = the mean over the outputs of (a - y)^2", "delta[3] = 0.5 * (a - y)"],
        ),
    ],
)
def test_the_rules_are_those_of_the_step(given, rules):
    html = student_page(worksheet(7, **given).sheets[0]).replace("&#x27;", "'").replace("&gt;", ">")
    for rule in rules:
        assert rule in html


def test_the_factor_that_is_told_is_the_one_that_the_key_has():
    for kind in KINDS:
        sheet = worksheet(7, **KINDS[kind]).sheets[0]
        last = len(sheet.settings.dimensions)
        found = re.search(rf'aria-label="delta\[{last}\] = ([\d.]+) \* (sign)?\(a - y\)(.*?)"', student_page(sheet))
        if found is None:
            assert not sheet.settings.how_far.backward
            continue
        a, y = sheet.instance.trace.a[last], sheet.instance.y
        missed = (a - y > 0) * 2.0 - 1 if found[2] else a - y
        slope = a * (1 - a) if "a (1 - a)" in found[3] else 1.0
        told = float(found[1]) * missed * slope
        assert told == pytest.approx(sheet.instance.trace.delta[last])


def test_names_are_shown_and_escaped():
    html = student_page(worksheet(names=["<b>Ada</b> & co"]).sheets[0])
    assert "&lt;b&gt;Ada&lt;/b&gt; &amp; co" in html
    assert "<b>Ada" not in html
    assert "Name <span" not in html
    assert "Name <span" in student_page(worksheet().sheets[0])


@pytest.mark.parametrize("kind", KINDS)
def test_solutions_have_every_answer_of_every_student(kind):
    sheets = worksheet(7, 2, **KINDS[kind])
    html = solutions_page(sheets)
    parser = Wellformed()
    parser.feed(html)
    shown = re.findall(r'<td class="answer">([=≈]) (.*?)</td>', html)
    wanted = [as_written(each.answer) for sheet in sheets.sheets for each in sheet.questions]
    assert [value for _, value in shown] == wanted
    if sheets.settings.is_exact:
        assert {sign for sign, _ in shown} == {"="}


def test_pages_are_filled_evenly_and_keep_the_order():
    for kind in KINDS:
        sheet = worksheet(7, **KINDS[kind]).sheets[0]
        pages = pages_of(sheet, 45.0)
        assert 1 <= len(pages) <= 2
        listed = [each for page in pages for block in page for array in block.arrays for each in array]
        assert listed == list(sheet.questions)


@pytest.mark.parametrize(
    ("value", "text"),
    [(-0.0, "0"), (0.25, "0.25"), (-1.5, "\N{MINUS SIGN}1.5"), (2.0, "2"), (1e-12, "0"), (10.0, "10")],
)
def test_numbers_as_they_are_written(value, text):
    assert as_written(value) == text
