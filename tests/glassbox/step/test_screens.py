"""What a walk shows: the arithmetic of the explanation, the numbers of the trace, in lines that fit."""

from __future__ import annotations

import re

import numpy as np
import pytest

import chainrule
from chainrule import Network
from chainrule.glassbox.explain.text import TIGHT, number_text, with_numbers, with_symbols
from chainrule.glassbox.step import Walk, screen_text
from chainrule.glassbox.step.screen import screen
from chainrule.glassbox.step.xor_step import xor_step
from tests.glassbox.step.subjects import TRACES, posts_program

each_trace = pytest.mark.parametrize("traced", TRACES.values(), ids=TRACES)


def words(text):
    return " ".join(text.replace(TIGHT, " ").split())


def stops(trace, seed=0):
    """The walk at every array, at an entry drawn at random."""
    walk, rng = Walk.begun(trace), np.random.default_rng(seed)
    for name, value in trace.items():
        index = ",".join(str(rng.integers(size)) for size in np.shape(value))
        yield walk.find(f"{name}[{index}]" if index else name)


@each_trace
def test_the_arithmetic_is_that_of_explain(traced):
    trace = traced()
    for walk in stops(trace):
        explanation = chainrule.explain(trace, walk.entry)
        expression = explanation.shown()
        for opened in (walk, walk.why()):
            text = words(screen_text(opened))
            assert f"= {number_text(trace[walk.entry], 6)}" in text
            assert str(walk.entry) in text
            if expression is not None:
                assert f"= {words(with_symbols(expression))}" in text
                assert f"= {words(with_numbers(expression))}" in text
            for code in explanation.code:
                assert f"{code.number} {words(code.text)}" in text
            assert words(explanation.rule) in text or explanation.is_given
            assert words(explanation.remark) in text
        listed = screen_text(walk.why(), 110)
        for i, part in enumerate(explanation.parts(), start=1):
            assert re.search(
                rf"^ +{i}  {re.escape(str(part.quantity))} = {re.escape(number_text(part.value, 6))} ", listed, re.M
            )


@each_trace
@pytest.mark.parametrize("width", [80, 110])
def test_lines_fit(traced, width):
    for walk in stops(traced(), seed=1):
        for opened in (walk, walk.why()):
            text = screen_text(opened, width)
            assert max(map(len, text.splitlines())) <= width, text
            assert all(line == line.rstrip() for line in text.splitlines())
            assert TIGHT not in text


@each_trace
def test_the_numbers_in_brackets_are_those_that_are_spoken_of(traced):
    trace = traced()
    for walk in stops(trace, seed=2):
        spans = [span for line in screen(walk) for span in line]
        current = [span.text.strip() for span in spans if span.style == "current"]
        assert current == [f"[{number_text(trace[walk.entry], 4)}]", str(walk.entry), number_text(trace[walk.entry], 6)]
        used = {span.text.strip() for span in spans if span.style == "used"}
        parts = {part for part in walk.explanation.parts() if part.quantity.name != walk.station.name}
        assert {f"[{number_text(part.value, 4)}]" for part in parts} <= used
        assert bool(used) == bool(parts)


def test_a_screen_is_what_the_page_shows():
    walk = Walk.begun(xor_step()).find("z[3][1,0]")
    assert (
        re.sub(r"(?m)^  chainrule.*\n(    .*\n?)*", "  CODE\n", screen_text(walk))
        == """\
[forward] > loss > backward > update                                     9 of 25
layer 3:  w[2]   b[2]  [z[3]]  a[3]

z[3] = a[2] @ w[2] + b[2]
What each neuron of layer 3 adds up: what comes in times its weights, plus its
bias.

z[3]  4 x 1      a[2]  4 x 3                    w[2]  3 x 1      b[2]  1
row         0    row       0       1       2    from        0     0
  0  -0.09731      0   0.457       0       0       0 [-0.2129]   [0]
  1   [0.3421]     1      [0][0.3928]     [0]      1  [0.8709]
  2   -0.2337      2   1.097       0       0       2  [0.7248]
  3         0      3       0       0       0

z[3][1,0]   row 1, neuron 0 of layer 3
  = a[2][1,0] · w[2][0,0] + a[2][1,1] · w[2][1,0] + a[2][1,2] · w[2][2,0] +
      b[2][0]
  = 0 · (-0.212949) + 0.392773 · 0.870884 + 0 · 0.724752 + 0
  = 0.342059
  CODE
"""
    )


def test_inputs_and_outputs_are_called_by_their_names():
    walk = Walk.begun(TRACES["deep"](), ["age", "job=baker", "2"], ["no", "perhaps", "yes"])
    assert "x[0,1]   row 0, neuron 1 of layer 1 (job=baker)" in screen_text(walk.find("x[0,1]"))
    assert "x[0,2]   row 0, neuron 2 of layer 1\n" in screen_text(walk.find("x[0,2]"))
    text = screen_text(walk.find("dw[1][0,3]"))
    assert "dw[1][0,3]   from neuron 0 of layer 1 (age) to neuron 3 of layer 2\n" in text
    assert "delta[5][1,2]   row 1, neuron 2 of layer 5 (yes)" in screen_text(walk.find("delta[5][1,2]"))
    long = Walk.begun(walk.trace, ["a very long name " * 6] * 3)
    assert max(map(len, screen_text(long.find("x")).splitlines())) <= 80


def test_signs_are_explained_where_they_are_used():
    silu = screen_text(Walk.begun(TRACES["float32 and Adam"]()).find("a[2][0,0]"))
    assert "= z[2][0,0] · σ(z[2][0,0])\n" in silu
    assert "σ(t) is the sigmoid, 1 / (1 + exp(-t))." in silu
    relu = Walk.begun(xor_step())
    assert "A condition in brackets is 1 where it holds, else 0." in screen_text(relu.find("delta[2]"))
    assert "A condition in brackets" not in screen_text(relu.find("z[2]"))
    gelu = screen_text(Walk.begun(TRACES["deep"]()).find("a[4]"))
    assert "Φ(t) is the share of a standard normal distribution that lies below t." in gelu


def test_a_large_array_is_folded_around_what_is_spoken_of():
    rng = np.random.default_rng(0)
    nn = Network((60, 50, 10), ("relu", "softmax"), seed=1, dtype=float)
    trace = chainrule.trace(nn, rng.normal(size=(30, 60)), rng.integers(0, 10, 30))
    walk = Walk.begun(trace).find("z[2][17,33]")
    text = screen_text(walk)
    block = text[text.index("z[2]  30 x 50") :]
    assert re.search(r"row +32 +33 +34  …", block)
    assert re.search(rf"17 .*\[{number_text(trace['z[2][17,33]'], 4)}\]", block)
    assert [line.split()[0] for line in block.splitlines()[2:6]] == ["16", "17", "18", "…"]
    largest = [part.quantity.index[1] for part in walk.explanation.parts() if part.quantity.name == "a[1]"]
    assert f"row {' '.join(map(str, largest))} …" in words(text)
    assert len(text.splitlines()) < 45
    first = screen_text(walk.find("z[2][0,0]"))
    assert re.search(r"row +0 +1 +2  …", first)
    last = screen_text(walk.find("z[2][29,49]"))
    assert re.search(r"row +47 +48 +49  …", last)


def test_numbers_that_are_not_finite_are_shown():
    nn = Network((1, 2, 1), ("exponential", "identity"), seed=1, dtype=float)
    nn.w[1] = [[1000.0, -1000.0]]
    with np.errstate(all="ignore"):
        trace = chainrule.trace(nn, [[1.0], [2.0]], [[0.0], [1.0]])
        assert len(list(trace)) == 25
    for walk in stops(trace):
        assert max(map(len, screen_text(walk).splitlines())) <= 80
    assert "[inf]" in screen_text(Walk.begun(trace).find("a[2][0,0]"))


def test_a_mistake_of_a_learners_program_is_told_beside_the_number():
    text = screen_text(Walk.begun(posts_program()).find("delta[3][0,1]"))
    assert "What the program takes for dJ/dz[3]" in text
    assert "The derivative is taken at a, where the chain rule wants it at z" in words(text)
    assert "chainrule/vanilla.py, in " in text
    assert "self.prime(y_true, y_pred) * self.activation_fn.prime(y_pred)" in text
