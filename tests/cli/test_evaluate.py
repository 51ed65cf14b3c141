"""chainrule evaluate: the figures are right, for the rows that were held out and for any other table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import confusion_matrix, log_loss, mean_absolute_error, r2_score

import chainrule as package
from chainrule import Network, Quantile
from tests.cli.command_line import PENGUINS, chainrule, refused


def penguin_frame():
    return pl.read_csv(PENGUINS, null_values="NA", try_parse_dates=True)


def test_without_a_table_it_is_the_report_of_the_training(penguins, diabetes, digits_run):
    for run in (penguins, diabetes, digits_run):
        held_out = json.loads((run / "results.json").read_text())["held_out"]
        found = chainrule("evaluate", run, "--json").json
        assert {name: found[name] for name in held_out} == held_out
    text = chainrule("evaluate", penguins).out
    assert "taken for, across; true, down:" in text
    assert "log loss" in text
    assert "always guessing Adelie" in text
    assert "mean absolute error" in chainrule("evaluate", diabetes).out


def test_of_a_table_it_is_what_scikit_learn_says(penguins):
    frame = penguin_frame()
    nn = package.load(penguins / "model.safetensors")
    truth, outputs = frame["Species"].to_numpy(), nn.predict(frame).astype(float)
    found = chainrule("evaluate", penguins / "model.safetensors", PENGUINS, "--json").json
    assert found["rows"] == len(frame)
    assert found["confusion"] == confusion_matrix(truth, nn.predict_classes(frame)).tolist()
    assert found["log_loss"] == pytest.approx(log_loss(truth, outputs / outputs.sum(axis=1, keepdims=True)), rel=1e-5)
    assert (found["target"], found["classes"]) == ("Species", list(nn.classes))


def test_weights_count_as_often_as_they_say(penguins):
    frame = penguin_frame().head(60).with_columns(w=pl.int_range(60) % 3)
    frame.write_csv("w.csv")
    frame.select(pl.all().repeat_by("w").explode()).write_csv("often.csv")
    weighted = chainrule("evaluate", penguins, "w.csv", "--weight", "w", "--json").json
    often = chainrule("evaluate", penguins, "often.csv", "--json").json
    assert weighted["accuracy"] == pytest.approx(often["accuracy"])
    assert weighted["log_loss"] == pytest.approx(often["log_loss"], rel=1e-5)
    np.testing.assert_allclose(weighted["confusion"], often["confusion"])
    for name, row in often["report"].items():
        assert weighted["report"][name] == pytest.approx(row)
    assert weighted["baseline"]["accuracy"] == pytest.approx(often["baseline"]["accuracy"])


def test_a_column_that_the_network_learned_from_may_be_the_weight(penguins):
    found = chainrule("evaluate", penguins, PENGUINS, "--weight", "Body Mass (g)", check=False)
    assert "The weight Body Mass (g) is missing in row" in found.err
    penguin_frame().drop_nulls("Body Mass (g)").write_csv("t.csv", null_value="NA")
    assert chainrule("evaluate", penguins, "t.csv", "--weight", "Body Mass (g)", "--json").json["accuracy"] > 0.5


def test_numbers_are_measured_in_the_units_of_the_target(diabetes):
    from chainrule.data.example_sets import load_example_set

    example = load_example_set("diabetes")
    table = pl.DataFrame(example.x, schema=list(example.columns)).with_columns(y=example.labels)
    table.with_columns(w=pl.Series(np.arange(len(table)) % 4 + 0.5)).write_parquet("t.parquet")
    found = chainrule("evaluate", diabetes, "t.parquet", "--target", "y", "--weight", "w", "--json").json
    weights = np.arange(len(table)) % 4 + 0.5
    predicted = package.load(diabetes / "model.safetensors").predict(table)[:, 0]
    assert found["r2"] == pytest.approx(r2_score(example.labels, predicted, sample_weight=weights), rel=1e-5)
    assert found["mae"] == pytest.approx(
        mean_absolute_error(example.labels, predicted, sample_weight=weights), rel=1e-5
    )
    assert found["target"] == "y"


def test_rows_without_a_target_are_left_out_and_said(penguins):
    frame = penguin_frame().head(30)
    gaps = frame.with_columns(pl.when(pl.int_range(30) % 3 > 0).then("Species").alias("Species"))
    gaps.write_csv("gaps.csv")
    frame.filter(pl.int_range(30) % 3 > 0).write_csv("without.csv")
    done = chainrule("evaluate", penguins, "gaps.csv", "--json")
    assert done.err == "10 of 30 rows have no Species, and are left out\n"
    assert done.json["log_loss"] == chainrule("evaluate", penguins, "without.csv", "--json").json["log_loss"]


def test_quantiles_say_which_share_of_the_rows_is_below_each(rng):
    x = rng.normal(size=(400, 1))
    nn = Network((1, 2), ("identity",), seed=1)
    nn.fit(x, x[:, 0] + rng.normal(size=400), Quantile((0.2, 0.8)), epochs=30, learning_rate=0.1, verbose=False)
    nn.notes["table"] = {"target": "y", "task": "regression"}
    nn.save("q.safetensors")
    y = rng.normal(size=400)
    pl.DataFrame({"x": x[:, 0], "y": y}).write_csv("t.csv")
    found = chainrule("evaluate", "q.safetensors", "t.csv", "--json").json
    shares = (y[:, None] <= nn.predict(x)).mean(axis=0)
    assert found["quantiles"] == {"0.2": pytest.approx(shares[0]), "0.8": pytest.approx(shares[1])}
    assert "share below the 0.8 quantile" in chainrule("evaluate", "q.safetensors", "t.csv").out


def test_two_classes_with_one_output_have_a_log_loss_and_a_table(rng):
    x = rng.normal(size=(50, 2))
    nn = Network((2, 1), ("sigmoid",), seed=1, classes=["no", "yes"])
    nn.fit(x, x[:, 0] > 0, epochs=3, verbose=False)
    nn.save("nn.safetensors")
    answers = np.where(x[:, 0] > 0, "yes", "no")
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "answer": answers}).write_csv("t.csv")
    found = chainrule("evaluate", "nn.safetensors", "t.csv", "--target", "answer", "--json").json
    assert found["log_loss"] == pytest.approx(log_loss(answers, nn.predict(x)[:, 0].astype(float)), rel=1e-5)
    assert "does not say what its target is called: give --target" in refused("evaluate", "nn.safetensors", "t.csv")


WRONG = {
    "no target": (lambda f: f.drop("Species"), (), "--target: t.csv has no column 'Species'"),
    "other target": (lambda f: f, ("--target", "Sex"), "Sex is 'FEMALE' in row 0"),
    "new class": (
        lambda f: f.with_columns(
            pl.when(pl.int_range(pl.len()) == 4).then(pl.lit("Gentoo")).otherwise("Species").alias("Species")
        ),
        (),
        "Species is 'Gentoo' in row 4",
    ),
    "no weight": (lambda f: f, ("--weight", "w"), "--weight: t.csv has no column 'w'"),
    "weight below 0": (
        lambda f: f.with_columns(w=pl.int_range(pl.len()) - 3),
        ("--weight", "w"),
        "The weight w is -3 in row",
    ),
    "weights 0": (lambda f: f.with_columns(w=0), ("--weight", "w"), "The weight w is 0 in every row"),
    "all missing": (lambda f: f.with_columns(Species=None), (), "Species is missing in every row of t.csv"),
    "lacking": (lambda f: f.drop("Sex"), (), "The table has no column 'Sex'"),
    "header only": (lambda f: f.clear(), (), "t.csv has a line of 17 names and no rows"),
}


@pytest.mark.parametrize(("change", "options", "message"), WRONG.values(), ids=WRONG)
def test_a_table_that_cannot_be_measured_is_a_sentence(penguins, change, options, message):
    change(penguin_frame()).write_csv("t.csv", null_value="NA")
    assert message in refused("evaluate", penguins, "t.csv", *options)


def test_options_of_a_table_need_one_and_a_model_file_too(penguins):
    assert "and none is given" in refused("evaluate", penguins, "--weight", "w")
    assert "knows no rows that were held out: give a table" in refused("evaluate", penguins / "model.safetensors")


def test_a_run_whose_table_is_another_by_now_is_a_sentence(penguins):
    settings = json.loads((penguins / "settings.json").read_text())
    penguin_frame().head(50).write_csv("shorter.csv", null_value="NA")
    (penguins / "settings.json").write_text(json.dumps(settings | {"table": "shorter.csv"}))
    assert "is not the table that penguins was made with" in refused("evaluate", penguins)
    (penguins / "settings.json").write_text(json.dumps(settings | {"table": "gone.csv"}))
    assert "There is no file gone.csv" in refused("predict", penguins)
    Path(penguins / "split.json").unlink()
    assert "has no split.json" in refused("evaluate", penguins)


def test_outputs_that_happen_to_lie_between_0_and_1_are_no_probabilities():
    nn = Network((1, 1), ("identity",), seed=1, classes=["no", "yes"])
    nn.w[1][...], nn.b[1][...] = 1, 0
    nn.save("nn.safetensors")
    np.savez("t.npz", x=np.array([[0.2], [0.9]]), y=["no", "yes"])
    found = chainrule("evaluate", "nn.safetensors", "t.npz", "--json").json
    assert found["accuracy"] == 1
    assert "log_loss" not in found


def test_a_run_of_another_version_is_measured_if_it_says_how_its_table_is_read(penguins):
    settings = json.loads((penguins / "settings.json").read_text())
    del settings["options"]["members"], settings["options"]["labels"]
    (penguins / "settings.json").write_text(json.dumps(settings | {"options": {**settings["options"], "speed": 1}}))
    held_out = json.loads((penguins / "results.json").read_text())["held_out"]
    assert chainrule("evaluate", penguins, "--json").json["accuracy"] == held_out["accuracy"]


def test_rows_of_weights_are_counted_from_0(penguins):
    penguin_frame().head(5).with_columns(w=pl.Series([1, 1, -3, 1, 1])).write_csv("w.csv")
    message = refused("evaluate", penguins, "w.csv", "--weight", "w")
    assert message == "The weight w is -3 in row 2 (counted from 0); weights are numbers from 0 on."


def test_a_weight_of_text_is_refused_without_a_word_on_classification(penguins):
    message = refused("evaluate", penguins, PENGUINS, "--weight", "Island")
    assert "Island holds text" in message
    assert message.endswith("how much a row counts is a number: mend the column, or give another --weight.")
