"""Real tables are read right, everyone sees the same folds, and figures are compared as they should be."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.dummy import DummyClassifier

from benchmarks import accuracy
from benchmarks.real_tables import TABLES, RealTable, Wheel

CSV = "age,job,paid,logpaid,left\n30,cook,1.5,0.4,no\n40,smith,2.5,0.9,yes\n50,cook,3.5,1.2,no\n"


def frame() -> pl.DataFrame:
    return pl.read_csv(CSV.encode())


def figures(error: list[float], seconds: list[float]) -> dict[str, list[float]]:
    return {"error": error, "log loss": [2 * value for value in error], "fit seconds": seconds}


def made_up() -> dict[str, dict[str, Any]]:
    """Two tables of classes; ours is better on the first, worse on the second, and the third line equals it."""
    five = [1.0] * 5
    lines = [
        {accuracy.OURS: 0.1, accuracy.SAME_COLUMNS: 0.3, accuracy.PEER: 0.2},
        {accuracy.OURS: 0.4, accuracy.SAME_COLUMNS: 0.4, accuracy.PEER: 0.3},
    ]
    seconds = {accuracy.OURS: five, accuracy.SAME_COLUMNS: five, accuracy.PEER: [2.0, 3.0, 3.0, 4.0, 9.0]}
    return {
        name: {"task": "classification", "figures": {who: figures([at] * 5, seconds[who]) for who, at in line.items()}}
        for name, line in zip(("first", "second"), lines, strict=True)
    }


# --- tables ------------------------------------------------------------------------------------------------------


def test_text_and_whole_numbers_are_classes_and_floats_are_values() -> None:
    classes = RealTable.from_frame(frame(), "left", drop=["paid", "logpaid"])
    assert classes.task == "classification"
    assert classes.y.tolist() == [0, 1, 0]
    assert RealTable.from_frame(frame(), "age").task == "classification"
    values = RealTable.from_frame(frame(), "paid", drop=["logpaid"])
    assert values.task == "regression"
    assert values.y.tolist() == [1.5, 2.5, 3.5]


def test_neither_the_target_nor_what_tells_it_is_among_the_columns() -> None:
    real = RealTable.from_frame(frame(), "paid", drop=["logpaid"], text=["age"])
    assert real.text_columns == ["age", "job", "left"]
    assert real.number_columns == []
    assert RealTable.from_frame(frame(), "left").number_columns == ["age", "paid", "logpaid"]


def test_the_tables_of_scikit_learn_have_their_sizes(tmp_path: Path) -> None:
    sizes = {
        "digits": (1797, 64),
        "iris": (150, 4),
        "wine": (178, 13),
        "breast cancer": (569, 30),
        "diabetes": (442, 10),
    }
    for name, size in sizes.items():
        real = TABLES[name](tmp_path)
        assert real.x.shape == size
        assert len(real.y) == size[0]
        assert real.task == ("regression" if name == "diabetes" else "classification")
    assert not list(tmp_path.iterdir())  # nothing was fetched
    assert len(TABLES) >= 10


def a_wheel(folder: Path) -> Wheel:
    path = folder / "small-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("small/table.csv", CSV)
    return Wheel("small", "1.0", hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_wheel_that_is_there_is_read_without_pip(tmp_path: Path) -> None:
    assert a_wheel(tmp_path).read("small/table.csv", tmp_path) == CSV.encode()


def test_a_wheel_that_is_not_there_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, folder = tmp_path / "index", tmp_path / "wheels"
    made.mkdir()
    wheel, calls = a_wheel(made), []

    def download(command: list[str], *, check: bool) -> None:
        calls.append(command)
        (folder / "small-1.0-py3-none-any.whl").write_bytes((made / "small-1.0-py3-none-any.whl").read_bytes())

    monkeypatch.setattr("benchmarks.real_tables.subprocess.run", download)
    for _ in range(2):
        assert wheel.read("small/table.csv", folder) == CSV.encode()
    assert len(calls) == 1
    assert calls[0][-3:] == ["--dest", str(folder), "small==1.0"]
    assert "--no-deps" in calls[0]


def test_another_file_of_that_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = a_wheel(tmp_path)
    next(tmp_path.iterdir()).write_bytes(b"something else")
    monkeypatch.setattr("benchmarks.real_tables.subprocess.run", lambda command, check: None)
    with pytest.raises(RuntimeError, match="small 1.0 .* is not the file that was expected"):
        wheel.read("small/table.csv", tmp_path)


# --- measuring ---------------------------------------------------------------------------------------------------


def test_small_tables_are_split_more_often_and_the_folds_repeat() -> None:
    iris = TABLES["iris"](Path())
    first, again = list(accuracy.folds_of(iris)), list(accuracy.folds_of(iris))
    assert len(first) == 20
    assert all(
        np.array_equal(a, b) for one, other in zip(first, again, strict=True) for a, b in zip(one, other, strict=True)
    )
    assert np.bincount(iris.y[first[0][1]]).tolist() == [10, 10, 10]
    digits = TABLES["digits"](Path())
    assert len(list(accuracy.folds_of(digits))) == 5


def test_everyone_is_scored_on_held_out_rows() -> None:
    iris = TABLES["iris"](Path())
    found = accuracy.measure_table(iris, {"guess": lambda real, seed: DummyClassifier(strategy="prior")})
    assert found["guess"]["error"] == pytest.approx([2 / 3] * 20)
    assert found["guess"]["log loss"] == pytest.approx([np.log(3)] * 20)
    assert min(found["guess"]["fit seconds"]) > 0


@pytest.mark.parametrize("competitors", [accuracy.CLASSIFIERS, accuracy.REGRESSORS], ids=["classes", "values"])
def test_everyone_takes_text_that_was_not_seen_in_training(competitors: dict[str, accuracy.Competitor]) -> None:
    rng = np.random.default_rng(1)
    x = pl.DataFrame({"size": rng.normal(size=60), "colour": ["red", "blue", "green"] * 20})
    y = rng.permutation(np.arange(60) % 2)
    classes = competitors is accuracy.CLASSIFIERS
    real = RealTable(x, y if classes else y.astype(float), "classification" if classes else "regression")
    unseen = RealTable(x.with_columns(colour=pl.lit("white")), real.y, real.task)
    for name, competitor in competitors.items():
        model = competitor(real, 0)
        accuracy._fit_seconds(model, real, np.arange(60))
        scores = accuracy._scores(model, unseen, np.arange(60))
        assert all(np.isfinite(value) for value in scores.values()), name


def test_ours_have_no_settings_but_a_seed_and_a_thread() -> None:
    iris = TABLES["iris"](Path())
    for name in (accuracy.OURS, accuracy.SAME_COLUMNS):
        ours = accuracy.CLASSIFIERS[name](iris, 3).steps[-1][1]
        assert {key: value for key, value in ours.get_params().items() if value != type(ours)().get_params()[key]} == {
            "random_state": 3,
            "n_threads": 1,
        }


# --- what the figures say ----------------------------------------------------------------------------------------


def test_ranks_are_means_over_the_tables_and_equals_share_theirs() -> None:
    ranks = accuracy.result_of(made_up())["mean rank"]["error"]
    assert ranks == {accuracy.OURS: (1 + 2.5) / 2, accuracy.SAME_COLUMNS: (3 + 2.5) / 2, accuracy.PEER: (2 + 1) / 2}


def test_losses_are_named_like_wins() -> None:
    result = accuracy.result_of(made_up())
    assert result["better than the others"]["error"][accuracy.OURS] == {
        accuracy.PEER: {"better": ["first"], "worse": ["second"]}
    }
    assert f"error, {accuracy.OURS} beside {accuracy.PEER}: better on 1 tables, worse on 1: second" in accuracy.table(
        result
    )


def test_a_higher_r2_is_better() -> None:
    tables = {"one": {"task": "regression", "figures": {}}}
    for name, r2 in {accuracy.OURS: 0.9, accuracy.SAME_COLUMNS: 0.7, accuracy.PEER: 0.8}.items():
        tables["one"]["figures"][name] = {"R2": [r2] * 5, "RMSE": [1 - r2] * 5, "fit seconds": [1.0] * 5}
    result = accuracy.result_of(tables)
    assert result["mean rank"]["R2"][accuracy.OURS] == 1
    assert result["better than the others"]["R2"][accuracy.SAME_COLUMNS][accuracy.PEER]["worse"] == ["one"]
    assert result["mean rank"]["error"] == {}


def test_times_are_sums_of_medians_and_ratios_are_taken_fold_by_fold() -> None:
    times = accuracy.result_of(made_up())["fit seconds"]
    assert times[accuracy.OURS]["total"] == 2.0
    assert times[accuracy.PEER] == {"total": 6.0, "ratio to chainrule": {"median": 3.0, "lowest": 2.0, "highest": 9.0}}


def test_an_unknown_table_gets_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        accuracy.main(["irises"])
    assert "irises: no such table. There are digits, iris" in capsys.readouterr().err
