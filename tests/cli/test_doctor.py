from __future__ import annotations

import json
import re

import numpy as np
import pytest

from chainrule import Network
from tests.cli.command_line import PENGUINS, chainrule, refused


def test_a_run_is_examined_on_what_it_learned_with_its_own_settings(digits_run):
    done = chainrule("doctor", digits_run, check=False)
    results = json.loads((digits_run / "results.json").read_text())
    assert done.status == (0 if "no findings" in done.out else 1)
    rows = results["rows"]
    assert f"{rows['train']:,} rows, {rows['validation']} held out" in done.out.splitlines()[0]


@pytest.fixture
def slow():
    chainrule("train", "diabetes", "--epochs", 15, "--learning-rate", "1e-6", "--hidden", 8, "--output", "slow")
    return "slow"


def test_what_is_found_is_tried_and_told_by_the_exit_status(slow):
    done = chainrule("doctor", slow, check=False)
    assert done.status == 1
    assert "1. Learning rate too low" in done.out
    assert "it helped" in done.out.replace("\n", " ")
    rate = re.search(r"larger steps: learning_rate=([0-9.e-]+)\. With", done.out)[1]
    assert f"With chainrule train: --learning-rate {rate}." in " ".join(done.out.split())
    found = json.loads(chainrule("doctor", slow, "--json", check=False).out)
    assert found["findings"][0]["kind"] == "learning rate too low"
    assert found["findings"][0]["trial"]["helped"] is True
    assert found["model"] == "slow"
    assert "--learning-rate" not in found["findings"][0]["remedy"]


def test_nothing_is_tried_where_that_is_not_wanted(slow):
    found = json.loads(chainrule("doctor", slow, "--no-trials", "--json", check=False).out)
    assert found["findings"][0]["trial"] is None


def test_an_ensemble_is_examined_member_by_member(diabetes):
    one = json.loads(chainrule("doctor", diabetes, "--member", 3, "--no-trials", "--json", check=False).out)
    assert one["examined"].startswith("Network")
    assert "--member must be at most 3" in refused("doctor", diabetes, "--member", 4)


def test_rows_of_another_table_judge_in_place_of_its_own(penguins):
    found = json.loads(chainrule("doctor", penguins, PENGUINS, "--no-trials", "--json", check=False).out)
    assert "duplicated rows" in {each["kind"] for each in found["findings"]}


def test_a_model_file_is_examined_on_a_table_without_reruns():
    nn = Network((4, 8, 3), ("relu", "softmax"), seed=1, classes=["setosa", "versicolor", "virginica"])
    nn.save("nn.safetensors")
    assert "knows no rows: give a table" in refused("doctor", "nn.safetensors")
    rng = np.random.default_rng(0)
    np.savez("t.npz", x=rng.normal(0, 1000, (60, 4)), y=rng.choice(["setosa", "virginica"], 60))
    done = chainrule("doctor", "nn.safetensors", "t.npz", check=False)
    assert "Unscaled inputs" in done.out or "Shuffled labels" in done.out
    assert "Nothing was rerun" in done.out


def test_options_of_a_table_need_one(digits_run):
    assert refused("doctor", digits_run, "--target", "y") == "--target is of a table, and none is given."


def test_a_table_that_is_another_one_by_now_is_not_taken_for_what_was_learned():
    rng = np.random.default_rng(0)
    np.savez("t.npz", x=rng.normal(size=(80, 3)), y=np.arange(80) % 2)
    chainrule("train", "t.npz", "--epochs", 2, "--output", "run")
    np.savez("t.npz", x=rng.normal(size=(70, 3)), y=np.arange(70) % 2)
    assert "is not the table that run was made with" in refused("doctor", "run")


@pytest.mark.parametrize("text", ['{"epoch": 3}', '{"epoch": [1], "J": ["x"]}', '{"epoch": [1, 2], "J": [0.5]}'])
def test_a_damaged_history_is_said_to_be(text):
    rng = np.random.default_rng(0)
    np.savez("t.npz", x=rng.normal(size=(80, 3)), y=np.arange(80) % 2)
    chainrule("train", "t.npz", "--epochs", 2, "--output", "run")
    with open("run/history.json", "w") as file:
        file.write(text)
    assert "history.json is damaged" in refused("doctor", "run")
