"""The page of an explanation in a real browser: mathematics is laid out, every why opens, nothing is fetched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import chainrule
from chainrule import BatchNorm, Dense, Dropout, LayerNorm, Network
from tests.glassbox.explain.test_html import HOSTILE


def traced(layers=None, **settings):
    rng = np.random.default_rng(3)
    layers = layers or [Dense(4, 3, "tanh"), Dense(3, 2, "softmax")]
    nn = Network(layers=layers, seed=1, dtype=float)
    return chainrule.trace(nn, rng.normal(size=(5, 4)), [0, 1, 1, 0, 1], **settings)


STEP = traced()


def page_of(name, depth=100, step=STEP, **settings):
    return chainrule.explain(step, name).html(depth, **settings)


def box(locator):
    found = locator.bounding_box()
    assert found is not None
    assert found["width"] > 0
    assert found["height"] > 0
    return found


def visible_share(page, selector):
    states = page.evaluate("s => [...document.querySelectorAll(s)].map(e => e.checkVisibility())", selector)
    return sum(states) / len(states)


def test_a_numerator_lies_above_its_denominator(open_page):
    page = open_page(page_of("J"))
    fraction = page.locator("mfrac").first
    top, bottom = (box(fraction.locator("> *").nth(i)) for i in range(2))
    assert top["y"] + top["height"] <= bottom["y"] + 1
    middle = top["x"] + top["width"] / 2
    assert abs(middle - (bottom["x"] + bottom["width"] / 2)) < 3


def test_a_layer_stands_above_the_line_and_the_index_below(open_page):
    page = open_page(page_of("z[2][0,1]"))
    name = page.locator(".steps msubsup").first
    base, below, above = (box(name.locator("> *").nth(i)) for i in range(3))
    assert above["y"] + above["height"] / 2 < base["y"] + base["height"] / 2 < below["y"] + below["height"] / 2
    assert min(above["x"], below["x"]) >= base["x"] + base["width"] - 2
    base_size, above_size = (shown(name, f":scope > :nth-child({i})", "fontSize") for i in (1, 3))
    assert float(above_size.removesuffix("px")) < 0.9 * float(base_size.removesuffix("px"))


def test_an_exponent_stands_above_and_a_root_covers_what_is_in_it(open_page):
    step = traced([Dense(4, 3), LayerNorm(), Dense(3, 2, "softmax")])
    page = open_page(page_of("layer_norm_1.normalised[0,1]", step=step))
    root = page.locator("msqrt").first
    assert box(root)["width"] > box(root.locator("> *").first)["width"]
    page.locator(".all input").check()
    square = page.locator("msup:has(> mrow:nth-child(2) mn:text-is('2'))").first
    base, exponent = (box(square.locator("> *").nth(i)) for i in range(2))
    assert exponent["y"] < base["y"] + base["height"] / 2


def test_every_why_opens_down_to_the_input(open_page):
    page = open_page(page_of("dw[1][3,0]"))
    assert page.locator("details").count() > 10
    assert page.locator("details .steps:visible").count() == 0
    whys = page.locator("main > div > details")
    whys.first.locator("> summary").click()
    inside = whys.first.locator("> .inside")
    assert inside.locator("> .steps").is_visible()
    inside.locator("> details > summary").first.click()
    assert inside.locator("> details .inside > .steps").first.is_visible()


def test_a_number_that_is_explained_elsewhere_is_one_click_away(open_page):
    page = open_page(page_of("dw[1][3,0]"))
    page.locator(".all input").check()
    link = page.locator(".elsewhere a").first
    target = page.locator(f"[id='{(link.get_attribute('href') or '')[1:]}']")
    page.evaluate("href => { location.hash = href }", link.get_attribute("href"))
    page.locator(".all input").uncheck()
    assert target.locator("> .steps").is_visible()  # the browser opens what it stands in


def test_everything_can_be_opened_at_once_without_a_script(open_page):
    page = open_page(page_of("dw[1][3,0]"))
    assert page.evaluate("document.scripts.length") == 0
    assert visible_share(page, ".steps") < 0.1
    page.locator(".all input").check()
    assert visible_share(page, ".steps") == 1


def test_it_prints_with_everything_open_and_within_the_paper(open_page):
    step = traced([Dense(4, 12), BatchNorm(), Dropout(0.2), Dense(12, 2, "softmax")], optimizer="adam")
    page = open_page(page_of("new w[1][3,0]", step=step), width=690, height=1000)
    page.emulate_media(media="print")
    assert visible_share(page, ".steps") == 1
    assert not page.locator(".all input").is_visible()
    too_wide = page.evaluate(
        "[...document.querySelectorAll('.run, .source')].filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => e.textContent)"
    )
    assert too_wide == []
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF")
    closed = open_page(page_of("new w[1][3,0]", depth=0, step=step)).pdf(format="A4")
    assert printed.count(b"/Type /Page\n") > closed.count(b"/Type /Page\n") >= 1


def luminance(colour):
    parts = [float(each) / 255 for each in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def shown(page, selector, what):
    return page.locator(selector).first.evaluate(f"e => getComputedStyle(e).{what}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_can_be_read(open_page, scheme):
    page = open_page(page_of("new w[1][3,0]"), scheme=scheme)
    paper = shown(page, "body", "backgroundColor")
    assert (luminance(paper) > 0.5) == (scheme == "light")
    for selector in ("h1 .parameter", ".steps .value", ".steps .error", ".steps .setting", ".rule", ".given", "main"):
        assert contrast(shown(page, selector, "color"), paper) >= 4.5, selector
    shade = shown(page, ".source", "backgroundColor")
    assert contrast(shown(page, ".source .place", "color"), shade) >= 4.5


def test_paper_is_white_also_where_the_screen_is_dark(open_page):
    page = open_page(page_of("J"), scheme="dark")
    page.emulate_media(media="print")
    assert luminance(shown(page, "body", "backgroundColor")) > 0.9
    assert luminance(shown(page, "main", "color")) < 0.1


def test_on_a_narrow_screen_lines_are_broken_and_the_page_does_not_scroll_sideways(open_page):
    page = open_page(page_of("dw[1][3,0]"), width=400)
    page.locator(".all input").check()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    line = page.locator(".run").first
    assert box(line)["height"] > 2 * box(line.locator("math").first)["height"]


NOTEBOOKS = {
    "light on a dark system": ("data-jp-theme-light='true'", "dark", "#fff"),
    "dark on a light system": ("data-jp-theme-light='false'", "light", "#111"),
    "an editor's dark theme": ("class='vscode-dark'", "light", "#1e1e1e"),
}


@pytest.mark.parametrize(("theme", "scheme", "paper"), NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_in_a_notebook_it_follows_the_notebooks_theme_and_leaves_the_rest_alone(open_page, theme, scheme, paper):
    view = chainrule.explain(STEP, "dw[1][3,0]")._repr_html_()
    rest = "<p id='other'>of another cell</p><details><summary>its own</summary>closed</details>"
    style = f"<style>body {{ background: {paper}; font: 13px serif }}</style>"
    page = open_page(
        f"<!DOCTYPE html><html><head>{style}</head><body {theme}>{rest}{view}{view}</body></html>", scheme=scheme
    )
    background = shown(page, "body", "backgroundColor")
    for selector in (".steps .value", ".rule", ".given"):
        assert contrast(shown(page, selector, "color"), background) >= 4.5
    assert shown(page, "#other", "fontSize") == "13px"
    page.locator(".all input").first.check()
    assert page.locator(".chainrule").nth(0).locator("details .steps").first.is_visible()
    assert not page.locator(".chainrule").nth(1).locator("details .steps").first.is_visible()


def test_hostile_names_do_nothing(open_page):
    explained = replace(chainrule.explain(STEP, "J"), rule=HOSTILE, remark=HOSTILE)
    page = open_page(explained.html(caption=HOSTILE))
    assert page.evaluate("document.scripts.length + document.images.length") == 0
    assert HOSTILE in page.locator(".rule").first.inner_text()


def test_a_formula_is_read_aloud_as_one(open_page):
    page = open_page(page_of("z[2][0,1]", 0))
    line = page.get_by_role("math", name="equals a of layer 1 at 0 0, times w of layer 1 at 0 1, plus")
    assert line.count() == 1
