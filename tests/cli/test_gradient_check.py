"""chainrule gradient-check: right networks pass, wrong ones are read, and the exit status says which it was."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from chainrule import check_gradients
from chainrule.functions.losses import CrossEntropy
from chainrule.glassbox import gradient_check
from tests.cli.command_line import PENGUINS, chainrule, refused


def test_a_trained_network_passes_on_the_rows_that_were_held_out(penguins, digits_run):
    for run in (penguins, digits_run):
        done = chainrule("gradient-check", run)
        assert "They agree: every relative error is below 1e-06." in done.out
        assert "array" in done.out.splitlines()[0]
    found = chainrule("gradient-check", penguins, "--json").json
    assert found["agrees"]
    assert found["rows"] == 8
    assert found["relative_error"] < 1e-6
    assert [array["name"] for array in found["arrays"]][:2] == ["w[1]", "b[1]"]
    assert found["reading"] == []


@pytest.mark.parametrize(("rows", "n"), [("0:5", 5), (":3", 3), ("7,2", 2), ("3", 1)])
def test_the_rows_are_those_that_trace_takes(penguins, monkeypatch, rows, n):
    seen = {}

    def looked_at(network, x, y):
        seen["y"] = y
        return check_gradients(network, x, y)

    monkeypatch.setattr(gradient_check, "check_gradients", looked_at)
    assert chainrule("gradient-check", penguins, "--json", "--rows", rows).json["rows"] == n
    traced = chainrule("trace", penguins, "--json", "--rows", rows).json["arrays"]["y"]
    assert seen["y"].tolist() == np.argmax(traced, axis=1).tolist()


def test_any_table_with_the_target_will_do(penguins):
    pl.read_csv(PENGUINS, null_values="NA").rename({"Species": "Kind"}).write_csv("t.csv", null_value="NA")
    assert chainrule("gradient-check", penguins, "t.csv", "--target", "Kind", "--json").json["table"] == "t.csv"


def test_each_network_of_an_ensemble_can_be_checked(diabetes):
    errors = [chainrule("gradient-check", diabetes, "--member", m, "--json").json["relative_error"] for m in (1, 3)]
    assert max(errors) < 1e-6
    assert errors[0] != errors[1]
    assert "--member" in refused("gradient-check", diabetes, "--member", 4)


def test_a_wrong_gradient_is_read_and_the_exit_status_is_1(penguins, monkeypatch):
    monkeypatch.setattr(CrossEntropy, "delta", lambda self, y, z, a, output: 3 * (a - y))
    done = chainrule("gradient-check", penguins, "--heat-map", check=False)
    assert done.status == 1
    assert "They do not agree" in done.out
    assert "CrossEntropy's derivative is wrong by itself: it is 3 times what it should be" in " ".join(done.out.split())
    assert "test_gradient_check.py, line" in done.out
    assert " | x x x" in done.out
    reading = chainrule("gradient-check", penguins, "--json", check=False).json["reading"]
    assert [finding["kind"] for finding in reading] == ["loss is wrong"]
    assert reading[0]["line"]["file"] == __file__
    assert set(reading[0]) == {"kind", "sentence", "arrays", "evidence", "line", "remedy"}


def test_the_heat_map_and_the_picture_are_made_when_asked_for(digits_run, tmp_path):
    plain = chainrule("gradient-check", digits_run).out
    assert '"." agrees' not in plain
    mapped = chainrule("gradient-check", digits_run, "--heat-map").out
    assert '"." agrees' in mapped
    assert ", the worst 16 x 15 of them" in mapped
    chainrule("gradient-check", digits_run, "--output", tmp_path / "check.svg")
    assert (tmp_path / "check.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "9999"], "There is no row 9999 for --rows: there are "),
        (["--rows", "first"], "--rows takes from:to, such as 0:4"),
        (["--target", "label"], "--target is of a table, and none is given."),
        (["--output", "check.doc"], "ends in none of them"),
    ],
)
def test_what_makes_no_sense_is_refused(digits_run, arguments, message):
    assert message in refused("gradient-check", digits_run, *arguments)
