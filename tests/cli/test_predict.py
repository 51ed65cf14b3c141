"""chainrule predict: the right columns for every kind of table and network, in constant memory, whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import chainrule as package
from chainrule import Network, Quantile, Standardizer
from tests.cli.command_line import NEW_PENGUINS, chainrule, refused

SPECIES = [
    "Adelie Penguin (Pygoscelis adeliae)",
    "Chinstrap penguin (Pygoscelis antarctica)",
    "Gentoo penguin (Pygoscelis papua)",
]


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


# --- which columns -------------------------------------------------------------------------------------------


def test_each_row_gets_its_prediction_and_the_probability_of_each_class(penguins):
    given, found = rows_of(NEW_PENGUINS.read_text()), rows_of(chainrule("predict", penguins, NEW_PENGUINS).out)
    assert [*found[0]] == [*given[0], "prediction", *(f"probability_{name}" for name in SPECIES)]
    assert [{name: row[name] for name in given[0]} for row in found] == given  # as it was, to the last letter
    network = package.load(penguins / "model.safetensors")
    frame = pl.read_csv(NEW_PENGUINS, try_parse_dates=True, null_values="NA")
    outputs = network.predict(frame)
    assert [row["prediction"] for row in found] == network.predict_classes(frame).tolist()
    printed = np.array([[row[f"probability_{name}"] for name in SPECIES] for row in found], np.float32)
    np.testing.assert_array_equal(printed, outputs)


def test_the_runs_own_predictions_come_again_bit_for_bit(penguins, diabetes, digits_run):
    for run in (penguins, diabetes, digits_run):
        assert chainrule("predict", run).out == (run / "predictions.csv").read_text()
        assert "predictions are in again.csv" in chainrule("predict", run, "--output", "again.csv").out
        assert Path("again.csv").read_bytes() == (run / "predictions.csv").read_bytes()


def test_a_model_file_alone_will_do_for_a_table_but_has_no_rows_of_its_own(penguins):
    model = penguins / "model.safetensors"
    assert chainrule("predict", model, NEW_PENGUINS).out == chainrule("predict", penguins, NEW_PENGUINS).out
    assert "knows no rows that were held out: give a table" in refused("predict", model)


def test_only_the_columns_to_keep_are_given(penguins):
    found = rows_of(chainrule("predict", penguins, NEW_PENGUINS, "--keep", "Island,Sex", "--no-proba").out)
    assert [*found[0]] == ["Island", "Sex", "prediction"]
    found = rows_of(chainrule("predict", penguins, NEW_PENGUINS, "--keep", "none", "--no-proba").out)
    assert [*found[0]] == ["prediction"]
    assert "no column 'Iland'; did you mean 'Island'" in refused("predict", penguins, NEW_PENGUINS, "--keep", "Iland")


def test_a_column_that_is_there_already_needs_a_prefix(penguins):
    chainrule("predict", penguins, NEW_PENGUINS, "--output", "once.csv")
    assert "has a column 'prediction' already: give --prefix" in refused("predict", penguins, "once.csv")
    found = rows_of(chainrule("predict", penguins, "once.csv", "--prefix", "again_").out)
    assert all(row["prediction"] == row["again_prediction"] for row in found)
    assert len(found[0]) == 16 + 2 * 4


def test_an_ensemble_gives_its_mean_and_if_asked_each_member(diabetes):
    found = rows_of(chainrule("predict", diabetes, "diabetes", "--keep", "none", "--members").out)
    assert [*found[0]] == ["prediction", "member_1", "member_2", "member_3"]
    numbers = np.array([list(row.values()) for row in found], float)
    np.testing.assert_allclose(numbers[:, 0], numbers[:, 1:].mean(axis=1), rtol=1e-6)
    assert numbers[:, 0].min() > 20  # in the units of the target, not standardised


def test_quantiles_have_a_column_each_and_the_middle_one_is_the_prediction(rng):
    x = rng.normal(size=(30, 2))
    nn = Network((2, 3), ("identity",), encoder=Standardizer.fitted(x), seed=1)
    nn.fit(x, x.sum(axis=1), Quantile((0.1, 0.5, 0.9)), epochs=2, verbose=False)
    nn.save("q.safetensors")
    pl.DataFrame(x, schema=["a", "b"]).write_csv("x.csv")
    found = rows_of(chainrule("predict", "q.safetensors", "x.csv").out)
    assert [*found[0]] == ["a", "b", "prediction", "quantile_0.1", "quantile_0.5", "quantile_0.9"]
    assert all(row["prediction"] == row["quantile_0.5"] for row in found)


def test_a_network_made_in_python_takes_all_columns_in_their_order():
    nn = Network((3, 1), ("sigmoid",), seed=1, classes=["no", "yes"])
    nn.save("nn.safetensors")
    Path("x.csv").write_text("a,b,c\n1,2,3\n4,5,6\n")
    (first, _) = rows_of(chainrule("predict", "nn.safetensors", "x.csv").out)
    p = nn.predict(np.array([[1, 2, 3]]))[0, 0]
    assert np.float32(first["probability_yes"]) == p
    assert first["prediction"] == ("yes" if p >= 0.5 else "no")
    Path("x.csv").write_text("a,b\n1,2\n")
    assert "x.csv has 2 columns to predict from, and the network takes 3" in refused(
        "predict", "nn.safetensors", "x.csv"
    )
    Path("x.csv").write_text("a,b,c\n1,2,x\n")
    assert "The column 'c' does not hold numbers" in refused("predict", "nn.safetensors", "x.csv")


# --- in and out ----------------------------------------------------------------------------------------------


def test_every_kind_of_file_gives_the_same_predictions(penguins, tmp_path):
    expected = chainrule("predict", penguins, NEW_PENGUINS, "--keep", "none").out
    frame = pl.read_csv(NEW_PENGUINS, try_parse_dates=True, null_values="NA")
    frame.write_parquet("t.parquet")
    frame.write_csv("t.tsv", separator="\t")
    frame.select(frame.columns[::-1]).with_columns(extra=pl.lit(1)).write_csv("t.csv", separator=";")
    subprocess.run(["gzip", "-k", "t.tsv"], check=True)
    for arguments in (["t.parquet"], ["t.tsv"], ["t.tsv.gz"], ["t.csv", "--delimiter", ";"]):
        assert chainrule("predict", penguins, *arguments, "--keep", "none").out == expected


def test_arrays_need_no_polars(digits_run, digits):
    x, labels = digits
    np.savez("rows.npz", x=x[:7], y=labels[:7])
    code = f"""
import sys
sys.modules["polars"] = sys.modules["pandas"] = sys.modules["narwhals"] = None
sys.argv = ["chainrule", "predict", {str(digits_run)!r}, "rows.npz", "--keep", "y"]
from chainrule.cli import main
main()
"""
    nn = package.load(digits_run / "model.safetensors")  # whose columns have names, and the array's have not
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    found = rows_of(done.stdout)
    assert [row["y"] for row in found] == [str(label) for label in labels[:7]]
    assert [row["prediction"] for row in found] == [str(label) for label in nn.predict_classes(x[:7])]
    assert len(found[0]) == 2 + 10


def test_parquet_has_types_and_the_same_numbers(penguins):
    chainrule("predict", penguins, NEW_PENGUINS, "--output", "out.parquet")
    chainrule("predict", penguins, NEW_PENGUINS, "--output", "out.csv")
    frame, text = pl.read_parquet("out.parquet"), pl.read_csv("out.csv")
    assert frame.schema["Body Mass (g)"] == pl.Float64
    assert frame.schema["Date Egg"] == pl.Datetime("us")
    assert frame.schema["Comments"] == pl.String
    assert frame.schema[f"probability_{SPECIES[0]}"] == pl.Float32
    assert frame["prediction"].to_list() == text["prediction"].to_list()
    np.testing.assert_array_equal(
        frame[f"probability_{SPECIES[0]}"].to_numpy(), text[f"probability_{SPECIES[0]}"].to_numpy().astype(np.float32)
    )
    assert (
        chainrule("predict", penguins, "out.parquet", "--keep", "none", "--prefix", "b_").out.splitlines()[1:]
        == (chainrule("predict", penguins, NEW_PENGUINS, "--keep", "none").out.splitlines()[1:])
    )


def test_json_is_one_object(penguins):
    (first, *_, last) = chainrule("predict", penguins, NEW_PENGUINS, "--json", "--keep", "Island").json["predictions"]
    assert [*first] == ["Island", "prediction", *(f"probability_{name}" for name in SPECIES)]
    assert sum(list(last.values())[2:]) == pytest.approx(1)
    result = chainrule("predict", penguins, NEW_PENGUINS, "--json", "--output", "p.csv").json
    assert (result["rows"], result["output"], result["columns"][-1]) == (20, "p.csv", f"probability_{SPECIES[2]}")


def test_the_held_out_rows_take_the_same_options_and_formats_as_a_table(penguins, diabetes):
    chainrule("predict", penguins, "--output", "p.parquet")
    chainrule("predict", penguins, "--output", "p.tsv")
    frame = pl.read_parquet("p.parquet")
    assert frame.columns == ["row", "label", "prediction", *(f"probability_{name}" for name in SPECIES)]
    assert (frame.schema["row"], frame.schema["label"]) == (pl.Int64, pl.String)
    assert frame.schema[f"probability_{SPECIES[0]}"] == pl.Float32
    assert Path("p.tsv").read_text().replace("\t", ",") == (penguins / "predictions.csv").read_text()
    rows = chainrule("predict", penguins, "--json").json["predictions"]
    assert len(rows) == 81
    assert isinstance(rows[0]["row"], int)
    assert sum(rows[0][f"probability_{name}"] for name in SPECIES) == pytest.approx(1)
    short = chainrule("predict", penguins, "--keep", "label", "--no-proba", "--prefix", "new_").out
    assert short.startswith("label,new_prediction\n")
    assert chainrule("predict", diabetes, "--keep", "none", "--members").out.startswith("prediction,member_1,member_2,")
    assert "has no column 'Island'" in refused("predict", penguins, "--keep", "Island")
    assert "written as .csv, .tsv or .parquet" in refused("predict", penguins, "--output", "p.xlsx")
    for command in ("predict", "evaluate"):
        message = refused(command, penguins, "--delimiter", ";")
        assert "--delimiter says how a table is to be read, and none is given" in message


def test_numbers_of_rows_and_gaps_are_as_in_the_file_part_by_part(penguins, monkeypatch):
    """Files larger than a part are the same as one part."""
    from chainrule.data.table_files.line_chunks import line_chunks

    whole = rows_of(chainrule("predict", penguins, NEW_PENGUINS).out)
    lines = NEW_PENGUINS.read_text().splitlines()
    Path("long.csv").write_text("\n".join([lines[0], *lines[1:] * 60]) + "\n")
    monkeypatch.setattr(line_chunks, "__defaults__", (5_000,))
    parts = rows_of(chainrule("predict", penguins, "long.csv").out)
    assert len(parts) == 60 * 20
    for row, expected in zip(parts, whole * 60, strict=True):
        assert list(row.values())[:17] == list(expected.values())[:17]
        p, expected_p = ([float(value) for value in list(each.values())[17:]] for each in (row, expected))
        assert p == pytest.approx(expected_p, abs=1e-6)  # other numbers of rows are multiplied in another order


# --- what is wrong with the table ----------------------------------------------------------------------------


def changed(change):
    frame = pl.read_csv(NEW_PENGUINS, infer_schema=False)
    change(frame).write_csv("bad.csv")
    return "bad.csv"


TABLES = {
    "a column is lacking": (
        lambda frame: frame.rename({"Body Mass (g)": "Body Mass"}),
        "The table has no column 'Body Mass (g)'; did you mean 'Body Mass'",
    ),
    "text for a number": (
        lambda frame: frame.with_columns(
            pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("heavy")).otherwise("Body Mass (g)").alias("Body Mass (g)")
        ),
        "The column 'Body Mass (g)' has 'heavy' in row 3 (counted from 0), and the network learned numbers there",
    ),
    "text for a date": (
        lambda frame: frame.with_columns(pl.lit("spring").alias("Date Egg")),
        "The column 'Date Egg' must hold dates",
    ),
    "header only": (lambda frame: frame.clear(), "bad.csv has no rows"),
    "infinite": (
        lambda frame: frame.with_columns(pl.lit("inf").alias("Body Mass (g)")),
        "The column 'Body Mass (g)' is inf in row 0",
    ),
}


@pytest.mark.parametrize(("change", "message"), TABLES.values(), ids=TABLES)
def test_a_table_that_does_not_fit_is_a_sentence_and_leaves_no_file(penguins, change, message):
    table = changed(change)
    assert message in refused("predict", penguins, table)
    Path("out.csv").write_text("earlier")
    for output in ("out.csv", "out.parquet"):
        assert message in refused("predict", penguins, table, "--output", output)
    assert Path("out.csv").read_text() == "earlier"
    assert sorted(os.listdir()) == ["bad.csv", "out.csv", "penguins"]


def test_a_bad_row_far_down_names_its_place_and_leaves_no_file(penguins, monkeypatch):
    from chainrule.data.table_files.line_chunks import line_chunks

    monkeypatch.setattr(line_chunks, "__defaults__", (5_000,))
    lines = NEW_PENGUINS.read_text().splitlines()
    bad = lines[1].replace("3800", "heavy")
    for row, ending in ((700, "csv"), (701, "parquet")):
        Path("long.csv").write_text("\n".join([lines[0], *[lines[2]] * row, bad]) + "\n")
        message = refused("predict", penguins, "long.csv", "--output", f"out.{ending}")
        assert f"'heavy' in row {row} (counted from 0)" in message
    assert sorted(os.listdir()) == ["long.csv", "penguins"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("a,a\n1,2\n", "2 columns called 'a'"),
        ("a;b\n1;2\n", "give --delimiter ';'"),
        ("a,b\n1,2\n3\n", "1 entry in line 3"),
        (b"a,b\n\xff\xfe,2\n", "is not written in UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_a_sentence(penguins, content, message):
    Path("bad.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert message in refused("predict", penguins, "bad.csv", "--output", "out.csv")
    assert not Path("out.csv").exists()


def test_what_cannot_be_found_or_written_is_a_sentence(penguins):
    assert "There is no run folder or model file nowhere" in refused("predict", "nowhere", NEW_PENGUINS)
    assert "There is no file new.csv" in refused("predict", penguins, "new.csv")
    assert "written as .csv, .tsv or .parquet" in refused("predict", penguins, NEW_PENGUINS, "--output", "p.xlsx")
    Path("folder.csv").mkdir()
    assert "is not a regular file" in refused("predict", penguins, NEW_PENGUINS, "--output", "folder.csv")
    assert "could not be written" in refused("predict", penguins, NEW_PENGUINS, "--output", "none/p.csv")


# --- disk, memory, kills -------------------------------------------------------------------------------------


def process(code, *arguments, **settings):
    line = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, **settings)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_where_the_disk_is_full_there_is_a_sentence_and_the_earlier_file_stays(penguins, ending):
    lines = NEW_PENGUINS.read_text().splitlines()
    Path("long.csv").write_text("\n".join([lines[0], *lines[1:] * 2000]) + "\n")
    Path(f"p.{ending}").write_text("earlier")
    code = """
        import resource, signal, sys
        from chainrule.cli import main
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))
        main()
    """
    done = process(code, "predict", penguins, "long.csv", "--output", f"p.{ending}")
    assert done.returncode == 2
    assert f"p.{ending} could not be written: File too large. What was there before is as it was." in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert Path(f"p.{ending}").read_text() == "earlier"
    assert sorted(os.listdir()) == ["long.csv", f"p.{ending}", "penguins"]


def test_a_kill_while_writing_leaves_the_earlier_file(penguins):
    lines = NEW_PENGUINS.read_text().splitlines()
    Path("long.csv").write_text("\n".join([lines[0], *lines[1:] * 20_000]) + "\n")
    Path("p.csv").write_text("earlier")
    line = [sys.executable, "-m", "chainrule", "predict", str(penguins), "long.csv", "--output", "p.csv"]
    with subprocess.Popen(line, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 60
        while not any(part.stat().st_size for part in Path().glob(".p.csv.*.part")) and time.monotonic() < deadline:
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert Path("p.csv").read_text() == "earlier"


def peak_memory(run, table, output):
    """The highest memory of a process that predicts, in bytes."""
    code = """
        import sys
        from pathlib import Path
        from chainrule.cli import main
        try:
            main()
        finally:
            status = Path("/proc/self/status").read_text()  # resource's maximum begins with that of this process
            print(status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
    """
    done = process(code, "predict", run, table, "--output", output)
    assert done.returncode == 0, done.stderr
    return 1024 * int(done.stderr.splitlines()[-1])


linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems tell the memory of a process otherwise")


@linux
def test_memory_does_not_grow_with_a_text_file(penguins):
    """With ten times the rows, the file grows by 180 MB, and the memory by what allocators keep."""
    names, row, *_ = NEW_PENGUINS.read_text().splitlines()
    row = row.rpartition(",")[0] + "," + "a long comment, ".replace(",", ";") * 125 + "\n"
    peaks, sizes = [], []
    for times in (10_000, 100_000):
        with Path("long.csv").open("w") as file:
            file.write(names + "\n")
            for _ in range(times // 1000):
                file.write(row * 1000)
        sizes.append(Path("long.csv").stat().st_size)
        peaks.append(peak_memory(penguins, "long.csv", "p.csv"))
    assert peaks[1] - peaks[0] < (sizes[1] - sizes[0]) / 3, peaks


@linux
def test_memory_does_not_grow_with_a_parquet_file():
    Network((2, 1), ("identity",), seed=1).save("nn.safetensors")
    peaks, sizes = [], []
    for rows in (1_000_000, 10_000_000):
        frame = pl.select(pl.int_range(rows).alias("a")).with_columns(b=pl.col("a") * 0.5)
        frame.write_parquet("long.parquet", row_group_size=100_000)
        sizes.append(frame.estimated_size())
        del frame
        peaks.append(peak_memory("nn.safetensors", "long.parquet", "p.parquet"))
    assert peaks[1] - peaks[0] < (sizes[1] - sizes[0]) / 2, (peaks, sizes)
