from __future__ import annotations

import json
import pickle

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule import Network, load
from chainrule.data.tables import Table, TableEncoding, TextColumn, as_table
from chainrule.data.tables.encoders import DroppedColumn, NumericEncoder
from chainrule.data.tables.output_names import told_apart
from chainrule.errors import FileFormatError, InvalidArgument, InvalidType
from chainrule.files.descriptions import from_data, to_data

COLUMNS = {
    "age": [38, 51, None, 45, 29, 62],
    "job": ["baker", "nurse", "nurse", None, "baker", "cook"],
    "happy": [True, True, False, True, False, None],
    "since": ["2019-03-01", "2020-07-15", "2018-01-08", None, "2023-11-30", "2021-02-02"],
    "country": ["NL"] * 6,
    "id": ["a1", "b2", "c3", "d4", "e5", "f6"],
}


@pytest.fixture
def encoding():
    return TableEncoding.fitted(COLUMNS, min_frequency=1, kinds={"id": "drop"})


def test_every_column_becomes_what_suits_it(encoding):
    assert encoding.kinds == {
        "age": "numeric",
        "job": "category",
        "happy": "boolean",
        "since": "date",
        "country": "dropped",
        "id": "dropped",
    }
    assert encoding.dropped == {"country": "it is always 'NL'", "id": "as asked"}
    assert encoding.n_columns == 6
    assert len(encoding.output_names) == encoding.n_outputs == encoding.transform(COLUMNS).shape[1]
    assert encoding.output_names[:8] == (
        "age", "age missing", "job=baker", "job=cook", "job=nurse", "job missing", "happy", "happy missing",
    )  # fmt: skip
    assert repr(encoding) == f"<TableEncoding of 6 columns as {encoding.n_outputs} numbers>"


def test_an_encoding_reads_as_a_table(encoding):
    lines = str(encoding).splitlines()
    assert lines[0].split() == ["column", "kind", "becomes"]
    assert [line.split()[0] for line in lines[1:]] == list(COLUMNS)
    assert lines[1] == "age      numeric   (x - 45) / 13, clipped smoothly; missing or not"
    assert lines[2] == "job      category  one-hot of 3: baker, cook, nurse; missing or not"
    assert lines[5] == "country  dropped   it is always 'NL'"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_numbers_are_new_finite_and_in_order(encoding, dtype):
    encoded = encoding.transform(COLUMNS, dtype)
    assert encoded.dtype == dtype
    assert encoded.flags.c_contiguous
    assert encoded.flags.owndata
    assert np.isfinite(encoded).all()
    np.testing.assert_allclose(encoded, encoding.transform(COLUMNS), rtol=1e-6)


def test_nothing_is_learned_from_rows_that_are_not_trained_on():
    n = 40
    train = np.arange(0, n, 2)
    rng = np.random.default_rng(0)
    table = {
        "x": rng.normal(size=n),
        "gaps": rng.normal(size=n),
        "t": rng.choice(["a", "b", "c"], n).astype(object),
        "ok": rng.random(n) < 0.5,
        "day": np.datetime64("2024-01-01") + rng.integers(0, 20, n),
        "constant": np.ones(n),
    }
    fitted = TableEncoding.fitted(table, train)
    assert fitted == TableEncoding.fitted(as_table(table).take(train))
    other = np.setdiff1d(np.arange(n), train)
    table["x"][other] = 1e9
    table["gaps"][other] = np.nan
    table["t"][other] = "never seen"
    table["day"][other] = np.datetime64("2031-08-08")
    table["constant"][other] = 2
    assert TableEncoding.fitted(table, train) == fitted


def test_columns_may_be_in_another_order_and_among_others(encoding):
    other = {"target": [1] * 6} | {name: COLUMNS[name] for name in reversed(COLUMNS)}
    np.testing.assert_array_equal(encoding.transform(other), encoding.transform(COLUMNS))


def test_a_column_that_is_dropped_need_not_be_there(encoding):
    kept = {name: cells for name, cells in COLUMNS.items() if name not in encoding.dropped}
    np.testing.assert_array_equal(encoding.transform(kept), encoding.transform(COLUMNS))


def test_a_lacking_column_is_named_with_the_nearest(encoding):
    with pytest.raises(InvalidArgument, match="no column 'happy'; did you mean 'Happy'"):
        encoding.transform({("Happy" if name == "happy" else name): cells for name, cells in COLUMNS.items()})
    with pytest.raises(InvalidArgument, match=r"no column 'age' \(4 columns are missing in all\)"):
        encoding.transform({"wage": [1]})


def test_wide_arrays_take_no_longer_than_wide_tables():
    x = np.arange(4.0).reshape(2, 2)
    columns = TableEncoding.fitted(x).columns[:1] * 2
    looked_at = []

    class Counted(NumericEncoder):
        def __eq__(self, other):
            looked_at.append(other)
            return super().__eq__(other)

        __hash__ = NumericEncoder.__hash__

    wide = tuple(Counted(str(place), columns[0].center, columns[0].spread) for place in range(50))
    TableEncoding(wide, named=False).transform(np.zeros((1, 50)))
    assert not looked_at  # no column is searched for among the others


def test_names_of_what_comes_out_are_told_apart():
    columns = {"c": [1, 2, 3, None] * 2, "c missing": [1, 2, 3, 4] * 2, "t": [*("(rare)", "a", "b") * 2, "x", "y"]}
    encoding = TableEncoding.fitted(columns)
    assert encoding.output_names == (
        "c", "c missing", "c missing (2)", "t=(rare)", "t=a", "t=b", "t=(rare) (2)",
    )  # fmt: skip
    assert told_apart(["a", "a", "a (2)", "a"]) == ("a", "a (3)", "a (2)", "a (4)")


def test_a_description_has_one_line_for_each_column_whatever_the_labels():
    columns = {
        "a\nb": [1, 2, 3] * 2,
        "t": ["", " ", "x\ny"] * 2,
        "long": ["x" * 10**6, "y" * 10**6, "1,5"] * 2,
        "always": ["z" * 10**6] * 6,
    }
    lines = str(TableEncoding.fitted(columns)).splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) < 200
    assert lines[1].startswith(r"'a\nb'")
    assert lines[2].endswith(r"one-hot of 3: '', ' ', 'x\ny'")
    assert "'1,5', xxx" in lines[3]
    assert lines[4].endswith("zzz...'")


def test_arrays_go_by_the_places_of_their_columns():
    x = np.array([[1.0, 5.0, 2.0], [2.0, 5.0, 9.0], [4.0, 5.0, 3.0]])
    encoding = TableEncoding.fitted(x)
    assert list(encoding.dropped) == ["1"]
    by_name = pl.DataFrame({"b": x[:, 0], "a": x[:, 1], "c": x[:, 2]})
    np.testing.assert_array_equal(encoding.transform(by_name), encoding.transform(x))
    np.testing.assert_array_equal(TableEncoding.fitted(by_name).transform(x), encoding.transform(x))
    with pytest.raises(InvalidArgument, match="x has 2 columns, but the encoding takes 3"):
        encoding.transform(x[:, :2])


def test_a_kind_can_be_asked_for():
    columns = {
        "zip": [1011, 2022, 1011, 2022, 3033, 3033],
        "flag": [0, 1, 1, 0, 1, 0],
        "day": ["2024-01-01", "2024-05-01"] * 3,
    }
    encoding = TableEncoding.fitted(columns, kinds={"zip": "category", "flag": "boolean", "day": "category"})
    assert encoding.output_names == ("zip=1011", "zip=2022", "zip=3033", "flag", "day=2024-05-01")
    by_place = TableEncoding.fitted(np.array([[1, 5], [2, 6], [1, 7], [2, 8]]), kinds={0: "category", "1": "numeric"})
    assert by_place.output_names == ("0=2", "1")


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ({"wag": "category"}, "kinds names the column 'wag'; did you mean 'wage'"),
        ({"wage": "categorical"}, "'wage' cannot be of kind 'categorical'; did you mean 'category'"),
        ({"job": "numeric"}, "'job' must hold numbers, but it holds text: 'baker' in row 0"),
        ({"job": "date"}, "'job' must hold dates .* 'baker' in row 0"),
        ({"wage": "boolean"}, r"'wage' must hold booleans \(0 and 1 will do\), .* '3' in row 1"),
        ({"wage": "date"}, "'wage' must hold dates, but it holds numbers"),
    ],
)
def test_a_kind_that_a_column_cannot_be_is_refused(kinds, message):
    with pytest.raises((InvalidArgument, InvalidType), match=message):
        TableEncoding.fitted({"wage": [1, 3], "job": ["baker", "cook"]}, kinds=kinds)


@pytest.mark.parametrize(
    ("given", "settings", "message"),
    [
        ({"a": [1, 1]}, {}, r"No column is left to learn from \('a': it is always 1\)"),
        ({"a": []}, {}, "no rows"),
        ({}, {}, "no rows"),
        ({"a": [1, 2]}, {"rows": []}, "no training rows"),
        ({"a": [1, 2]}, {"rows": [0, 2]}, "There is no row 2: the table has 2"),
        ({"a": [1, 2]}, {"rows": [-1]}, "There is no row -1"),
        ({"a": [1, 2]}, {"rows": [0.5]}, "whole numbers in one dimension"),
        ({"a": [1, 2]}, {"rows": [[0], [0, 1]]}, "whole numbers in one dimension"),
        ({"a": [1, 2]}, {"rows": [True, False]}, r"of a mask, give np.flatnonzero\(mask\)"),
        ({"a": [1, 2]}, {"kinds": "a"}, "kinds must be a mapping of names to kinds, .*, not 'a'"),
        (np.eye(2), {"kinds": {0: "drop", "0": "numeric"}}, "kinds names the column '0' twice"),
        ({"a": ["x"]}, {"smooth_clip": "no"}, "smooth_clip must be True or False"),
        ({"a": ["x"]}, {}, "its only label has a row of its own"),
        ({"a": [1, 2]}, {"max_categories": 0}, "max_categories must be at least 1"),
        ({"a": [1, 2]}, {"min_frequency": 1.5}, "min_frequency must be a whole number"),
        ({"a": [1, float("inf")]}, {}, r"'a' is inf in row 1 \(counted from 0\)"),
        ({"a": [1, 2, float("inf")]}, {"rows": [0, 1]}, r"'a' is inf in row 2 \(counted from 0\)"),
    ],
)
def test_what_cannot_be_fitted_on_is_refused(given, settings, message):
    with pytest.raises((InvalidArgument, InvalidType), match=message):
        TableEncoding.fitted(given, **settings)


@pytest.mark.parametrize(
    ("columns", "named", "message"),
    [
        ((NumericEncoder("a", 0.0, 1.0), NumericEncoder("a", 0.0, 1.0)), True, "same name: 'a'"),
        ((DroppedColumn("a", "as asked"),), True, "No column is left"),
        ((), True, "No column is left to learn from."),
        (("a",), True, "made of column encoders"),
        (None, True, "made of column encoders, not None"),
        ((NumericEncoder("a", 0.0, 1.0),), "yes", "named must be True or False"),
    ],
)
def test_columns_that_make_no_encoding_are_refused(columns, named, message):
    with pytest.raises((InvalidArgument, InvalidType), match=message):
        TableEncoding(columns, named)


def test_a_large_table_is_written_in_blocks_as_in_one(rng):
    n = 3000
    table = Table({"x": rng.normal(size=n), "t": TextColumn(rng.integers(-1, 500, n), tuple(map(str, range(500))))})
    encoding = TableEncoding.fitted(table, max_categories=400, min_frequency=1)
    whole = encoding.transform(table)
    parts = [encoding.transform(table.take(slice(start, start + 7))) for start in range(0, n, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    with pytest.raises(InvalidArgument, match="'x' is inf in row 2999"):
        encoding.transform(Table({"x": np.append(table["x"][:-1], np.inf), "t": table["t"]}))


def test_no_rows_become_no_rows(encoding):
    assert encoding.transform(as_table(COLUMNS).take(slice(0, 0))).shape == (0, encoding.n_outputs)


def test_what_was_given_is_not_modified(encoding):
    frame = pl.DataFrame(COLUMNS)
    before = frame.clone()
    encoding.transform(frame)
    TableEncoding.fitted(frame)
    assert frame.equals(before)


# --- text that is nearly numbers -----------------------------------------------------------------------------------


def test_numbers_with_text_in_one_row_are_refused_with_the_row():
    cells = [str(i / 2) for i in range(30)]
    cells[17] = "n.a."
    with pytest.raises(
        InvalidArgument,
        match=r"'x' has numbers, but text in row 17 \(counted from 0\): 'n.a.'.*kinds=\{'x': 'category'\}",
    ):
        TableEncoding.fitted({"x": cells, "y": range(30)})
    assert (
        TableEncoding.fitted({"x": cells, "y": [*range(30)]}, kinds={"x": "category"}, min_frequency=1).kinds["x"]
        == "category"
    )


def test_a_sign_for_missing_is_found_in_however_many_rows():
    cells = ["?" if i % 3 == 0 else str(i) for i in range(90)]
    with pytest.raises(InvalidArgument, match=r"row 0 \(counted from 0\) and in 29 more: '\?'"):
        TableEncoding.fitted({"x": cells})


def test_dates_with_text_in_some_rows_are_refused_with_the_first():
    cells = [f"2024-01-{day:02}" for day in range(1, 31)]
    cells[4] = cells[9] = "2024-02-30"
    with pytest.raises(InvalidArgument, match=r"'d' has dates, but text in row 4 \(.*\) and in 1 more: '2024-02-30'"):
        TableEncoding.fitted({"d": cells})
    assert TableEncoding.fitted({"d": cells, "y": [*range(30)]}, kinds={"d": "category"}).kinds["y"] == "numeric"


def test_a_long_text_among_numbers_is_shown_in_part():
    with pytest.raises(InvalidArgument) as refused:
        TableEncoding.fitted({"x": [*map(str, range(30)), "x" * 10**6]})
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", "3", "other"] * 5,  # few numbers: names of categories
        [*map(str, range(20)), *("abcdefghij")],  # much text
        [*map(str, range(20))],  # no text: such as postal codes
        ["nan", "inf", "a", "b", "c"] * 3,
        [None] * 9 + ["a"],
    ],
)
def test_text_that_may_well_be_categories_is_taken_as_such(cells):
    assert TableEncoding.fitted({"x": cells, "y": [*range(len(cells))]}).kinds["x"] != "numeric"


def test_declared_categories_are_not_looked_into():
    cells = pl.Series([*map(str, range(20)), "x"] * 2)
    frame = pl.DataFrame({"x": cells, "day": ["2024-01-01", "2024-01-02"] * 21})
    with pytest.raises(InvalidArgument, match="'x' has numbers, but text in row 20"):
        TableEncoding.fitted(frame)
    assert TableEncoding.fitted(frame.cast(pl.Categorical)).kinds == {"x": "category", "day": "category"}


# --- kept and used -------------------------------------------------------------------------------------------------


def test_an_encoding_is_kept_as_plain_data(encoding):
    for again in (
        pickle.loads(pickle.dumps(encoding)),
        from_data(json.loads(json.dumps(to_data(encoding))), "encoder"),
    ):
        assert again == encoding
        assert hash(again) == hash(encoding)
        np.testing.assert_array_equal(again.transform(COLUMNS), encoding.transform(COLUMNS))


def test_ten_thousand_labels_are_kept_as_plain_data():
    labels = [f"label {i}" for i in range(10_000)]
    encoding = TableEncoding.fitted({"t": labels * 2}, max_categories=10_000)
    assert encoding.n_outputs == 10_000
    assert from_data(json.loads(json.dumps(to_data(encoding))), "encoder") == encoding


def test_data_that_is_no_encoding_is_refused(encoding):
    data = to_data(encoding)
    for damage in ({"columns": []}, {"columns": "age"}, {"named": 3}, {"columns": data["columns"] * 2}, {"more": 1}):
        with pytest.raises(FileFormatError):
            from_data(data | damage, "encoder")
    first = data["columns"][0]
    for damage in (
        {"center": None},
        {"center": "a"},
        {"spread": -1.0},
        {"column": 3},
        {"name": "nothing"},
        {"family": "loss"},
    ):
        with pytest.raises(FileFormatError):
            from_data(data | {"columns": [first | damage]}, "encoder")


def test_a_network_takes_the_table_and_so_does_its_file(encoding):
    y = [0, 1, 0, 1, 0, 1]
    nn = Network((encoding.n_outputs, 4, 2), ("relu", "softmax"), encoder=encoding, seed=1)
    nn.fit(COLUMNS, y, epochs=3, verbose=False)
    predicted = nn.predict(COLUMNS)
    assert predicted.shape == (6, 2)
    nn.save("table.safetensors")
    again = load("table.safetensors")
    assert again.encoder == encoding
    np.testing.assert_array_equal(again.predict(pl.DataFrame(COLUMNS)), predicted)


CELLS = {
    "whole": st.integers(-(2**70), 2**70),
    "float": st.floats(allow_infinity=False),
    "text": st.text(max_size=3),
    "bool": st.booleans(),
    "date": st.dates(),
    "moment": st.datetimes(),
    "span": st.timedeltas(),
}


@st.composite
def tables(draw):
    n = draw(st.integers(2, 8))
    kinds = draw(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=5))
    return {
        f"{place} {kind}": draw(st.lists(st.none() | CELLS[kind], min_size=n, max_size=n))
        for place, kind in enumerate(kinds)
    }


@given(tables(), st.integers(1, 3), st.integers(1, 2), st.booleans())
def test_any_table_becomes_finite_numbers_and_its_encoding_comes_back(
    columns, max_categories, min_frequency, smooth_clip
):
    settings = {"max_categories": max_categories, "min_frequency": min_frequency, "smooth_clip": smooth_clip}
    try:
        encoding = TableEncoding.fitted(columns, **settings)
    except InvalidArgument as error:
        if "No column is left" in str(error) or "has numbers, but text" in str(error):
            return
        raise
    encoded = encoding.transform(columns)
    assert np.isfinite(encoded).all()
    assert encoded.shape == (len(next(iter(columns.values()))), len(encoding.output_names))
    again = from_data(json.loads(json.dumps(to_data(encoding), allow_nan=False)), "encoder")
    assert again == encoding
    np.testing.assert_array_equal(again.transform(columns), encoded)
    row = {name: cells[0] for name, cells in columns.items()}
    np.testing.assert_array_equal(encoding.transform(row)[0], encoded[0])
    assert str(encoding)
