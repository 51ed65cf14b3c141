"""The printers of mathematics: what they write, read back and computed, is the number; and it is LaTeX and MathML."""

from __future__ import annotations

import math
import re
import shutil
import subprocess

import matplotlib.mathtext
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule
from chainrule import Network
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.functions.losses import LOSSES
from chainrule.glassbox.explain import latex, mathml, text
from chainrule.glassbox.explain.expression import (
    Expression,
    Indicator,
    Number,
    Others,
    Sum,
    Symbol,
    applied,
)
from chainrule.glassbox.explain.functions import FUNCTIONS
from chainrule.glassbox.explain.speech import spoken
from chainrule.glassbox.trace import Quantity
from tests.glassbox.explain.printed_arithmetic import computed
from tests.glassbox.explain.test_every_quantity import LAYERS, LOSSES_1, TIER_1, WITH_SETTINGS, network, targets
from tests.glassbox.explain.typeset_arithmetic import WRITTEN, of_latex, of_mathml


def w(value: float, *index: int) -> Symbol:
    return Symbol("w[1][3,0]", value, Quantity("w[1]", index or (3, 0)))


def every_printer(tree: Expression, digits: int = 17) -> list[float]:
    return [
        computed(text.with_numbers(tree, digits)),
        of_latex(latex.with_numbers(tree, digits)),
        of_mathml(mathml.with_numbers(tree, digits)),
    ]


A, B = w(-0.5), w(2e-7)
NODES = {
    "number": (Number(0.044715), r"0.044715"),
    "symbol": (A, r"w^{(1)}_{3,0}"),
    "setting": (Symbol("learning_rate", 0.1), r"\text{learning\_rate}"),
    "one of several": (Symbol("weight[3]", 2.0), r"\text{weight}_{3}"),
    "sum": (A + B - 1, r"w^{(1)}_{3,0} + w^{(1)}_{3,0} - 1"),
    "less a product": (1 - A * B, r"1 - w^{(1)}_{3,0} \cdot w^{(1)}_{3,0}"),
    "less a sum": (1 - (A + B) * 1, r"1 - (w^{(1)}_{3,0} + w^{(1)}_{3,0})"),
    "others": (Sum((A, Others(7, -3.5))), r"w^{(1)}_{3,0} + (\text{7 smaller terms: }-3.5)"),
    "product": (A * (B + 1), r"w^{(1)}_{3,0} \cdot (w^{(1)}_{3,0} + 1)"),
    "minus": (-(A * B), r"-w^{(1)}_{3,0} \cdot w^{(1)}_{3,0}"),
    "quotient": (A / (B + 3), r"\frac{w^{(1)}_{3,0}}{w^{(1)}_{3,0} + 3}"),
    "square": (A**2, r"{(w^{(1)}_{3,0})}^{2}"),
    "square of a setting": (Symbol("q", -0.5) ** 2, r"{q}^{2}"),
    "square of a sum": ((A - B) ** 2, r"{(w^{(1)}_{3,0} - w^{(1)}_{3,0})}^{2}"),
    "square of e": (applied("exp", A) ** 2, r"{({e}^{w^{(1)}_{3,0}})}^{2}"),
    "indicator": (A > 0, r"[w^{(1)}_{3,0} > 0]"),
    "at most": (Indicator(A, "<=", B), r"[w^{(1)}_{3,0} \leq w^{(1)}_{3,0}]"),
    "root": (applied("sqrt", A * A), r"\sqrt{w^{(1)}_{3,0} \cdot w^{(1)}_{3,0}}"),
    "size": (applied("abs", A), r"|w^{(1)}_{3,0}|"),
    "larger": (applied("max", 0, A), r"\max(0, w^{(1)}_{3,0})"),
    "sigmoid": (applied("sigma", A), r"\sigma(w^{(1)}_{3,0})"),
    "sign": (applied("sign", A), r"\operatorname{sign}(w^{(1)}_{3,0})"),
}


@pytest.mark.parametrize(("tree", "expected"), NODES.values(), ids=NODES)
def test_every_kind_of_term_is_written_as_in_a_textbook_and_computes_to_its_value(tree, expected):
    assert latex.with_symbols(tree) == expected
    assert every_printer(tree) == pytest.approx([tree.value] * 3)
    assert spoken(tree, named=True)
    drawn = matplotlib.mathtext.MathTextParser("path")
    for source in (latex.with_symbols(tree), latex.with_numbers(tree)):
        drawn.parse(f"${source}$")


def test_no_kind_of_term_is_left_out_of_the_table():
    used = {type(each) for tree, _ in NODES.values() for each in tree.walk()}
    assert used == set(Expression.__subclasses__())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_known_to_every_printer(name):
    arguments = (A, B) if name in ("max", "min") else (w(0.7),)
    tree = applied(name, *arguments)
    assert every_printer(tree) == pytest.approx([tree.value] * 3)
    assert every_printer(1 / (2 - tree**2)) == pytest.approx([(1 / (2 - tree**2)).value] * 3)


NUMBERS = st.one_of(
    st.floats(-50, 50).filter(lambda x: abs(x) > 1e-9), st.sampled_from([1.0, -1.0, 0.0, 2e-7, -3e-5, 4e12])
)
LEAVES = st.one_of(
    NUMBERS.map(Number), NUMBERS.map(w), NUMBERS.map(lambda x: Symbol("q", x)), NUMBERS.map(lambda x: Others(3, x))
)


def above(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda ab: ab[0] + ab[1]),
        pairs.map(lambda ab: ab[0] - ab[1]),
        pairs.map(lambda ab: ab[0] * ab[1]),
        pairs.map(lambda ab: ab[0] / ab[1]),
        inner.map(lambda a: -a),
        inner.map(lambda a: a**2),
        inner.map(lambda a: applied("tanh", a)),
        inner.map(lambda a: applied("exp", applied("min", a, 3))),
        pairs.map(lambda ab: Indicator(ab[0], "<=", ab[1])),
        pairs.map(lambda ab: applied("max", *ab)),
    )


@given(st.recursive(LEAVES, above, max_leaves=9))
def test_signs_and_brackets_are_right_in_every_printer_for_any_tree(tree):
    value = tree.value
    if not math.isfinite(value) or not math.isfinite(tree.size) or abs(value) > 1e100:
        return  # divided by 0: there is no number to compare
    try:
        found = every_printer(tree)
    except (OverflowError, ZeroDivisionError):
        return  # Python's own arithmetic on the way
    slack = 1e-9 * max(tree.size, abs(value), 1e-300)
    assert found == pytest.approx([value] * 3, abs=slack, rel=1e-9)
    _check_latex(latex.with_symbols(tree))


def _check_latex(source: str) -> None:
    """Braces are balanced, and no command is there but those of LaTeX and amsmath."""
    depth = 0
    for char in re.sub(r"\\.", "", source):
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    assert depth == 0
    assert set(re.findall(r"\\[a-zA-Z]+", source)) <= WRITTEN
    assert source.isascii()


def check(step, rng):
    """One entry of every array: all printers give its number."""
    for name, value in step.items():
        array = np.asarray(value)
        index = np.unravel_index(rng.integers(array.size), array.shape) if array.ndim else ()
        explained = chainrule.explain(step, Quantity(name, tuple(map(int, index))))
        tree = explained.shown(4)
        if tree is None:
            continue
        slack = 1e-11 * max(explained.expression.size, abs(explained.value))
        assert of_latex(latex.with_numbers(tree, 17)) == pytest.approx(explained.value, abs=slack, rel=0)
        assert of_mathml(mathml.with_numbers(tree, 17)) == pytest.approx(explained.value, abs=slack, rel=0)
        _check_latex(explained.latex())
        of_names = mathml.with_symbols(tree)
        assert "alttext" in of_names


@pytest.mark.parametrize("activation", TIER_1)
def test_every_quantity_of_every_activation_is_printed(activation, rng):
    layers = list(LAYERS.values())[TIER_1.index(activation) % len(LAYERS)]
    nn = network(layers(activation), "softmax")
    check(chainrule.trace(nn, rng.normal(size=(5, 3)), rng.integers(0, 3, 5), l1=0.01, l2=0.02), rng)


@pytest.mark.parametrize("layers", LAYERS)
def test_every_quantity_of_every_layer_is_printed(layers, rng):
    nn = network(LAYERS[layers]("gelu_tanh"), "identity")
    x, weights = rng.normal(size=(5, 3)), np.arange(1, 6)
    check(chainrule.trace(nn, x, rng.normal(size=(5, 3)), sample_weight=weights, optimizer="adamw"), rng)


@pytest.mark.parametrize("loss", [*LOSSES_1, *WITH_SETTINGS], ids=str)
def test_every_quantity_of_every_loss_is_printed(loss, rng):
    loss = LOSSES.resolve(loss)
    output = {"class": "softmax", "binary": "sigmoid"}.get(loss.target, "softplus")
    nn = network(LAYERS["two dense"]("tanh"), output, 3)
    check(chainrule.trace(nn, rng.normal(size=(5, 3)), targets(loss, 5, 3, rng), loss), rng)


# --- whole explanations ----------------------------------------------------------------------------------------------


def wide_step():
    rng = np.random.default_rng(1)
    nn = Network((30, 8, 10), ("relu", "softmax"), seed=1, dtype=float)
    return chainrule.trace(nn, rng.normal(size=(12, 30)), rng.integers(0, 10, 12))


def test_an_explanation_is_aligned_at_its_equals_signs_and_long_lines_are_broken():
    step = wide_step()
    source = chainrule.explain(step, "z[2][0,1]").latex(most_terms=12)
    first, *_, last = source.splitlines()
    assert (first, last) == (r"\begin{align*}", r"\end{align*}")
    assert source.count("&=") == 3
    assert source.count(r"&\quad +") > 1
    assert r"z^{(2)}_{0,1}" in source
    assert source.count(r"\begin{align*}") == 1
    below = chainrule.explain(step, "dw[1][3,0]").latex(depth=100)
    assert below.count(r"\begin{align*}") == below.count(r"\end{align*}") > 50


def test_a_fraction_that_no_line_holds_is_written_on_the_line():
    step = wide_step()
    explained = chainrule.explain(step, "J")
    assert r"\frac{\text{loss}_{0} + " in explained.latex(most_terms=4)
    assert ") / 12" in explained.latex(most_terms=12)
    assert of_latex(latex.with_numbers(chainrule.explain(step, "J").shown(12), 17)) == pytest.approx(step.J)


def test_the_depth_and_the_digits_are_checked():
    explained = chainrule.explain(wide_step(), "J")
    for arguments in ({"depth": -1}, {"digits": 0}, {"most_terms": 1}):
        for printer in (explained.latex, explained.html):
            with pytest.raises(InvalidArgument):
                printer(**arguments)


HOSTILE = r"\input{/etc/passwd} $x$ #1 %& ~^_ {} `a' -- δ σ 漢 é"


def test_text_in_a_document_does_nothing():
    shown = latex.escaped(HOSTILE)
    assert r"\input" not in shown
    assert "[U+6F22]" in shown
    assert "é" in shown
    unescaped = re.sub(r"\\(textbackslash|textasciicircum|textasciitilde|ensuremath|delta|sigma|[#$%&_{}])", "", shown)
    assert not set("\\#$%&_^~") & set(unescaped)


@pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="needs pdflatex: apt-get install texlive-latex-recommended"
)
def test_a_document_compiles(tmp_path):
    step = wide_step()
    chainrule.explain(step, "new w[1][3,0]").save(tmp_path / "e.tex", 100)
    subprocess.run(["pdflatex", "-halt-on-error", "e.tex"], cwd=tmp_path, check=True, capture_output=True)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".html", ".tex", ".md", ".txt", ".HTML"])
def test_an_explanation_is_saved_in_the_language_of_the_ending(ending, tmp_path):
    explained = chainrule.explain(wide_step(), "delta[2][0,1]")
    explained.save(tmp_path / f"e{ending}", 1)
    content = (tmp_path / f"e{ending}").read_text(encoding="utf-8")
    first = {".html": "<!DOCTYPE html>", ".tex": r"\documentclass", ".md": "# `delta[2][0,1]`", ".txt": "delta[2][0,1]"}
    assert content.startswith(first[ending.lower()])
    if ending == ".tex":
        assert content.rstrip().endswith(r"\end{document}")
        assert r"dense.py" in content
    if ending == ".md":
        assert content.count("$$") % 2 == 0
        assert r"\begin{aligned}" in content


def test_a_file_that_no_printer_writes_is_refused_and_nothing_is_left(tmp_path):
    explained = chainrule.explain(wide_step(), "J")
    with pytest.raises(InvalidArgument, match=r"ends in none of \.html, \.tex, \.md, \.txt"):
        explained.save(tmp_path / "e.pdf")
    with pytest.raises(InvalidType, match="path of a file"):
        explained.save(3)
    with pytest.raises(OSError, match="could not be written"):
        explained.save(tmp_path / "no" / "e.html")
    assert list(tmp_path.iterdir()) == []


def test_a_minus_of_markdown_or_html_in_a_remark_is_text(tmp_path):
    from dataclasses import replace

    explained = replace(chainrule.explain(wide_step(), "J"), remark="<b>*x*</b> `y` [z](w)", rule="a `b` ``c``")
    explained.save(tmp_path / "e.md", 0)
    content = (tmp_path / "e.md").read_text()
    assert r"\<b\>\*x\*\</b\> \`y\` \[z\](w)" in content
    assert "``` a `b` ``c`` ```" in content
