"""chainrule hand-check: right, or wrong with the mistake, and the exit status says which."""

from __future__ import annotations

import json

import numpy as np
import pytest

import chainrule as package
from chainrule.glassbox.step.xor_step import xor_step
from tests.cli.command_line import PENGUINS, chainrule, refused


@pytest.fixture
def arrays(penguins):
    """The arrays of the step of the first four rows that were held out."""
    return {name: np.array(value) for name, value in chainrule("trace", penguins, "--json").json["arrays"].items()}


def test_a_right_number_ends_with_0_and_a_wrong_one_with_1(penguins, arrays):
    value = arrays["delta[3]"][0, 0]
    done = chainrule("hand-check", penguins, "delta[3][0,0]", f"{value:.4g}")
    assert (done.status, done.out[:6]) == (0, "Right:")
    assert "Rows 0 to 3 are rows" in done.err
    done = chainrule("hand-check", penguins, "delta[3][0,0]", f"{4 * value:.6g}", check=False)
    assert (done.status, done.out[:6]) == (1, "Wrong:")
    assert "The sum instead of the mean over the rows, in delta[3]." in done.out


def test_a_value_may_be_negative_or_an_array(penguins, arrays):
    row, unit = np.argwhere(arrays["delta[3]"] < 0)[0]
    value = arrays["delta[3]"][row, unit]
    assert chainrule("hand-check", penguins, f"delta[3][{row},{unit}]", f"{value:.4g}").status == 0
    assert chainrule("hand-check", penguins, "db[2]", str(arrays["db[2]"].tolist())).status == 0
    text = np.array2string(arrays["dw[2]"], precision=4, threshold=10**6)
    assert chainrule("hand-check", penguins, "dw[2]", text).status == 0
    assert chainrule("hand-check", penguins, "dw[2]", text.replace("-", ""), check=False).status == 1


def test_the_step_is_that_which_is_asked_for(penguins, diabetes):
    options = ("--rows", "3,1", "--optimizer", "sgd", "--learning-rate", 0.3)
    new = chainrule("trace", penguins, PENGUINS, *options, "--json").json["arrays"]["new w[2]"]
    assert chainrule("hand-check", penguins, "new w[2][0,0]", repr(new[0][0]), PENGUINS, *options).status == 0
    z = [chainrule("trace", diabetes, "--member", m, "--json").json["arrays"]["z[2]"][0][0] for m in (1, 2)]
    assert chainrule("hand-check", diabetes, "z[2][0,0]", z[1], "--member", 2).status == 0
    assert chainrule("hand-check", diabetes, "z[2][0,0]", z[0], "--member", 2, check=False).status == 1


def test_the_demo_is_checked_without_a_run():
    z = xor_step()["z[2][0,0]"]
    assert chainrule("hand-check", "demo", "z[2][0,0]", f"{z:.4g}").out.startswith("Right:")
    assert chainrule("hand-check", "demo", "z[2][0,0]", "1", check=False).status == 1
    assert "mine.py is a Python program" in refused("hand-check", "mine.py", "z[2][0,0]", "1")


def test_as_json_it_is_what_the_library_says(penguins, arrays):
    given = f"{4 * arrays['delta[3]'][0, 0]:.6g}"
    done = chainrule("hand-check", penguins, "delta[3][0,0]", given, "--json", check=False)
    found = json.loads(done.out)
    assert done.err == ""
    assert (done.status, found["right"], found["given"], found["quantity"]) == (1, False, given, "delta[3][0,0]")
    assert found["value"] == pytest.approx(arrays["delta[3]"][0, 0], rel=1e-5)
    assert found["mistakes"][0]["names"] == ["the sum instead of the mean over the rows"]
    assert found["mistakes"][0]["places"] == ["delta[3]"]
    assert len(found["rows"]) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["delta[3]", "much"], "'much' is no number"),
        (["delta[3", "1"], "is not the name of a number"),
        (["delta[9][0,0]", "1"], "There is no delta[9] in this trace"),
        (["dw[2][500,0]", "1"], "is outside dw[2]"),
        (["J", "1", "--rows", "9:9"], "has no row in it"),
    ],
)
def test_what_cannot_be_checked_ends_with_2(penguins, arguments, message):
    assert message in refused("hand-check", penguins, *arguments)


def test_the_network_stays_as_it_is(penguins):
    before = package.load(penguins / "model.safetensors").theta.copy()
    chainrule("hand-check", penguins, "new w[1][0,0]", "1", check=False)
    np.testing.assert_array_equal(package.load(penguins / "model.safetensors").theta, before)
