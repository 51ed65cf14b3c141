from __future__ import annotations

import datetime as dt
import decimal
import enum
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

from chainrule.data.tables import BooleanColumn, Table, TableEncoding, TextColumn, as_table
from chainrule.errors import InvalidArgument, InvalidType

N = 60
START = dt.datetime(2023, 1, 1)
COLUMNS = {
    "age": [None if i % 7 == 0 else i / 4 for i in range(N)],
    "rooms": [i % 9 for i in range(N)],
    "job": [[None, "baker", "nurse", "cook", "smith"][i % 5] for i in range(N)],
    "sex": ["f", "m"] * (N // 2),
    "ok": [[True, False, None][i % 3] for i in range(N)],
    "sure": [i % 4 == 0 for i in range(N)],
    "day": [None if i == 3 else (START + dt.timedelta(days=9 * i)).date() for i in range(N)],
    "when": [START + dt.timedelta(hours=31 * i) for i in range(N)],
    "empty": [None] * N,
}
POLARS = pl.DataFrame(COLUMNS)
ARROW = POLARS.to_arrow()

FRAMES = {
    "polars": POLARS,
    "polars, in parts": pl.concat([POLARS[:13], POLARS[13:]], rechunk=False),
    "polars, categorical": POLARS.with_columns(pl.col("job", "sex").cast(pl.Categorical)),
    "polars, enum": POLARS.with_columns(job=pl.col("job").cast(pl.Enum(["x", "smith", "nurse", "cook", "baker"]))),
    "polars, small types": POLARS.with_columns(pl.col("rooms").cast(pl.UInt8), pl.col("when").cast(pl.Datetime("ns"))),
    "pandas": POLARS.to_pandas(),
    "pandas, nullable": POLARS.to_pandas().convert_dtypes(),
    "pandas, objects": pd.DataFrame(COLUMNS, dtype=object),
    "pandas, of arrow": ARROW.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas, categorical": POLARS.to_pandas().astype({"job": "category", "sex": "category"}),
    "pyarrow": ARROW,
    "pyarrow, dictionaries": ARROW.set_column(2, "job", ARROW["job"].combine_chunks().dictionary_encode()),
    "pyarrow, large strings": ARROW.set_column(2, "job", ARROW["job"].cast(pa.large_string())),
    "pyarrow, in parts": pa.concat_tables([ARROW.slice(0, 20), ARROW.slice(20)]),
    "lists by name": COLUMNS,
    "arrays by name": {name: np.array(cells) for name, cells in COLUMNS.items()},
    "series by name": {name: pl.Series(cells) for name, cells in COLUMNS.items()},
    "rows by name": [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)],
}


@pytest.mark.parametrize("given", FRAMES.values(), ids=FRAMES)
def test_every_kind_of_table_gives_the_same_numbers(given):
    expected = TableEncoding.fitted(COLUMNS)
    encoding = TableEncoding.fitted(given)
    assert encoding == expected
    np.testing.assert_array_equal(encoding.transform(given), expected.transform(COLUMNS))


@pytest.mark.parametrize("given", FRAMES.values(), ids=FRAMES)
def test_every_kind_of_table_holds_the_same_things(given):
    table = as_table(given)
    assert repr(table) == (
        "<Table of 60 rows: age (numbers), rooms (numbers), job (text), sex (text), ok (booleans), sure (booleans), "
        "day (dates), when (dates), empty (numbers)>"
    )
    assert table["job"].values().tolist() == COLUMNS["job"]
    assert table["ok"].values().tolist() == COLUMNS["ok"]


def test_an_array_of_rows_has_columns_named_by_their_places():
    objects = np.array([[1.5, "a"], [None, "b"]], object)
    for rows in (objects, objects.tolist(), tuple(map(tuple, objects.tolist()))):
        table = as_table(rows)
        assert table.names == ("0", "1")
        assert not table.named
        np.testing.assert_array_equal(table["0"], [1.5, np.nan])
        assert table["1"].values().tolist() == ["a", "b"]
    numbers = np.arange(6.0).reshape(3, 2)
    assert np.shares_memory(as_table(numbers)["1"], numbers)


def test_a_structured_array_has_names():
    table = as_table(np.array([(1, "a", True), (2, "b", False)], [("n", "i4"), ("t", "U3"), ("ok", "?")]))
    assert repr(table) == "<Table of 2 rows: n (numbers), t (text), ok (booleans)>"


MASKED = {
    "floats": (np.array([1.0, 2.0]), [1, np.nan]),
    "single floats": (np.array([1, 2], np.float32), [1, np.nan]),
    "whole numbers": (np.array([1, 2]), [1, np.nan]),
    "booleans": (np.array([True, False]), [True, None]),
    "text": (np.array(["a", "b"]), ["a", None]),
    "objects": (np.array(["a", 1], object), ["a", None]),
    "days": (np.array(["2024-01-01", "2024-01-02"], "datetime64[D]"), np.array(["2024-01-01", "NaT"], "datetime64[D]")),
    "nanoseconds": (
        np.array(["2024-01-01", "2024-01-02"], "datetime64[ns]"),
        np.array(["2024-01-01", "NaT"], "datetime64[ns]"),
    ),
    "durations": (np.array([10**9, 2], "timedelta64[ns]"), [1, np.nan]),
}


@pytest.mark.parametrize("named", [True, False], ids=["by name", "by place"])
@pytest.mark.parametrize(("cells", "expected"), MASKED.values(), ids=MASKED)
def test_masked_cells_are_missing(cells, expected, named):
    masked = np.ma.array(cells, mask=[False, True])
    column = as_table({"0": masked} if named else masked.reshape(-1, 1))["0"]
    assert not isinstance(column, np.ma.MaskedArray)
    np.testing.assert_array_equal(column if isinstance(column, np.ndarray) else column.values(), expected)


def test_single_cells_make_a_single_row():
    table = as_table({"age": 38, "job": "baker"})
    assert len(table) == 1
    assert table["job"].values().tolist() == ["baker"]


def test_a_table_is_given_back_as_it_is():
    table = Table({"a": np.arange(3)})
    assert as_table(table) is table


UNUSUAL = {
    "decimals": ([decimal.Decimal("1.5"), None], [1.5, np.nan]),
    "durations": ([dt.timedelta(minutes=2), None], [120, np.nan]),
    "times of day": ([dt.time(1, 0, 0, 500_000), None], [3600.5, np.nan]),
    "huge whole numbers": ([2**100, None], [float(2**100), np.nan]),
    "unsigned": ([2**64 - 1, None], [float(2**64), np.nan]),
    "no values": ([None, None], [np.nan, np.nan]),
}
MAKERS = {
    "lists": lambda cells: {"c": cells},
    "objects": lambda cells: np.array([(cell,) for cell in cells], [("c", object)]),
    "pandas": lambda cells: pd.DataFrame({"c": cells}, dtype=object),
    "polars": lambda cells: pl.DataFrame(
        {"c": pl.Series(cells, dtype=pl.Int128 if isinstance(cells[0], int) else None)}
    ),
    "pyarrow": lambda cells: pa.table(
        {"c": pa.array(cells, pa.decimal128(38, 0) if isinstance(cells[0], int) else None)}
    ),
}


@pytest.mark.parametrize(("cells", "numbers"), UNUSUAL.values(), ids=UNUSUAL)
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_what_is_a_number_in_the_end_is_taken_as_one(cells, numbers, make):
    column = as_table(make(cells))["c"]
    np.testing.assert_array_equal(column, numbers)


def test_unsigned_numbers_of_a_frame_may_have_gaps():
    for given in (
        pa.table({"c": pa.array([2**64 - 1, None], pa.uint64())}),
        pd.DataFrame({"c": [2**64 - 1, None]}, dtype="UInt64"),
    ):
        np.testing.assert_array_equal(as_table(given)["c"], [float(2**64), np.nan])


def test_booleans_among_numbers_are_numbers():
    np.testing.assert_array_equal(as_table({"c": [True, 2.5, None]})["c"], [1, 2.5, np.nan])


def test_dates_with_a_time_zone_are_what_its_clocks_show():
    local = dt.datetime(2024, 7, 1, 9, 30)
    in_zone = pd.Series([local, None]).dt.tz_localize("Europe/Berlin")
    for given in (
        pd.DataFrame({"t": in_zone}),
        pl.DataFrame({"t": pl.Series([local, None]).dt.replace_time_zone("Europe/Berlin")}),
        pa.table({"t": pa.Array.from_pandas(in_zone)}),
        {"t": [local.replace(tzinfo=dt.timezone(dt.timedelta(hours=2))), None]},
    ):
        times = as_table(given)["t"]
        assert times[0] == np.datetime64(local)
        assert np.isnat(times[1])


LOCAL = dt.datetime(2024, 7, 1, 9, 30)
IN_ZONE = pd.Series([LOCAL, None]).dt.tz_localize("Europe/Berlin")
SERIES = {
    "polars, time zone": pl.Series([LOCAL, None]).dt.replace_time_zone("Europe/Berlin"),
    "polars, 128 bits": pl.Series([2**100, None], dtype=pl.Int128),
    "polars, categories": pl.Series(["2024-01-01", None], dtype=pl.Categorical),
    "pandas, time zone": IN_ZONE,
    "pandas, categories": pd.Series(["2024-01-01", None], dtype="category"),
    "pandas, categories of numbers": pd.Series([3, None], dtype="category"),
    "pyarrow, time zone": pa.chunked_array([pa.Array.from_pandas(IN_ZONE)]),
    "pyarrow, categories": pa.chunked_array([pa.array(["2024-01-01", None]).dictionary_encode()]),
}


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
def test_a_series_by_name_is_the_column_of_a_frame(series):
    frame = pa.table({"c": series}) if isinstance(series, pa.ChunkedArray) else series.to_frame("c")
    expected, column = as_table(frame)["c"], as_table({"c": series})["c"]
    if isinstance(expected, TextColumn):
        assert column.categorical
        assert column.values().tolist() == expected.values().tolist()
    else:
        assert column.dtype == expected.dtype
        np.testing.assert_array_equal(column, expected)


def test_arrays_of_the_libraries_of_frames_are_series_too():
    table = as_table(
        {"index": pd.DatetimeIndex(IN_ZONE), "array": IN_ZONE.array, "arrow": pa.Array.from_pandas(IN_ZONE)}
    )
    for name in table:
        np.testing.assert_array_equal(table[name], np.array([LOCAL, None], "datetime64[us]"))
    assert as_table({"c": pd.Categorical([3, None])})["c"].values().tolist() == ["3", None]


def test_dates_that_are_categories_have_the_same_labels_whatever_the_unit():
    days = [dt.date(2024, 1, 1), dt.date(2024, 1, 2)]
    times = [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2, 18, 30)]
    for cells in (days, pd.to_datetime(pd.Series(days)), np.array(days, "datetime64[ns]")):
        column = as_table(pd.DataFrame({"c": pd.Categorical(cells)}))["c"]
        assert column.values().tolist() == ["2024-01-01", "2024-01-02"]
    assert as_table({"c": [*times, "text"]})["c"].values().tolist() == ["2024-01-01", "2024-01-02 18:30", "text"]


def test_members_of_an_enumeration_are_the_text_that_they_hold():
    colour = enum.Enum("Colour", {"RED": "red"}, type=str)
    assert as_table({"c": [colour.RED, "blue", None]})["c"].values().tolist() == ["red", "blue", None]


def test_the_longest_duration_is_its_seconds():
    np.testing.assert_array_equal(
        as_table({"d": [dt.timedelta.max, np.timedelta64(1, "m"), None]})["d"], [86400e9, 60, np.nan]
    )


def test_a_signalling_nan_is_missing():
    np.testing.assert_array_equal(as_table({"d": [decimal.Decimal("sNaN"), decimal.Decimal(1)]})["d"], [np.nan, 1])


def test_a_matrix_and_arrays_without_dimensions_are_taken():
    assert as_table(np.array([[1, 2], [3, 4]]).view(np.matrix))["1"].tolist() == [2, 4]
    assert repr(as_table({"a": np.array(3), "b": np.array("x")})) == "<Table of 1 row: a (numbers), b (text)>"


def test_categories_of_any_kind_become_text():
    table = as_table(pd.DataFrame({"c": pd.Categorical([3, 1, None]), "f": pd.Categorical([1.0, 2.5, 1.0])}))
    assert table["c"].values().tolist() == ["3", "1", None]
    assert table["f"].values().tolist() == ["1", "2.5", "1"]
    assert table["c"].categorical


def test_text_among_other_cells_makes_a_column_text():
    column = as_table({"c": [1, "a", None, 2.0, float("nan"), True]})["c"]
    assert isinstance(column, TextColumn)
    assert column.values().tolist() == ["1", "a", None, "2", None, "True"]


def test_booleans_with_gaps_stay_booleans():
    column = as_table({"c": [True, float("nan"), False, None]})["c"]
    assert isinstance(column, BooleanColumn)
    assert column.values().tolist() == [True, None, False, None]


def test_numbers_of_a_frame_are_not_copied():
    frame = pl.DataFrame({"x": np.arange(5.0)})
    assert np.shares_memory(as_table(frame)["x"], frame["x"].to_numpy())


def test_text_of_a_frame_makes_no_object_for_each_row():
    frame = pl.DataFrame({"t": ["a", "b"] * 1000})
    column = as_table(frame)["t"]
    assert column.codes.dtype == np.int32
    assert sorted(column.labels) == ["a", "b"]


REFUSED = {
    "a lazy frame": (POLARS.lazy(), r"LazyFrame has no rows yet: give x.collect\(\)"),
    "a series": (POLARS["age"], r"with to_frame\(\)"),
    "a pandas series": (POLARS.to_pandas()["age"], r"with to_frame\(\)"),
    "a number": (5, "int is not a table"),
    "one dimension": (np.zeros(3), r"shape of x is \(3,\). Reshape your data: x.reshape\(1, -1\)"),
    "a list of numbers": ([1, 2], "Reshape your data"),
    "three dimensions": (np.zeros((2, 2, 2)), r"shape of x is \(2, 2, 2\)"),
    "ragged rows": ([[1, 2], [3]], "rows that differ in length"),
    "ragged columns": ({"a": [1], "b": [1, 2]}, "'a' has 1 row and 'b' has 2"),
    "cells beside sequences": ({"a": 1, "b": [1]}, "'a' has a single cell and 'b' a sequence"),
    "rows of other names": ([{"a": 1}, {"b": 1}], "Row 1 .* differ in the columns that they have: 'a', 'b'"),
    "a sparse matrix": (scipy.sparse.eye(3, format="csr"), r"sparse matrix.*x.toarray\(\)"),
    "a sparse mapping": (scipy.sparse.dok_array((2, 2)), r"sparse matrix.*x.toarray\(\)"),
    "a record batch": (pa.record_batch({"a": [1]}), "RecordBatch is no frame that narwhals knows"),
    "lists in cells": (pl.DataFrame({"a": [[1]]}), r"'a' is of List\(Int64\)"),
    "structs in cells": (pl.DataFrame({"a": [{"b": 1}]}), "'a' is of Struct"),
    "bytes in a frame": (pl.DataFrame({"a": [b"x"]}), "'a' is of Binary"),
    "bytes": ({"a": ["x", b"x"]}, r"\(bytes\) in row 1 \(counted from 0\); decode it first"),
    "objects": ({"a": [1, {}]}, r"'a' has '\{\}' \(dict\) in row 1"),
    "periods": (pd.DataFrame({"p": pd.period_range("2020-01", periods=3, freq="M")}), r"'p' has '2020-01' \(Period\)"),
    "complex numbers": (np.array([[1j]]), "Complex data not supported: the column '0'"),
    "a complex cell": ({"a": [1, 1j]}, "Complex data not supported: the column 'a' has 1j in row 1"),
    "dates among numbers": ({"a": [1, dt.date(2024, 1, 1)]}, "'a' has dates and numbers"),
    "a number too large": ({"a": [1, 10**400]}, "'a' has 1000.* in row 1 .* no float can hold"),
    "pandas names twice": (pd.DataFrame([[1, 2]], columns=["a", "a"]), "same name, 'a'"),
    "pandas names spelled alike": (pd.DataFrame([[1, 2]], columns=[1, "1"]), "same name, '1'"),
    "pyarrow names twice": (pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), "same name, 'a'"),
    "a column of two dimensions": (
        {"a": np.zeros((2, 2))},
        r"'a' must have one cell for each row, but its shape is \(2, 2\)",
    ),
    "a name that is a number": ({1: [2]}, "name of a column is a string, not 1"),
    "months in cells": ({"a": [np.timedelta64(1, "M")]}, "durations of the column 'a' must be in weeks"),
    "a number of too many digits": ({"a": [1, 10**5000]}, "'a' has a whole number of thousands of digits in row 1"),
    "text beside too many digits": ({"a": ["x", 10**5000]}, "thousands of digits is no label: give it as text"),
    "no rows at all": ([], "x is an empty list"),
    "a set by name": ({"a": {1, 2}}, "'a' must be a sequence with a cell for each row.*, not set"),
    "a frame by name": ({"a": pd.DataFrame({"b": [1]})}, "'a' is DataFrame, which is no series of cells"),
    "bytes by name": ({"a": bytearray(b"x")}, r"\(bytearray\) in row 0"),
    "a row of a frame": (pd.DataFrame({"a": [1]}).iloc[0], r"frame.iloc\[\[number\]\]"),
    "months as durations": ({"a": np.array([1], "timedelta64[M]")}, "weeks, days or shorter"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused_with_a_sentence(given, message):
    with pytest.raises((InvalidArgument, InvalidType), match=message):
        as_table(given)


def test_tables_of_arrays_and_lists_need_numpy_alone():
    program = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"narwhals", "polars", "pandas", "pyarrow", "sklearn", "scipy"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
import numpy as np
from chainrule.data.tables import TableEncoding, as_table
columns = {"age": [38, None, 45, 51], "job": ["baker", "nurse", "nurse", "baker"], "day": np.arange(4).astype("datetime64[D]")}
encoding = TableEncoding.fitted(columns)
assert encoding.transform(columns).shape == (4, encoding.n_outputs)
assert TableEncoding.fitted(np.arange(6).reshape(3, 2)).transform([[1, 2]]).shape == (1, 2)
class Frame:
    columns = ["a"]
try:
    as_table(Frame())
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "narwhals is not installed; it comes with: pip install 'chainrule[tables]'\n"
