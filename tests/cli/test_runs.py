"""`chainrule runs`: the list of runs and the comparison of some."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.command_line import chainrule, refused


@pytest.fixture(scope="module")
def _three_runs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("three") / "runs"
    chainrule("train", "iris", "--epochs", 30, "--output", folder / "good")
    chainrule("train", "iris", "--epochs", 1, "--hidden", "2", "--output", folder / "bad")
    chainrule("train", "diabetes", "--epochs", 2, "--output", folder / "numbers")
    return folder


@pytest.fixture
def three_runs(_three_runs) -> None:
    shutil.copytree(_three_runs, "runs")


@pytest.mark.usefixtures("three_runs")
def test_the_list_has_a_line_for_each_run():
    lines = chainrule("runs").out.splitlines()
    assert lines[0].split() == ["run", "table", "task", "started", "epochs", "metric", "value", "state"]
    first = lines[1].split()
    assert first[:3] == ["runs/good", "iris", "classification"]
    assert (first[5:7], first[8]) == (["30", "accuracy"], "finished")  # the day and the time are two words
    assert [line.split()[0] for line in lines[1:]] == ["runs/good", "runs/bad", "runs/numbers"]


@pytest.mark.usefixtures("three_runs")
@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["bad", "good", "numbers"]),
        ("metric", ["good", "bad", "numbers"]),
        ("started", ["good", "bad", "numbers"]),
    ],
)
def test_the_list_is_sorted_as_asked(sort, order):
    for i, name in enumerate(["good", "bad", "numbers"]):
        results = Path("runs", name, "results.json")
        data = json.loads(results.read_text())
        results.write_text(json.dumps({**data, "started": f"2024-01-0{i + 1}T00:00:00+00:00"}))
    rows = chainrule("runs", "--sort", sort, "--json").json["runs"]
    assert [Path(row["run"]).name for row in rows] == order
    assert rows[order.index("good")]["value"] > rows[order.index("bad")]["value"]


@pytest.mark.usefixtures("three_runs")
def test_a_comparison_has_the_settings_that_differ_and_the_figures():
    compared = chainrule("runs", "runs/good", "runs/bad", "--json").json
    assert compared["settings"] == {
        "hidden": {"runs/good": [128], "runs/bad": [2]},
        "epochs": {"runs/good": 30, "runs/bad": 1},
    }
    assert compared["figures"]["epochs"] == {"runs/good": 30, "runs/bad": 1}
    assert compared["figures"]["accuracy"]["runs/good"] > compared["figures"]["accuracy"]["runs/bad"]
    lines = chainrule("runs", "runs/good", "runs/bad").out.splitlines()
    assert lines[0].split() == ["runs/good", "runs/bad"]
    assert lines[1].split() == ["hidden", "128", "2"]
    assert "r2" not in " ".join(lines)


@pytest.mark.usefixtures("three_runs")
def test_a_run_that_stopped_or_is_damaged_is_listed_as_such():
    results = json.loads(Path("runs/good/results.json").read_text())
    Path("runs/good/results.json").write_text(json.dumps({"state": "running", "started": results["started"]}))
    Path("runs/bad/settings.json").write_text("{")
    rows = {Path(row["run"]).name: row for row in chainrule("runs", "--json").json["runs"]}
    assert (rows["good"]["state"], rows["good"]["epochs"], rows["good"]["value"]) == ("killed", 30, None)
    assert (rows["bad"]["state"], rows["bad"]["table"]) == ("damaged", None)
    assert "runs/bad" in chainrule("runs").out
    assert "runs/bad is damaged" in refused("runs", "runs/good", "runs/bad")


@pytest.mark.usefixtures("three_runs")
def test_a_run_alone_and_another_folder_may_be_named():
    assert len(chainrule("runs", "runs/good", "--json").json["runs"]) == 1
    shutil.move("runs", "elsewhere")
    assert len(chainrule("runs", "elsewhere", "--json").json["runs"]) == 3


def test_what_is_no_run_is_one_sentence():
    assert "There is no folder runs. `chainrule train digits` makes the first run" in refused("runs")
    Path("empty").mkdir()
    assert "There is no run in empty" in refused("runs", "empty")
    assert "There is no run folder a." in refused("runs", "a", "b")
    chainrule("train", "iris", "--epochs", 1, "--output", "one")
    assert "A run cannot be compared with itself" in refused("runs", "one", "one")
