"""chainrule inspect: everything that is in a model, and what is wrong with one that is damaged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import chainrule as package
from chainrule import BatchNorm, Dense, Dropout, Network, Residual, Standardizer
from tests.cli.command_line import chainrule, refused


def test_it_tells_what_is_in_a_run(penguins):
    found = chainrule("inspect", penguins, "--json").json
    file, nn = penguins / "model.safetensors", package.load(penguins / "model.safetensors")
    assert found["file"] == {
        "path": str(file),
        "bytes": file.stat().st_size,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "format_version": 3,
        "written_by": f"chainrule {package.__version__}",
    }
    assert found["run"] == {"folder": "penguins", "state": "finished"}
    assert found["network"]["parameters"] == nn.theta.size
    assert [layer["kind"] for layer in found["network"]["layers"]].count("dense") == len(nn.w)
    assert found["target"]["name"] == "Species"
    assert found["target"]["classes"] == list(nn.classes)
    assert found["target"]["loss"] == "cross_entropy"
    by_column = {each["column"]: each for each in found["encoder"]["by_column"]}
    assert by_column["Date Egg"]["kind"] == "date"
    assert by_column["Region"] == {
        "column": "Region", "kind": "dropped", "outputs": 0, "becomes": "it is always 'Anvers'",
    }  # fmt: skip
    assert found["training"]["epochs"] == 12
    assert found["training"]["optimizer"]
    assert found["training"]["held_out"]["accuracy"] > 0.5
    assert found["training"]["last"]["epoch"] == 12


def test_the_figures_of_each_array_are_right(penguins):
    nn = package.load(penguins / "model.safetensors")
    found = {array["name"]: array for array in chainrule("inspect", penguins, "--json").json["arrays"]}
    assert [*found] == [slot.name for slot in nn.architecture.parameters]
    w = nn.w[1].astype(float)
    assert found["w[1]"]["shape"] == list(w.shape)
    for name, value in (("mean", w.mean()), ("deviation", w.std()), ("smallest", w.min()), ("largest", w.max())):
        assert found["w[1]"][name] == pytest.approx(value)
    assert (found["w[1]"]["zeros"], found["w[1]"]["not_finite"]) == (np.mean(w == 0), 0)


def test_the_text_says_the_same(penguins, diabetes):
    lines = chainrule("inspect", penguins).out.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "File", "Network", "Target", "Encoder", "Training", "Numbers",
    ]  # fmt: skip
    text = "\n".join(lines)
    for part in (
        "penguins (finished)",
        "dense_1",
        "w[1]",
        "Gentoo penguin",
        "clipped smoothly; missing or not",
        "held out",
    ):
        assert part in text
    text = chainrule("inspect", diabetes).out
    assert "task     regression" in text
    assert "and predicted in its own units" in text
    assert "3 members" in text


def test_a_network_made_in_python_is_told_with_every_kind_of_layer(rng):
    layers = [Dense(4, 8, "relu"), BatchNorm(), Dropout(0.25), Residual([Dense(8, 8)]), Dense(8, 2, "softmax")]
    nn = Network(layers=layers, seed=1, encoder=Standardizer.fitted(rng.normal(size=(9, 4))))
    nn.save("nn.safetensors")
    found = chainrule("inspect", "nn.safetensors", "--json").json
    kinds = [layer["kind"] for layer in found["network"]["layers"]]
    assert kinds == ["dense", "batch_norm", "dropout", "residual", "dense", "dense"]
    assert found["network"]["layers"][2]["rate"] == 0.25
    assert found["network"]["layers"][4]["number"] == 2
    assert (found["training"], found["run"], found["target"]["loss"]) == (None, None, None)
    assert "batch_norm_1.mean" in {array["name"] for array in found["arrays"]}
    text = chainrule("inspect", "nn.safetensors").out
    assert "none yet: the network has learned nothing" in text
    assert "each (x - mean) / deviation" in text
    Network((2, 1), ("identity",)).save("bare.safetensors")
    assert "none: the network takes numbers as they are" in chainrule("inspect", "bare.safetensors").out


def test_of_a_checkpoint_it_tells_the_training(penguins):
    found = chainrule("inspect", penguins / "checkpoint.safetensors", "--json").json["training"]
    assert (found["epochs"], found["steps"] > 12) == (12, True)
    assert found["optimizer"].startswith("Adam")


def test_a_run_that_is_not_finished_is_told_as_far_as_it_is(penguins):
    for name in ("model.safetensors", "results.json", "predictions.csv"):
        (penguins / name).unlink()
    found = chainrule("inspect", penguins, "--json").json
    assert found["run"]["state"] == "killed"
    assert found["file"]["path"] == "penguins/checkpoint.safetensors"
    assert found["training"]["epochs"] == 12


def test_numbers_that_are_not_finite_are_said():
    nn = Network((2, 1), ("identity",))
    nn.w[1] = [[np.nan], [1]]
    nn.save("nan.safetensors")
    assert "w[1] has numbers that are not finite" in chainrule("inspect", "nan.safetensors").out
    (w, _) = chainrule("inspect", "nan.safetensors", "--json").json["arrays"]
    assert (w["not_finite"], w["mean"]) == (1, None)


def cut(file):
    file.write_bytes(file.read_bytes()[:-40])


def flip(file):
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)


DAMAGED = {
    "cut": (cut, "is not a model file, or is damaged or incomplete"),
    "flipped": (flip, "is damaged: what is in it is not what was written (its checksum differs)"),
    "empty": (lambda file: file.write_bytes(b""), "is not a model file, or is damaged or incomplete"),
    "text": (lambda file: file.write_text("a,b\n1,2\n" * 99), "is not a model file, or is damaged or incomplete"),
    "from elsewhere": (
        lambda file: save_file({"w": np.ones(3)}, file),
        "is a safetensors file, but holds no chainrule network",
    ),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("command", ["inspect", "predict", "evaluate", "plot"])
def test_a_damaged_model_is_a_sentence_for_every_command(penguins, command, damage, message):
    damage(penguins / "model.safetensors")
    assert message in refused(command, penguins)


def test_what_is_not_there_is_a_sentence():
    assert "There is no run folder or model file nowhere" in refused("inspect", "nowhere")
    Path("folder").mkdir()
    assert "folder is no run folder" in refused("inspect", "folder")
