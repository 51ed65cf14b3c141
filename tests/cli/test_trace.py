"""chainrule trace: every array of one step, of the rows and under the rule that are asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import chainrule as package
from chainrule import Network
from chainrule.glassbox.step.xor_step import xor_step
from tests.cli.command_line import PENGUINS, chainrule, refused


def held_out(run):
    return json.loads((run / "split.json").read_text())["held_out"]


def test_without_a_table_it_is_a_step_on_the_first_held_out_rows(digits_run):
    done = chainrule("trace", digits_run, "--json").json
    assert done["rows"] == held_out(digits_run)[:4]
    assert done["inputs"][0] == "pixel_0_1"
    assert done["outputs"] == [str(i) for i in range(10)]
    arrays = {name: np.array(value) for name, value in done["arrays"].items()}
    assert arrays["a[1]"].shape == (4, len(done["inputs"]))
    np.testing.assert_allclose(arrays["z[2]"], arrays["a[1]"] @ arrays["w[1]"] + arrays["b[1]"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(arrays["J"], arrays["loss"].mean(), rtol=1e-5)


def test_it_is_the_step_of_chainrule_trace_with_the_rule_of_the_run(penguins):
    nn = package.load(penguins / "model.safetensors")
    frame = pl.read_csv(PENGUINS, null_values="NA", try_parse_dates=True)[[3, 8, 5]]
    expected = package.trace(nn, frame, frame["Species"].to_numpy(), learning_rate=0.003, optimizer="adamw", l2=1e-3)
    found = chainrule("trace", penguins, PENGUINS, "--rows", "3,8,5", "--json").json
    assert set(found["arrays"]) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found["arrays"][name], value, rtol=1e-5, atol=1e-6, err_msg=name)


def test_another_rule_a_larger_step_and_prediction(digits_run):
    arrays = chainrule("trace", digits_run, "--optimizer", "sgd", "--lr", "0.5", "--json").json["arrays"]
    moved = np.array(arrays["w[2]"]) - 0.5 * np.array(arrays["dw[2]"])
    np.testing.assert_allclose(arrays["new w[2]"], moved, rtol=1e-4, atol=1e-6)
    assert len(np.unique(arrays["dropout_1.factor"])) == 2
    calm = chainrule("trace", digits_run, "--prediction", "--json").json["arrays"]
    assert np.unique(calm["dropout_1.factor"]) == [1.0]
    nn = package.load(digits_run / "model.safetensors")
    assert np.array(calm["a[3]"]).shape == (4, nn.architecture.n_out)


def test_the_text_says_which_rows_and_what_the_columns_are(penguins):
    done = chainrule("trace", penguins)
    rows = held_out(penguins)[:4]
    assert done.err == f"Rows 0 to 3 are rows {', '.join(map(str, rows))} of {PENGUINS}.\n"
    assert done.out.startswith("Trace of a step of ")
    assert "delta[3]" in done.out
    assert "Columns of inputs a[1]: 0 " in done.out
    assert "Columns of outputs and targets: 0 Adelie" in done.out
    one = chainrule("trace", penguins, "--rows", "2")
    assert one.err.startswith(f"Row 0 is row {held_out(penguins)[2]} of ")


def test_a_member_of_an_ensemble_is_a_network(diabetes):
    first, second = (chainrule("trace", diabetes, "--member", i, "--json", check=True).json["arrays"] for i in (1, 2))
    assert chainrule("trace", diabetes, "--json").json["arrays"]["J"] == first["J"] != second["J"]
    assert "by member 2 of 3" in chainrule("trace", diabetes, "--member", 2).err
    assert "--member must be at most 3, not 4" in refused("trace", diabetes, "--member", 4)


def test_all_arrays_can_be_kept_in_a_file(digits_run):
    assert chainrule("trace", digits_run, "--output", "step.npz").out == "28 arrays are in step.npz\n"
    found = chainrule("trace", digits_run, "--json").json["arrays"]
    with np.load("step.npz") as kept:
        assert set(kept.files) == set(found)
        np.testing.assert_allclose(kept["delta[2]"], found["delta[2]"], rtol=1e-5)
        np.testing.assert_allclose(kept["J"], found["J"], rtol=1e-5)


def test_a_run_by_lbfgs_is_looked_into_with_a_step_of_sgd():
    chainrule(
        "train", "diabetes", "--optimizer", "lbfgs", "--epochs", 5, "--hidden", 4, "--dropout", 0, "--output", "r"
    )
    done = chainrule("trace", "r")
    assert "the update that is shown is that of sgd" in done.err
    assert "new w[1]" in done.out


def test_a_model_file_needs_a_table_and_knows_its_loss():
    nn = Network((2, 3, 1), ("tanh", "identity"), seed=1)
    nn.notes["table"] = {"target": "y", "task": "regression"}
    nn.save("m.safetensors")
    pl.DataFrame({"p": [0.5, 1.0, -1.0], "q": [1.0, 0.0, 2.0], "y": [1.0, 2.0, None]}).write_csv("t.csv")
    found = chainrule("trace", "m.safetensors", "t.csv", "--json").json
    assert found["rows"] == [0, 1]
    assert found["learning_rate"] == package.SGD().default_learning_rate
    assert "knows no rows that were held out" in refused("trace", "m.safetensors")


def test_the_demo_is_the_step_of_the_walk(tmp_path):
    done = chainrule("trace", "demo", "--json").json
    step = xor_step()
    assert (done["rows"], done["learning_rate"], set(done["arrays"])) == ([0, 1, 2, 3], 0.5, set(step))
    np.testing.assert_allclose(done["arrays"]["new w[1]"], step["new w[1]"], rtol=1e-5)
    one = chainrule("trace", "demo", "--rows", "1", "--json").json
    np.testing.assert_allclose(one["arrays"]["z[2]"], step["z[2]"][1:2], rtol=1e-5)
    assert chainrule("trace", "demo").err == "A small network on the four rows of XOR, before its first step.\n"


def test_what_is_called_demo_comes_before_the_demo(penguins):
    penguins.rename("demo")
    assert chainrule("trace", "demo", "--json").json["rows"] == held_out(Path("demo"))[:4]


@pytest.mark.parametrize("command", ["trace", "explain", "step", "doctor", "gradient-check", "predict"])
@pytest.mark.parametrize(("name", "what"), [("mine.py", "Python program"), ("mine.ipynb", "notebook")])
def test_a_program_in_place_of_a_run_is_looked_into_from_python(command, name, what):
    Path(name).touch()
    assert f"{name} is a {what}: look into it from Python, chainrule.trace(network, x, y, MSE)" in refused(
        command, name, *(["t.csv"] if command == "predict" else [])
    )


WRONG = {
    "no such row": (("--rows", "9999"), "There is no row 9999 for --rows: there are "),
    "no row": (("--rows", "5:5"), "--rows 5:5 has no row in it"),
    "no rows": (
        ("--rows", "first"),
        "--rows takes from:to, such as 0:4, or numbers of rows, such as 3,8,5, not 'first'",
    ),
    "negative": (("--rows=-1",), "--rows takes from:to"),
    "member": (("--member", "2"), "--member is of an ensemble, and this is one network"),
    "rate": (("--lr", "0"), "learning_rate"),
    "rule": (("--optimizer", "sdg"), "did you mean 'sgd'"),
    "lbfgs": (("--optimizer", "lbfgs"), "does not take a step from one batch"),
    "ending": (("--output", "step.csv"), "step.csv does not end in .npz"),
    "target": (("--target", "x"), "--target is of a table, and none is given"),
    "reading": (("--delimiter", ";"), "--delimiter says how a table is to be read"),
    "no folder": (("--output", "no/step.npz"), "could not be written"),
}


@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_traced_is_a_sentence(digits_run, options, message):
    assert message in refused("trace", digits_run, *options)
