"""chainrule step: a walk over a step of a run, of a model file or of the demo, in a terminal and through a pipe."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import numpy as np
import pexpect
import polars as pl
import pytest

import chainrule as package
from chainrule.glassbox.step import Walk, screen_text
from chainrule.glassbox.step.xor_step import xor_step
from tests.cli.command_line import PENGUINS, chainrule, refused


@pytest.fixture
def walked(monkeypatch):
    """Walk with lines to type, and give what was printed."""

    def run(lines, *arguments):
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        done = chainrule("step", *arguments)
        assert done.err == ""
        return done.out

    return run


def screen_of(out, typed):
    """The screen that came of a line."""
    return out.split(f"step> {typed}\n", 1)[1].split("\n", 1)[1].split("\n\nstep> ")[0]


@pytest.mark.parametrize("arguments", [[], ["demo"]])
def test_without_a_run_it_is_a_walk_over_xor(walked, arguments):
    out = walked("z[2][0,1]\nwhy?\nquit\n", *arguments)
    walk = Walk.begun(xor_step()).find("z[2][0,1]")
    assert out.startswith("A small network on the four rows of XOR, before its first step.\nTrace of a step of 2-3-1")
    assert screen_of(out, "z[2][0,1]") == screen_text(walk).rstrip()
    assert screen_of(out, "why?").startswith("why?  z[2][0,1]\n")
    assert out.endswith("step> quit\n")


def test_the_demo_takes_some_of_its_rows_and_another_rule(walked):
    out = walked("new w[2]\n", "demo", "--rows", "2,0")
    assert "Rows 0 to 1 are rows 2, 0 of them." in " ".join(out.split())
    assert screen_of(out, "new w[2]") == screen_text(Walk.begun(xor_step([2, 0])).find("new w[2]")).rstrip()
    assert "in Adam.rule" in screen_of(walked("new w[2]\n", "demo", "--optimizer", "adam"), "new w[2]")
    assert "- 0.25 ·" in walked("new w[2]\n", "--lr", "0.25")


def test_the_rows_of_a_run_are_those_that_it_held_out(walked, penguins):
    before = (penguins / "model.safetensors").read_bytes()
    held_out = package.files.run_folder.RunFolder.opened(penguins).held_out_rows()
    nn = package.load(penguins / "model.safetensors")
    frame = pl.read_csv(PENGUINS, null_values="NA", try_parse_dates=True)
    rows = [int(held_out[i]) for i in (2, 5)]
    out = walked("x[0,0]\na[3]\ny\nfind new w[1][3,1]\n", penguins, "--rows", "2,5", "--prediction")
    assert f"Rows 0 to 1 are rows {rows[0]}, {rows[1]} of" in out
    outputs = nn.predict(frame[rows])
    assert f"= {float(outputs[0, 0]):.4g}"[:6] in screen_of(out, "a[3]")
    assert f"neuron 0 of layer 3 ({nn.classes[0]})" in screen_of(out, "a[3]")
    target = float(frame["Species"][rows[0]] == nn.classes[0])
    assert f"= {target:g}\n" in screen_of(out, "y")
    assert nn.encoder.output_names[0] in screen_of(out, "x[0,0]")
    assert "Adam's step from w[1]" in screen_of(out, "find new w[1][3,1]")
    assert (penguins / "model.safetensors").read_bytes() == before


def test_the_step_is_the_one_that_is_asked_for(walked, penguins, diabetes):
    pl.read_csv(PENGUINS, null_values="NA").rename({"Species": "Kind"}).write_csv("t.csv", null_value="NA")
    out = walked(
        "new b[2]\n", penguins, "t.csv", "--target", "Kind", "--rows", "7:9", "--optimizer", "sgd", "--lr", "0.25"
    )
    assert "Rows 0 to 1 are rows 7, 8 of t.csv." in out
    assert "= b[2][0] - learning_rate · db[2][0]" in out
    assert "- 0.25 ·" in out
    one, other = (walked("w[1]\n", diabetes, "--member", str(member)) for member in (1, 3))
    assert "by member 1 of 3" in one
    assert screen_of(one, "w[1]") != screen_of(other, "w[1]")
    rng = np.random.default_rng(0)
    nn = package.Network((2, 1), ("sigmoid",), seed=1)
    nn.save("nn.safetensors")
    pl.DataFrame({"a": rng.normal(size=5), "b": rng.normal(size=5), "y": [0, 1, 0, 1, 1]}).write_csv("u.csv")
    assert "w[1] - learning_rate * dw[1]" in walked("new w[1]\n", "nn.safetensors", "u.csv", "--target", "y")


WRONG = {
    "demo with rows it has not": (["demo", "--rows", "4"], "There is no row 4 for --rows: there are 4"),
    "demo with a table": (["demo", "t.csv"], "The demo has its own table and its own network"),
    "demo with a target": (["demo", "--target", "y"], "The demo has its own table and its own network"),
    "demo with a member": (["demo", "--member", "2"], "The demo has its own table and its own network"),
    "demo with reading": (["--delimiter", ";"], "The demo has its own table and its own network"),
    "a program": (["mine.py"], "mine.py is a Python program: look into it from Python, chainrule.trace("),
    "no run": (["runs/nowhere"], "There is no run folder or model file runs/nowhere"),
    "a table first": (["t.csv"], "t.csv is a table: give the run or the model first"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_walked_over_is_a_sentence(arguments, message):
    assert message in refused("step", *arguments)


def test_rows_that_are_not_there_are_a_sentence(penguins):
    assert "There is no row 9000 for --rows" in refused("step", penguins, "--rows", "9000")
    assert "--rows takes from:to, such as 0:4" in refused("step", penguins, "--rows", "some")


def terminal(*arguments):
    line = ["-m", "chainrule", "step", *arguments]
    return pexpect.spawn(sys.executable, line, encoding="utf-8", timeout=60, dimensions=(50, 80))


def test_a_session_in_a_terminal_of_80_columns():
    child = terminal("demo")
    shown = ""
    for typed in ("", "z[2]", "why?", "why? 1", "back", "back", "nonsense", "layer 3", "row 9", "help", "list"):
        child.expect("step> ")
        shown += child.before
        child.sendline(typed)
    child.expect("step> ")
    shown += child.before
    child.sendline("quit")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "\x1b[1" in shown
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert max(map(len, text.splitlines())) <= 80
    assert "'nonsense' is no command" in text
    assert "There is no row 9" in text
    assert "It is made of:" in text


def test_the_arrow_keys_bring_back_what_was_typed():
    child = terminal()
    child.expect("step> ")
    child.sendline("z[2]")
    child.expect(r"5 of 25")
    child.expect("step> ")
    child.sendline("")
    child.expect(r"6 of 25")
    child.expect("step> ")
    child.send("\x1b[A\r")
    child.expect(r"5 of 25")
    child.expect("step> ")
    child.sendeof()
    child.expect(pexpect.EOF)


def test_the_end_of_the_input_exits_with_0_and_ctrl_c_with_130():
    child = terminal()
    child.expect("step> ")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    child = terminal()
    child.expect("step> ")
    child.sendcontrol("c")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert "Traceback" not in child.before


def test_hostile_input_ends_in_sentences():
    lines = (
        b"\x00\x1b[2J\n\xff\xfe\nwhy? \xf0\x9f\x92\xa9\nz[\n"
        + b"9" * 5000
        + b"\nlayer 1e9\ncheck nan\n[[[[\n"
        + b"\n" * 40
    )
    done = subprocess.run([sys.executable, "-m", "chainrule", "step"], input=lines, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert b"Traceback" not in done.stdout
    assert b"The step is done" in done.stdout
    assert b"\x1b" not in done.stdout


def test_a_reader_that_goes_away_leaves_no_traceback():
    line = f"yes next | head -500 | {sys.executable} -m chainrule step | head -3"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert "A small network" in done.stdout
    assert done.stderr == ""
