from __future__ import annotations

import io
import sys

import numpy as np
import pexpect

from chainrule import Network
from chainrule.training.progress import Lines, RichBar, progress_for

SCRIPT = """
import numpy as np
from chainrule import Network
x = np.random.default_rng(0).normal(size=(400, 4))
nn = Network((4, 3, 1), ("relu", "sigmoid"), seed=1)
nn.fit(x, x[:, 0] > 0, epochs=300, validation=(x, x[:, 0] > 0))
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_else_lines():
    assert isinstance(progress_for(Terminal()), RichBar)
    assert isinstance(progress_for(io.StringIO()), Lines)


def test_lines_when_rich_is_missing(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert isinstance(progress_for(Terminal()), Lines)


def test_about_ten_lines_and_the_last(capsys, rng):
    x = rng.normal(size=(20, 2))
    Network((2, 1), ("sigmoid",), seed=0).fit(x, x[:, 0] > 0, epochs=57, validation=(x, x[:, 0] > 0), l2=0.1)
    lines = capsys.readouterr().out.splitlines()
    assert 10 <= len(lines) <= 14
    assert lines[0].startswith("epoch 1/57  J ")
    assert lines[-1].startswith("epoch 57/57  J ")
    assert all(" penalty " in line and " val_accuracy " in line for line in lines)


def test_verbose_false_prints_nothing(capsys, rng):
    Network((2, 1), ("sigmoid",), seed=0).fit(rng.normal(size=(20, 2)), np.zeros(20), verbose=False)
    assert capsys.readouterr().out == ""


def test_a_real_terminal_sees_the_bar_move_to_its_end():
    child = pexpect.spawn(sys.executable, ["-c", SCRIPT], encoding="utf-8", timeout=60, dimensions=(24, 120))
    child.expect("epoch 300/300")
    child.expect(pexpect.EOF)
    assert "val_accuracy" in child.before
    assert "━" in child.before
