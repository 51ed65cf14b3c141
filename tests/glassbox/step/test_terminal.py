"""A walk through a pipe and in a terminal, from Python."""

from __future__ import annotations

import io
import os
import sys

import numpy as np
import pexpect
import pytest

import chainrule
from chainrule import Network, step
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.glassbox.step import screen_text
from chainrule.glassbox.step.walk import Walk
from chainrule.glassbox.step.xor_step import xor_step
from tests.glassbox.step.subjects import TRACES

PYTHON = "from chainrule import step; step(); print('the program goes on')"


@pytest.fixture
def typed(monkeypatch, capsys):
    """Type lines, walk, and give what was printed."""

    def run(lines, *arguments, **settings):
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        step(*arguments, **settings)
        return capsys.readouterr().out

    return run


def test_a_piped_walk_shows_each_line_and_what_comes_of_it(typed):
    out = typed("z[2][0,1]\nwhy?\nquit\nnext\n")
    walk = Walk.begun(xor_step()).find("z[2][0,1]")
    rule = "-" * 80
    assert out == (
        "Trace of a step of 2-3-1 on 4 rows: J 0.240075, 25 arrays.\n"
        "Enter goes on, why? explains, help tells every word, quit ends the walk.\n"
        f"{rule}\n{screen_text(Walk.begun(xor_step()))}\n\n"
        f"step> z[2][0,1]\n{rule}\n{screen_text(walk)}\n\n"
        f"step> why?\n{rule}\n{screen_text(walk.why())}\n\n"
        "step> quit\n"
    )


@pytest.mark.parametrize("lines", ["", "next\n", "next"])
def test_the_end_of_the_input_ends_the_walk(typed, lines):
    assert typed(lines).endswith("step> \n")


def test_a_trace_and_a_network_open_the_same_walk_and_stay_as_they_are(typed):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3)), np.array([0, 1, 1, 0])
    nn = Network((3, 4, 1), ("relu", "sigmoid"), seed=1, dtype=float)
    before = nn.theta.copy()
    lines = "z[2]\nnew w[1]\nwhy\n"
    of_trace = typed(lines, chainrule.trace(nn, x, y, "mse", learning_rate=0.1, l2=0.5))
    assert typed(lines, nn, x, y, "mse", learning_rate=0.1, l2=0.5) == of_trace
    assert np.array_equal(nn.theta, before)


@pytest.mark.parametrize("traced", TRACES.values(), ids=TRACES)
def test_enter_alone_leads_through_the_whole_step(typed, traced):
    trace = traced()
    out = typed("\n" * len(trace), trace)
    assert f"{len(trace)} of {len(trace)}" in out
    assert "The step is done" in out
    assert all(remark.split()[0] in out for remark in trace.remarks)


def test_what_does_not_go_together_is_refused():
    nn = Network((2, 1), ("sigmoid",))
    with pytest.raises(InvalidArgument, match="A step needs rows and their targets"):
        step(nn)
    with pytest.raises(InvalidArgument, match="this walk goes over the rows of the trace"):
        step(xor_step(), [[1, 2]], [1])
    with pytest.raises(InvalidArgument, match="this walk goes over the rows of XOR"):
        step(learning_rate=0.1)
    with pytest.raises(InvalidType):
        step("a network", [[1.0]], [1.0])


def terminal(program=PYTHON, **settings):
    return pexpect.spawn(sys.executable, ["-c", program], encoding="utf-8", timeout=60, dimensions=(40, 80), **settings)


def test_a_terminal_shows_colours_and_ctrl_c_ends_the_walk_and_not_the_program():
    child = terminal()
    child.expect("step> ")
    assert "\x1b[" in child.before
    child.sendline("z[2]")
    child.expect(r"\[z\[2\]\]")
    child.expect("step> ")
    child.sendcontrol("c")
    child.expect("the program goes on")
    child.expect(pexpect.EOF)
    assert "Traceback" not in child.before


def test_without_rich_or_colours_a_terminal_shows_plain_text():
    without = f"import sys; sys.modules['rich'] = None; {PYTHON}"
    for child in (terminal(without), terminal(env={**os.environ, "NO_COLOR": "1"})):
        child.expect("step> ")
        assert "\x1b[1m" not in child.before
        assert "[x]  a[1]" in child.before
        child.sendeof()
        child.expect("the program goes on")
