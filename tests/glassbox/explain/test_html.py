"""Explanations as HTML: every number once, nothing that runs or is fetched, and whatever it is made of is text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import chainrule
from chainrule import Network
from chainrule.glassbox.explain.code_line import CodeLine
from chainrule.glassbox.explain.mathml import name_mathml, number_mathml
from chainrule.glassbox.explain.standalone_page import standalone_page

VOID = {"meta", "link", "input", "wbr"}


class Elements(HTMLParser):
    """Every element with its attributes, and that all that are opened are closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def step():
    rng = np.random.default_rng(3)
    nn = Network((4, 3, 2), ("tanh", "softmax"), seed=1, dtype=float)
    return chainrule.trace(nn, rng.normal(size=(3, 4)), [0, 1, 1])


def test_a_page_needs_nothing_but_itself(step):
    page = Elements(chainrule.explain(step, "new w[1][3,0]").html(100))
    tags = {tag for tag, _ in page.found}
    assert not tags & {"script", "img", "iframe", "object", "embed", "audio", "video", "form", "base"}
    for tag, attributes in page.found:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "srcset", "action"):
            assert name not in attributes or (attributes[name] or "").startswith(("#", "data:,")), (tag, attributes)
    assert "default-src 'none'" in page.of("meta")[1]["content"]
    style = "".join(page.text)
    assert "url(" not in style
    assert "@import" not in style


def test_every_number_is_explained_once_and_every_link_finds_it(step):
    page = Elements(chainrule.explain(step, "new w[1][3,0]").html(100))
    ids = [attributes["id"] for _, attributes in page.found if "id" in attributes]
    assert len(ids) == len(set(ids)) > 20
    links = [attributes["href"] for attributes in page.of("a")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)
    explained = {str(each.quantity) for _, each in chainrule.explain(step, "new w[1][3,0]").walk(100, 6)}
    given = {name for name in explained if chainrule.explain(step, name).is_given}
    assert len(page.of("details")) == len(explained - given) - 1


def test_a_number_stands_as_near_to_the_top_as_it_occurs(step):
    deep = chainrule.explain(step, "delta[2][0,0]").html(1)
    assert len(Elements(deep).of("details")) == 3  # delta[3][0,0], delta[3][0,1] and a[2][0,0]
    assert "not opened up here" in deep
    assert "not opened up here" not in chainrule.explain(step, "delta[2][0,0]").html(100)
    assert len(Elements(chainrule.explain(step, "J").html(0)).of("details")) == 0


def test_what_is_given_is_said_by_arrays(step):
    source = chainrule.explain(step, "z[2][0,1]").html(2)
    assert "the inputs, encoded" in source
    assert source.count("weights before this step") == 1
    assert source.count("biases before this step") == 1
    weight = chainrule.explain(step, "w[1][0,1]").html()
    assert "a weight, as it was before this step" in weight


HOSTILE = "</style><script>alert(1)</script><img src=x onerror='alert(2)'>\"&'"


def test_hostile_names_are_text(step):
    explained = replace(
        chainrule.explain(step, "J"), rule=HOSTILE, remark=HOSTILE, code=(CodeLine(HOSTILE, 3, HOSTILE, HOSTILE),)
    )
    tree = chainrule.glassbox.explain.expression.Call(HOSTILE, (explained.expression,), 1.0)
    for source in (replace(explained, expression=tree).html(caption=HOSTILE), standalone_page(HOSTILE, "", "")):
        page = Elements(source)
        assert not {"script", "img"} & {tag for tag, _ in page.found}
        assert HOSTILE in "".join(page.text)


def test_a_learners_own_names_are_text():
    hostile = type("<script>alert(1)</script>", (), {})
    hostile.activation = staticmethod(lambda z: 1 / (1 + np.exp(-z)))
    hostile.prime = staticmethod(lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2)

    class Learner:
        w = {1: np.array([[0.5, -0.25], [1.0, 2.0]]), 2: np.array([[1.0], [-1.0]])}
        b = {1: np.zeros(2), 2: np.zeros(1)}
        activations = {2: hostile, 3: hostile}

    step = chainrule.trace(Learner(), [[1.0, 2.0]], [[1.0]], "mse")
    for name in ("a[2][0,0]", "delta[2][0,0]"):
        page = Elements(chainrule.explain(step, name).html(100))
        assert page.of("script") == []


def test_every_formula_is_well_formed_and_read_aloud(step):
    source = chainrule.explain(step, "dw[1][3,0]").html(100)
    formulas = re.findall(r"<math.*?</math>", source, re.DOTALL)
    assert len(formulas) > 50
    for each in formulas:
        ElementTree.fromstring(each.replace("&#160;", " "))
    assert "d w of layer 1 at 3 0, equals" in source
    spoken = set(re.findall(r'aria-label="([^"]*)"', source))
    assert all(label and "<" not in label for label in spoken)
    assert any("times" in label and "plus" in label for label in spoken)
    outside = re.sub(r'<span role="math".*?</span></span>', "", source, flags=re.DOTALL)
    for each in re.findall(r"<math[^>]*>(?!<mo>=)", outside):
        assert "aria-label" in each


def test_names_and_numbers_alone():
    assert name_mathml("w[1][3,0]").count("msubsup") == 2
    assert 'class="parameter"' in name_mathml("w[1][3,0]")
    assert "new" in name_mathml("new w[1][3,0]")
    assert 'class="error"' in name_mathml("d(batch_norm_1.scale)[2]")
    assert "<mn>10</mn>" in number_mathml(-1.5e-7)
    assert "−" in number_mathml(-1.5)
    assert "∞" in number_mathml(-np.inf)
    assert "NaN" in number_mathml(np.nan)


def test_a_step_that_overflowed_is_printed():
    nn = Network((1, 1, 1), ("exponential", "identity"), seed=1, dtype=float)
    nn.w[1], nn.w[2] = [[1000.0]], [[1.0]]
    with np.errstate(all="ignore"):
        step = chainrule.trace(nn, [[1.0]], [0.0], "mse")
        for name in ("a[2][0,0]", "J", "dw[1][0,0]"):
            explained = chainrule.explain(step, name)
            assert "∞" in explained.html(100) or "NaN" in explained.html(100)
            assert r"\infty" in explained.latex(100) or "NaN" in explained.latex(100)


def test_a_name_and_its_number_have_the_same_colour(step):
    source = chainrule.explain(step, "z[2][0,1]").html(0)
    assert source.count('<mrow class="number parameter">') == 5  # four weights and the bias
    assert source.count('<mrow class="number value">') == 4 + 2  # four inputs; the result, and the heading
    assert "values on their way forward" in source
    assert "errors and gradients" not in source


def test_the_legend_explains_the_signs_that_occur():
    nn = Network((2, 2, 1), ("relu", "sigmoid"), seed=1, dtype=float)
    step = chainrule.trace(nn, [[1.0, 2.0]], [1])
    assert "A condition in brackets is 1" in chainrule.explain(step, "delta[2][0,0]").html()
    assert "A condition in brackets is 1" not in chainrule.explain(step, "z[2][0,0]").html()


def test_in_a_notebook_it_is_a_part_of_the_page(step):
    view = chainrule.explain(step, "J")._repr_html_()
    page = Elements(view)
    assert page.found[0] == ("div", {"class": "chainrule"})
    assert not {"html", "body", "main", "h1"} & {tag for tag, _ in page.found}
    for rule in re.findall(r"^([^@{}\n/ ][^{}]*)\{", "".join(page.text), re.MULTILINE):
        assert ".chainrule" in rule, f"{rule} would change the rest of the notebook"


def test_the_same_number_gives_the_same_page(step):
    assert chainrule.explain(step, "J").html(3) == chainrule.explain(step, "J").html(3)
