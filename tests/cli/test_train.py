"""`chainrule train`: the job from a table to a run folder, every option, and everything that can be wrong with a table."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chainrule import Network, load
from chainrule.cli.report import confusion_table
from chainrule.cli.task import decided_task
from chainrule.cli.training_options import ReadingOptions, TrainingOptions
from chainrule.errors import ChainruleError, InvalidArgument
from tests.cli.command_line import chainrule, refused

FLOWERS = ["rose", "tulip", "lily"]


def flowers(n: int = 60) -> dict[str, list]:
    """A table with a number, a text with gaps, a date and a weight, whose species and price can be learned."""
    rng = np.random.default_rng(3)
    kind = rng.integers(0, 3, n)
    height = kind * 2 + rng.normal(size=n) * 0.3
    return {
        "height": height.round(3).tolist(),
        "colour": [None if i % 10 == 9 else ["red", "white"][i % 2] for i in range(n)],
        "seen": [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(n)],
        "weight": rng.integers(1, 4, n).tolist(),
        "species": [FLOWERS[k] for k in kind],
        "price": (height * 10 + 5).round(2).tolist(),
    }


def written(table: dict[str, list], name: str = "flowers.csv", **settings) -> str:
    pl.DataFrame(table).write_csv(name, **settings)
    return name


def train(*arguments, **settings):
    return chainrule("train", *arguments, "--json", **settings).json


def test_a_table_with_text_gaps_and_dates_is_learned_and_told_about():
    done = chainrule("train", written(flowers(240)), "--target", "species", "--drop", "price")
    assert done.err.startswith("species is text, so it is learned as classes (classification)\n")
    assert "flowers.csv: 153 rows to learn from, 27 to tell when to stop, 60 held out\nepoch 1/200  J " in done.err
    assert "taken for, across; true, down:" in done.out
    assert "precision     recall         f1    support" in done.out
    assert done.out.splitlines()[-1].split() == ["everything", "is", "in", "runs/flowers-1"]
    results = json.loads(Path("runs/flowers-1/results.json").read_text())
    assert results["held_out"]["accuracy"] > 0.9
    assert results["held_out"]["accuracy"] > results["held_out"]["baseline"]["accuracy"] + 0.3


def test_numbers_are_learned_in_their_own_units():
    done = chainrule("train", written(flowers(240)), "--target", "price", "--drop", "species")
    assert done.err.startswith("price has numbers with fractions, so it is learned as a number (regression)\n")
    assert "(in the units of price)" in done.out
    results = json.loads(Path("runs/flowers-1/results.json").read_text())["held_out"]
    assert results["r2"] > 0.9
    assert results["mae"] < results["baseline"]["mae"] / 3
    rows = list(csv.DictReader(Path("runs/flowers-1/predictions.csv").read_text().splitlines()))
    errors = [float(row["prediction"]) - float(row["label"]) for row in rows]
    assert np.abs(errors).mean() == pytest.approx(results["mae"], rel=1e-5)


def test_a_run_folder_holds_all_that_came_of_it(digits):
    chainrule("train", "digits", "--epochs", 20, "--hidden", "12,8", "--seed", 3)
    run, (x, labels) = Path("runs/digits-1"), digits
    assert sorted(path.name for path in run.iterdir() if path.name[0] != ".") == [
        "checkpoint.safetensors",
        "history.json",
        "model.safetensors",
        "predictions.csv",
        "results.json",
        "settings.json",
        "split.json",
    ]
    settings, split, history = (
        json.loads((run / name).read_text()) for name in ("settings.json", "split.json", "history.json")
    )
    network = load(run / "model.safetensors")
    assert (settings["table"], settings["options"]["seed"], settings["options"]["hidden"]) == ("digits", 3, [12, 8])
    assert network.architecture.n_out == 10
    assert network.classes == tuple(range(10))
    assert network.notes["table"]["target"] == "target"
    assert history["epoch"] == list(range(1, 21))
    held_out = split["held_out"]
    with (run / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rows] == held_out
    assert [int(row["label"]) for row in rows] == labels[held_out].tolist()
    outputs = np.array([[float(row[f"probability_{c}"]) for c in range(10)] for row in rows], np.float32)
    np.testing.assert_array_equal(outputs, network.predict(x[held_out]))
    assert [int(row["prediction"]) for row in rows] == network.predict_classes(x[held_out]).tolist()
    shares = np.bincount(labels[held_out]) / np.bincount(labels)
    np.testing.assert_allclose(shares, 0.25, atol=0.005)  # stratified


def test_what_is_fitted_to_data_has_seen_the_training_rows_alone():
    table = flowers(200)
    first = train(written(table), "--target", "price", "--epochs", 2)
    split = json.loads(Path(first["run"], "split.json").read_text())
    for row in (*split["validation"], *split["held_out"]):
        table["height"][row] = 1000.0
        table["colour"][row] = "never seen"
    again = train(written(table), "--target", "price", "--epochs", 2)
    one, other = (load(Path(each["run"], "model.safetensors")) for each in (first, again))
    assert one.encoder == other.encoder
    learned = np.setdiff1d(np.arange(200), [*split["validation"], *split["held_out"]])
    assert one.target_scaler.mean[0] == pytest.approx(np.mean(np.array(table["price"])[learned]))


def test_the_same_seed_makes_the_same_run_and_runs_never_replace_each_other():
    for _ in range(2):
        chainrule("train", "wine", "--epochs", 3)
    assert sorted(os.listdir("runs")) == ["wine-1", "wine-2"]
    for name in ("model.safetensors", "predictions.csv", "settings.json", "split.json"):
        assert Path("runs/wine-1", name).read_bytes() == Path("runs/wine-2", name).read_bytes()


TABLES = {
    "csv": lambda t: written(t, "t.csv"),
    "tsv": lambda t: written(t, "t.tsv", separator="\t"),
    "gz": lambda t: Path("t.csv.gz").write_bytes(gzip.compress(Path(written(t)).read_bytes())) and "t.csv.gz",
    "parquet": lambda t: pl.DataFrame(t).write_parquet("t.parquet") or "t.parquet",
    "npz": lambda t: np.savez("t.npz", **{k: np.array(v) for k, v in t.items()}) or "t.npz",
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_file_is_learned_alike(kind):
    table = {"height": flowers(80)["height"], "y": flowers(80)["species"]}
    result = train(TABLES[kind](table), "--target", "y", "--epochs", 9)
    reference = train(written(table, "reference.csv"), "--target", "y", "--epochs", 9)
    assert result["held_out"] == reference["held_out"]


def test_every_option_arrives_where_it_belongs():
    table = written(flowers(120), separator=";")
    # fmt: off
    result = train(
        table, "--target", "species", "--task", "classification", "--delimiter", ";", "--missing", "none",
        "--columns", "height,colour,weight", "--drop", "weight", "--kinds", "colour=category", "--max-categories", 5,
        "--hidden", "7,5", "--activation", "tanh", "--dropout", 0.1, "--batch-norm", "--members", 2,
        "--dtype", "float64", "--loss", "cross_entropy", "--optimizer", "nadam", "--learning-rate", 0.01,
        "--schedule", "cosine", "--batch-size", 16, "--epochs", 4, "--patience", 3, "--l2", 0.01,
        "--class-weight", "balanced", "--seed", 5, "--threads", 1, "--engine", "numpy", "--time-limit", 60, "--held-out", 0.2,
        "--validation", 0.25, "--weight", "weight", "--checkpoint-every", 5, "--output", "here",
    )
    # fmt: on
    network, at = load("here/model.safetensors"), load("here/checkpoint.safetensors").training
    kinds = [type(layer).__name__ for layer in network.architecture.layers]
    assert kinds == ["Dense", "BatchNorm", "Dropout", "Dense", "BatchNorm", "Dropout", "Dense"]
    assert network.n_members == 2
    assert network.dtype == np.float64
    assert network.encoder.kinds == {"height": "numeric", "colour": "category"}
    assert at.recipe["optimizer"].startswith("NAdam(")
    assert at.recipe["batch_size"] == "16"
    assert at.recipe["learning_rate"].startswith("Cosine(initial=0.01")
    assert at.recipe["l2"] == "0.01"
    assert at.threads in (0, 1)
    assert at.engine == result["engine"] == "numpy"
    assert result["rows"] == {"train": 72, "validation": 24, "held_out": 24}
    assert result["epochs"] == 4


@pytest.mark.parametrize("loss", ["hinge", "focal", "binary_cross_entropy"])
def test_a_loss_for_two_classes_has_one_output(loss):
    result = train("breast_cancer", "--loss", loss, "--epochs", 15)
    assert load(Path(result["run"], "model.safetensors")).architecture.n_out == 1
    assert result["held_out"]["accuracy"] > 0.9
    assert ("log_loss" in result["held_out"]) == (loss != "hinge")


@pytest.mark.parametrize("loss", ["mae", "huber", "quantile", "poisson"])
def test_losses_of_numbers_predict_in_the_units_of_the_target(loss):
    result = train("diabetes", "--loss", loss, "--epochs", 60)
    assert result["held_out"]["mae"] < result["held_out"]["baseline"]["mae"]


def test_quantiles_are_predicted_side_by_side():
    result = train("diabetes", "--loss", "quantile", "--levels", "0.05,0.5,0.95", "--epochs", 100)
    rows = list(csv.DictReader(Path(result["run"], "predictions.csv").read_text().splitlines()))
    assert list(rows[0]) == ["row", "label", "prediction", "quantile_0.05", "quantile_0.5", "quantile_0.95"]
    assert all(row["prediction"] == row["quantile_0.5"] for row in rows)
    inside = [float(row["quantile_0.05"]) <= float(row["label"]) <= float(row["quantile_0.95"]) for row in rows]
    assert 0.75 <= np.mean(inside) <= 1
    errors = [abs(float(row["prediction"]) - float(row["label"])) for row in rows]
    assert result["held_out"]["mae"] == pytest.approx(np.mean(errors), rel=1e-5)


def test_a_single_output_of_two_classes_is_the_second_ones():
    result = train("breast_cancer", "--loss", "binary_cross_entropy", "--epochs", 5)
    rows = list(csv.DictReader(Path(result["run"], "predictions.csv").read_text().splitlines()))
    assert list(rows[0]) == ["row", "label", "prediction", "probability_benign", "probability_malignant"]
    assert all((float(row["probability_malignant"]) >= 0.5) == (row["prediction"] == "malignant") for row in rows)


def test_a_training_that_fails_late_says_where_its_run_is(monkeypatch):
    def broken(*_):
        raise OSError(28, "No space left on device")

    Path("empty").mkdir()
    with monkeypatch.context() as patched:
        patched.setattr("chainrule.cli.training_run.predictions_csv", broken)
        done = chainrule("train", "iris", "--epochs", 3, "--output", "empty/run", check=False)
    assert done.status == 2
    assert done.err.splitlines()[-2:] == [
        "what was learned until then is in empty/run",
        "chainrule: No space left on device.",
    ]
    results = json.loads(Path("empty/run/results.json").read_text())
    assert (results["state"], results["reason"]) == ("failed", "[Errno 28] No space left on device")
    assert chainrule("resume", "empty/run", "--epochs", 4, "--json").json["epochs"] == 4


def test_a_training_that_is_refused_leaves_the_folder_above_its_run_as_it_was():
    Path("empty").mkdir()
    refused("train", "iris", "--learning-rate", "1e30", "--optimizer", "sgd", "--output", "empty/run")
    assert os.listdir("empty") == []


def test_without_early_stopping_every_other_row_is_learned_from():
    result = train("iris", "--no-early-stopping", "--epochs", 5)
    assert result["rows"] == {"train": 112, "validation": 0, "held_out": 38}
    assert (result["epochs"], result["best_epoch"]) == (5, None)


def test_lbfgs_takes_all_rows_at_once():
    result = train("iris", "--optimizer", "lbfgs", "--epochs", 30, "--dropout", 0)
    assert result["held_out"]["accuracy"] > 0.85


def test_another_table_gives_the_report_and_has_its_columns_in_any_order():
    table, other = flowers(120), flowers(40)
    written({name: other[name] for name in reversed(other)}, "other.csv")
    result = train(written(table), "--target", "species", "--test", "other.csv", "--epochs", 5)
    assert result["rows"] == {"train": 102, "validation": 18, "held_out": 40}
    assert result["held_out"]["rows"] == 40
    assert json.loads(Path(result["run"], "split.json").read_text())["held_out"] is None


def test_rows_without_a_target_are_left_out_and_said():
    table = flowers(80)
    table["species"][3] = table["species"][50] = None
    done = chainrule("train", written(table), "--target", "species", "--epochs", 2)
    assert "2 rows of 80 without a species left out\n" in done.err
    split = json.loads(Path("runs/flowers-1/split.json").read_text())
    assert not {3, 50} & {*split["held_out"], *split["validation"]}
    assert json.loads(Path("runs/flowers-1/results.json").read_text())["rows"]["train"] == 78 - 20
    assert "too few rows to tell when to stop: all epochs are learned\n" in done.err


def test_constant_columns_are_left_out_and_said():
    done = chainrule("train", written({**flowers(60), "same": [7] * 60}), "--target", "species", "--epochs", 2)
    assert "same is left out: it is always 7\n" in done.err


def test_a_config_file_sets_options_and_the_command_line_wins():
    Path("c.toml").write_text('table = "iris"\nhidden = [6, 5]\nepochs = 3\nbatch-size = 8\nearly_stopping = false\n')
    result = train("--config", "c.toml", "--epochs", 2)
    settings = json.loads(Path(result["run"], "settings.json").read_text())["options"]
    assert (settings["hidden"], settings["epochs"], settings["batch_size"]) == ([6, 5], 2, 8)
    assert settings["early_stopping"] is False
    again = train("--config", Path(result["run"], "settings.json"))
    assert again["held_out"] == result["held_out"]
    assert json.loads(Path(again["run"], "settings.json").read_text())["options"] == settings


CONFIGS = {
    "unknown": ("c.toml", "epoch = 3\n", "c.toml sets 'epoch', which is no option; did you mean 'epochs'?"),
    "not TOML": ("c.toml", "epochs 3\n", "The config file c.toml cannot be read as TOML: "),
    "not JSON": ("c.json", "{", "The config file c.json cannot be read as JSON: "),
    "no mapping": ("c.json", "[1]", "c.json holds no names and values."),
    "wrong value": ("c.toml", "epochs = 'many'\n", 'unable to convert "many" into int'),
    "no json": ("c.toml", "json = true\n", "c.toml sets 'json', which is no option"),
}


@pytest.mark.parametrize(("name", "text", "message"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_file_that_is_wrong_is_one_sentence(name, text, message):
    Path(name).write_text(text)
    assert message in refused("train", "iris", "--config", name)


def test_options_that_an_older_run_does_not_have_are_as_by_default():
    data = TrainingOptions(target="a", reading=ReadingOptions(delimiter=";")).data()
    del data["members"], data["labels"]
    assert TrainingOptions.from_data(data) == TrainingOptions(target="a", reading=ReadingOptions(delimiter=";"))


def test_options_become_data_and_back():
    options = TrainingOptions(target="a", hidden=(), drop=("x", "y, z"), reading=ReadingOptions(delimiter=";"))
    assert TrainingOptions.from_data(json.loads(json.dumps(options.data()))) == options
    with pytest.raises(ChainruleError, match="has the option 'speed', which this chainrule does not know"):
        TrainingOptions.from_data({**options.data(), "speed": 1})


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        ([0, 1] * 10, "classification"),
        ([1.0, 2.0] * 10, "classification"),
        ([0.5, 1.5] * 10, "regression"),
        (range(100), "regression"),
        (list(range(20)) * 5, "classification"),
        (list(range(21)) * 5, "regression"),
        ([1, 2, 3, 4, 5, 6, 7, 8], "regression"),
    ],
)
def test_the_task_is_told_from_the_target(values, task):
    assert decided_task("t", np.array(values))[0] == task


def with_(change):
    table = flowers(60)
    change(table)
    return written(table)


def set_row(column, row, value):
    def change(table):
        table[column] = [str(v) if v is not None else None for v in table[column]]
        table[column][row] = value

    return change


def write(content: bytes) -> str:
    Path("t.csv").write_bytes(content)
    return "t.csv"


BAD_TABLES = {
    "no target named": (
        lambda: [written(flowers())],
        "Say which column to learn: --target, with one of height, colour",
    ),
    "target missing": (
        lambda: [written(flowers()), "--target", "specie"],
        "--target: flowers.csv has no column 'specie'; did you mean 'species' or ",
    ),
    "dropped column missing": (lambda: ["iris", "--drop", "sepal"], "--drop: iris has no column 'sepal'; "),
    "all one class": (
        lambda: [with_(lambda t: t.update(species=["rose"] * 60)), "--target", "species"],
        "species is 'rose' in all of its 60 rows, so there is nothing to learn.",
    ),
    "one row per class": (
        lambda: [
            with_(lambda t: t.update(weight=list(range(60)))),
            *("--target", "weight", "--task", "classification"),
        ],
        "weight has 60 classes with one row each",
    ),
    "text with nearly as many classes as rows": (
        lambda: [with_(lambda t: t.update(species=[f"f{i % 50}" for i in range(60)])), "--target", "species"],
        "species is text with 50 different labels in 60 rows, and a class is learned from several rows: give another ",
    ),
    "the same as a number": (
        lambda: [
            with_(lambda t: t.update(species=[f"f{i % 50}" for i in range(60)])),
            *("--target", "species", "--task", "regression"),
        ],
        "if it stands for numbers, write plain numbers to learn it as one.",
    ),
    "amounts that are text": (
        lambda: [with_(lambda t: t.update(price=[f"€ {i % 50 + 1},237" for i in range(60)])), "--target", "price"],
        "price is text that looks like amounts ('€ 1,237'): write plain numbers to learn it as one.",
    ),
    "few amounts that are text": (
        lambda: [
            with_(lambda t: t.update(price=[f"{i % 6}%" for i in range(60)])),
            *("--target", "price", "--task", "regression"),
        ],
        "price is text that looks like amounts ('0%'): write plain numbers to learn it as one.",
    ),
    "dates that are text": (
        lambda: [with_(lambda t: t.update(price=[f"3/{i % 30}/2024" for i in range(60)])), "--target", "price"],
        "price is text that looks like dates ('3/0/2024'): dates cannot be learned; give another --target.",
    ),
    "a kind of the target": (
        lambda: [written(flowers()), "--target", "species", "--kinds", "species=category"],
        "--kinds: species is the column to learn",
    ),
    "text in one row": (
        lambda: [with_(set_row("height", 41, "tall")), "--target", "species"],
        "'height' has numbers, but text in row 41 (counted from 0): 'tall'",
    ),
    "text in one row of the target": (
        lambda: [with_(set_row("price", 7, "dear")), "--target", "price"],
        "'price' has numbers, but text in row 7 (counted from 0): 'dear'",
    ),
    "infinite": (
        lambda: [with_(lambda t: t["height"].__setitem__(5, np.inf)), "--target", "species"],
        "'height' is infinite in row 5 (counted from 0)",
    ),
    "duplicate names": (lambda: [write(b"a,b,a\n1,2,3\n"), "--target", "b"], "has 2 columns called 'a'"),
    "empty file": (lambda: [write(b""), "--target", "a"], "t.csv is empty"),
    "header only": (lambda: [write(b"a,b\n"), "--target", "a"], "has a line of 2 names and no rows."),
    "wrong delimiter": (lambda: [write(b"a;b\n1;2\n"), "--target", "a"], "give --delimiter ';'."),
    "wrong encoding": (lambda: [write(b"a,b\n1,\xe9\n"), "--target", "a"], "line 2 has the byte 0xe9"),
    "ragged": (lambda: [write(b"a,b\n1,2\n3\n"), "--target", "a"], "1 entry in line 3"),
    "missing targets": (
        lambda: [with_(lambda t: t.update(species=[None] * 60)), "--target", "species"],
        "species is missing in every row, so there is nothing to learn.",
    ),
    "text as a number": (
        lambda: [written(flowers()), "--target", "species", "--task", "regression"],
        "species holds text, such as ",
    ),
    "dates": (lambda: [written(flowers()), "--target", "seen"], "seen holds dates or times, which cannot be learned"),
    "missing weight": (
        lambda: [with_(lambda t: t["weight"].__setitem__(4, None)), "--target", "species", "--weight", "weight"],
        "The weight weight is missing in row 4 (counted from 0)",
    ),
    "no columns": (lambda: [written(flowers()), "--target", "species", "--columns", "species"], "No column of flowers"),
    "only constants": (
        lambda: [written({"a": [1] * 40, "b": ["x", "y"] * 20}), "--target", "b"],
        "No column is left to learn from",
    ),
    "too few rows": (lambda: [write(b"a,b\n1,x\n2,x\n3,y\n"), "--target", "b", "--held-out", "0.1"], "on one side"),
    "other classes in the test": (
        lambda: [
            written(flowers()),
            *("--target", "species", "--test", written({**flowers(), "species": ["tulpi"] * 60}, "o.csv")),
        ],
        "species is 'tulpi' in row 0 (counted from 0), which is no class of the network; did you mean 'tulip'?",
    ),
    "no file": (lambda: ["nothing.csv", "--target", "a"], "There is no file nothing.csv."),
    "unknown set": (lambda: ["digit"], "neither a file nor an example set; did you mean 'digits'?"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_a_table_that_cannot_be_learned_is_one_sentence_and_leaves_nothing_behind(arguments, message):
    line = arguments()
    before = sorted(os.listdir())
    assert message in refused("train", *line)
    assert sorted(os.listdir()) == before


BAD_OPTIONS = {
    "epochs": (["--epochs", "0"], "epochs must be at least 1, not 0."),
    "batch size": (["--batch-size", "0"], "batch_size must be at least 1, not 0."),
    "rate": (["--learning-rate", "-1"], "learning_rate must be a finite number above 0, not -1.0."),
    "seed": (["--seed", "-1"], "seed must be at least 0, not -1."),
    "hidden": (["--hidden", "8,0"], "must be at least 1, not 0."),
    "activation": (["--activation", "rely"], "did you mean 'relu'"),
    "optimizer": (["--optimizer", "adma"], "did you mean "),
    "loss": (["--loss", "mse"], "The loss mse is for numbers, and target is learned as classes: give --loss "),
    "levels": (["--levels", "0.5"], "--levels are those of quantiles"),
    "no levels": (["--levels", "high"], "--levels takes numbers between 0 and 1, not 'high'."),
    "loss of two": (["--loss", "hinge"], "The loss hinge is for two classes, and target has 3"),
    "schedule": (["--schedule", "cosin"], "is not a name that --schedule takes; did you mean 'cosine' or "),
    "held out": (["--held-out", "1.5"], "--held-out is a share of the rows, between 0 and 1, not 1.5."),
    "validation": (["--validation", "0"], "--validation is a share of the rows, between 0 and 1, not 0."),
    "patience": (["--patience", "0"], "patience must be at least 1, not 0."),
    "dropout": (["--dropout", "1"], "rate"),
    "threads": (["--threads", "0"], "The number of threads must be at least 1, not 0."),
    "engine": (["--engine", "nunpy"], "is not a name that --engine takes; did you mean 'numpy'"),
    "time limit": (["--time-limit", "0"], "seconds must be a finite number above 0"),
    "checkpoint": (["--checkpoint-every", "0"], "checkpoint_every must be a finite number above 0"),
    "members": (["--members", "0"], "n_members must be at least 1, not 0."),
    "categories": (["--max-categories", "0"], "max_categories must be at least 1, not 0."),
    "kind": (["--kinds", "petal width (cm)=colour"], "colour"),
    "delimiter": (["--delimiter", "ab"], "The delimiter is one ASCII character"),
    "diverging": (["--learning-rate", "1e30", "--epochs", "9", "--optimizer", "sgd"], "Training diverged: "),
    "nowhere to write": (["--output", "file/x"], "could not be made: "),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_an_option_that_cannot_be_is_one_sentence_and_leaves_nothing_behind(arguments, message):
    Path("file").write_text("")
    assert message in refused("train", "iris", *arguments)
    assert os.listdir() == ["file"]


def test_an_output_folder_that_exists_stays_as_it_is():
    Path("mine").mkdir()
    Path("mine/thesis.tex").write_text("precious")
    sentence = refused("train", "iris", "--epochs", "1", "--output", "mine")
    assert sentence == "mine exists already, and a run never replaces another: choose a new folder."
    assert os.listdir("mine") == ["thesis.tex"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_one_sentence():
    Path("locked").mkdir(mode=0o555)
    assert "could not be made: Permission denied" in refused("train", "iris", "--output", "locked/run")


@pytest.mark.skipif(os.name != "posix", reason="other systems have no limit on the size of files")
def test_a_full_disk_is_one_sentence_and_leaves_no_run():
    """A limit on the size of files stands in for the disk."""
    program = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
sys.argv = ["chainrule", "train", "iris", "--epochs", "3"]
from chainrule.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "could not be written: File too large." in done.stderr.splitlines()[-1]
    assert os.listdir() == []


def test_ctrl_c_stops_the_training_and_keeps_the_run():
    line = [sys.executable, "-m", "chainrule", "train", "digits", "--epochs", "1000000", "--output", "kept"]
    with subprocess.Popen(
        [*line, "--no-early-stopping"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not process.stderr.readline().startswith("epoch 1/"):
            pass
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped by Ctrl-C in epoch" in errors
    assert "accuracy  " in output
    assert json.loads(Path("kept/results.json").read_text())["state"] == "stopped"
    assert chainrule("predict", "kept").out == Path("kept/predictions.csv").read_text()


def test_a_second_training_cannot_have_the_folder_of_the_first():
    chainrule("train", "iris", "--epochs", 2, "--output", "here")
    assert "here exists already" in refused("train", "iris", "--epochs", 2, "--output", "here")


def test_a_confusion_matrix_fits_a_terminal():
    few, long = confusion_table([[5, 1], [0, 7]], ["a", "b"]), confusion_table([[5, 1], [0, 7]], ["a" * 60, "b" * 60])
    assert [line.split() for line in few.splitlines()[1:]] == [["a", "b"], ["a", "5", "1"], ["b", "0", "7"]]
    assert [line.split() for line in long.splitlines()[1:]] == [
        ["1", "2"],
        ["1", "a" * 60, "5", "1"],
        ["2", "b" * 60, "0", "7"],
    ]
    many = np.diag(np.full(30, 9))
    many[3, 4] = 2
    assert confusion_table(many.tolist(), range(30)).split("\n") == [
        "the commonest mistakes:",
        "      2 of 3 were taken for 4",
    ]


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (
            ("--target", "price", "--weight", "species"),
            "how much a row counts is a number: mend the column, or give another --weight.",
        ),
        (("--target", "species", "--task", "regression"), "give --task classification, or mend the column."),
    ],
)
def test_a_column_that_holds_no_numbers_is_refused_with_the_advice_that_goes_with_its_option(arguments, advice):
    message = refused("train", written(flowers(30)), *arguments)
    assert message.startswith("species holds text, such as ")
    assert message.endswith(advice)


def test_a_warning_is_said_at_once_and_also_where_the_training_fails(monkeypatch):
    def warned(self, *_, **__):
        warnings.warn("mind the step", RuntimeWarning, stacklevel=1)
        raise InvalidArgument("and now it fails")

    monkeypatch.setattr(Network, "fit", warned)
    err = chainrule("train", "iris", check=False).err
    assert err.index("mind the step") < err.index("and now it fails")


def test_what_another_table_for_the_report_holds_is_said_of_that_table():
    written(flowers(60))
    Path("t.csv").write_text(Path("flowers.csv").read_text())
    err = chainrule("train", "flowers.csv", "--target", "price", "--test", "t.csv", "--epochs", 1).err
    assert "t.csv: 60 rows for the report" in err
    assert "another table" not in err


def test_suspicious_columns_are_told_with_what_to_do():
    table = flowers() | {
        "id": list(range(60)),
        "income": [f"${i % 30 + 1},569.67" for i in range(60)],
        "met": [f"05/{i % 20 + 1:02}/2019" for i in range(60)],
        "full name": [f"name {i % 55}" for i in range(60)],
        "street": [f"{i},000" for i in range(60)],
    }
    arguments = ("train", written(table), "--target", "species", "--epochs", 1)
    told = chainrule(*arguments).err.splitlines()
    assert "id counts the rows: leave it out with --drop id" in told
    (income,) = (line for line in told if line.startswith("income is text that looks like amounts ('$"))
    assert income.endswith("it is learned as categories; write plain numbers, or leave it out with --drop income")
    assert any(line.startswith("met is text that looks like dates ('05/") for line in told)
    assert any(line.startswith("full name is text with ") and "--drop 'full name'" in line for line in told)
    assert any(line.startswith("street is left out: ") and "write plain numbers" in line for line in told)
    said = chainrule(*arguments, "--kinds", "income=category,id=numeric").err
    assert "income is" not in said
    assert "id counts" not in said


def test_a_few_amounts_are_classes_and_are_many_where_classes_are_asked_for():
    few = flowers(240) | {"species": [f"{i % 6}%" for i in range(240)]}
    assert train(written(few), "--target", "species", "--epochs", 1)["task"] == "classification"
    many = flowers(240) | {"species": [f"{i % 60}%" for i in range(240)]}
    arguments = (written(many), "--target", "species", "--epochs", 1)
    assert "looks like amounts" in refused("train", *arguments)
    assert train(*arguments, "--task", "classification")["task"] == "classification"


def test_classes_that_are_never_predicted_and_what_is_no_better_than_guessing_are_said():
    rng = np.random.default_rng(0)
    table = written({"x": rng.normal(size=200).tolist(), "paid": ["yes"] * 20 + ["no"] * 180})
    arguments = ("train", table, "--target", "paid", "--hidden", "none", "--epochs", 40, "--learning-rate", 0.03)
    done = chainrule(*arguments)
    lines = done.out.splitlines()
    assert "No better than always guessing no." in lines
    assert "yes is never predicted: try --class-weight balanced." in lines
    results = json.loads(Path("runs/flowers-1/results.json").read_text())["held_out"]
    assert results["remarks"] == [line for line in lines if line.endswith(".")]
    assert done.err.splitlines()[-1] == "chainrule doctor runs/flowers-1 says why, and what to change."
    assert results["balanced_accuracy"] == 0.5
    assert results["macro_f1"] == pytest.approx(0.9 / 1.9)
    assert "balanced accuracy              0.5000" in lines
    assert any(line.startswith("weighted average ") for line in lines)
    good = chainrule("train", written(flowers(240)), "--target", "species", "--json").json["held_out"]
    assert good["remarks"] == []


def test_a_training_that_is_worse_than_guessing_is_sent_to_the_doctor():
    rng = np.random.default_rng(0)
    table = written({"x": rng.normal(size=60).tolist(), "price": rng.normal(size=60).tolist()})
    arguments = ("train", table, "--target", "price", "--hidden", 20, "--epochs", 1, "--output")
    done = chainrule(*arguments, "a run", "--learning-rate", 1)
    assert next(line for line in done.out.splitlines() if line.startswith("R2 ")).split()[-1].startswith("-")
    assert done.err.splitlines()[-1] == "chainrule doctor 'a run' says why, and what to change."
    assert "chainrule doctor" not in chainrule(*arguments, "other", "--learning-rate", 1, "--json").err
    assert "chainrule doctor" not in chainrule("train", written(flowers(240)), "--target", "species").err


def test_values_are_below_each_other_also_with_a_class_of_a_long_name():
    name = "a class whose name is longer than others"
    table = flowers() | {"species": [name if s == "rose" else s for s in flowers()["species"]]}
    out = chainrule("train", written(table), "--target", "species", "--drop", "price", "--epochs", 3).out
    lines = out[out.index("\naccuracy") :].split("\n\n")[0].splitlines()[1:]
    start = lines[0].index("0.") if "0." in lines[0] else lines[0].index("1.")
    assert all(line[start - 1] == " " != line[start] for line in lines if not line.endswith("."))


def test_the_shares_below_quantiles_and_in_their_interval_are_reported():
    arguments = ("train", written(flowers(240)), "--target", "price", "--loss", "quantile", "--levels", "0.1,0.5,0.9")
    out = chainrule(*arguments).out
    held_out = json.loads(Path("runs/flowers-1/results.json").read_text())["held_out"]
    with open("runs/flowers-1/predictions.csv") as file:
        rows = list(csv.DictReader(file))
    for level, share in held_out["quantiles"].items():
        assert share == pytest.approx(np.mean([float(r["label"]) <= float(r[f"quantile_{level}"]) for r in rows]))
        assert f"{f'share below the {level} quantile':<30} {share:.4f}" in out
    inside = [float(r["quantile_0.1"]) <= float(r["label"]) <= float(r["quantile_0.9"]) for r in rows]
    assert held_out["interval"] == {"levels": [0.1, 0.9], "share": pytest.approx(np.mean(inside))}
    assert f"{'share between 0.1 and 0.9':<30} {np.mean(inside):.4f}" in out
