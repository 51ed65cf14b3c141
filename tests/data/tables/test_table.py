from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from chainrule.data.tables import BooleanColumn, Table, TextColumn, missing_in
from chainrule.errors import InvalidArgument, InvalidType, UnknownKey


@pytest.fixture
def table():
    return Table(
        {
            "age": np.array([38.0, np.nan, 45.0]),
            "job": TextColumn(np.array([1, -1, 0]), ("baker", "nurse")),
            "ok": BooleanColumn(np.array([1, 0, -1])),
            "day": np.array(["2024-01-01", "NaT", "2024-03-01"], "datetime64[D]"),
        }
    )


def test_a_table_has_named_columns_of_one_length(table):
    assert len(table) == 3
    assert table.names == tuple(table) == ("age", "job", "ok", "day")
    assert "age" in table
    assert "wage" not in table
    assert repr(table) == "<Table of 3 rows: age (numbers), job (text), ok (booleans), day (dates)>"
    assert table["job"].values().tolist() == ["nurse", None, "baker"]
    assert table["ok"].values().tolist() == [True, False, None]


def test_every_kind_of_column_knows_its_gaps(table):
    gaps = {name: missing_in(column).tolist() for name, column in table.columns.items()}
    assert gaps == {
        "age": [False, True, False],
        "job": [False, True, False],
        "ok": [False, False, True],
        "day": [False, True, False],
    }
    assert missing_in(np.array([1, 2])).tolist() == [False, False]


@pytest.mark.parametrize("rows", [[2, 0], [], slice(1, None), np.array([True, False, True])])
def test_some_rows_make_a_table(table, rows):
    some = table.take(rows)
    for name in table:
        whole, part = (missing_in(each[name]) for each in (table, some))
        assert part.tolist() == whole[rows].tolist()
    assert some["job"].values().tolist() == table["job"].values()[rows].tolist()


@pytest.mark.parametrize("rows", [[3], [True], 0, "a", [[0], [1, 2]], [0.5]])
def test_rows_that_are_not_there_are_refused(table, rows):
    with pytest.raises(InvalidArgument, match="The table has 3 rows: give a slice, numbers of rows"):
        table.take(rows)


def test_a_slice_of_rows_copies_no_numbers(table):
    assert np.shares_memory(table.take(slice(1, 3))["age"], table["age"])


def test_columns_are_left_out_by_their_names(table):
    assert table.drop("age", "ok").names == ("job", "day")
    with pytest.raises(UnknownKey, match="no column 'jobs'; did you mean 'job'"):
        table.drop("jobs")
    with pytest.raises(UnknownKey, match=r"no column \['job'\]; did you mean 'job'"):
        table.drop(["job"])


def test_a_table_is_made_of_columns_by_name_that_hide_nothing():
    with pytest.raises(InvalidType, match="made of a mapping of names to columns, not list"):
        Table([np.zeros(3)])
    with pytest.raises(InvalidType, match="not MaskedArray; as_table makes such columns"):
        Table({"a": np.ma.array([1.0, 2.0], mask=[True, False])})


def test_a_table_is_read_only_and_can_be_pickled(table):
    with pytest.raises(TypeError):
        table.columns["age"] = np.zeros(3)
    for again in (pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):
        assert again.names == table.names
        np.testing.assert_array_equal(again["age"], table["age"])
        assert again["job"].values().tolist() == table["job"].values().tolist()


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"a": np.zeros(2), "b": np.zeros(3)}, InvalidArgument, "'a' has 2 rows and 'b' has 3"),
        ({1: np.zeros(2)}, InvalidType, "name of a column is a string, not 1"),
        ({"a": np.zeros((2, 2))}, InvalidType, "'a' of a table must be a one-dimensional array"),
        ({"a": np.array(["x"])}, InvalidType, "as_table makes such columns"),
        ({"a": [1, 2]}, InvalidType, "not list"),
    ],
)
def test_what_is_no_table_is_refused(columns, error, message):
    with pytest.raises(error, match=message):
        Table(columns)


@pytest.mark.parametrize(
    ("codes", "labels", "message"),
    [
        ([0, 2], ("a", "b"), "from -1, for missing, to 1"),
        ([0, -2], ("a", "b"), "from -1, for missing, to 1"),
        ([0.0], ("a",), "whole numbers in one dimension"),
        ([[0]], ("a",), "whole numbers in one dimension"),
        ([0], (1,), "are strings"),
        ([0], ("a", "a"), "must differ"),
    ],
)
def test_codes_and_labels_that_do_not_go_together_are_refused(codes, labels, message):
    with pytest.raises((InvalidArgument, InvalidType), match=message):
        TextColumn(np.array(codes), labels)


@pytest.mark.parametrize("codes", [[2], [0.5, 1], [np.nan], ["a"], [[0]]])
def test_codes_of_booleans_are_three(codes):
    with pytest.raises(InvalidArgument, match="1, 0 or -1"):
        BooleanColumn(np.array(codes))
    assert len(BooleanColumn([])) == 0


def test_categories_are_spelled_out_and_those_spelled_alike_are_one():
    column = TextColumn.of_categories(np.array([0, 1, 2, 3, -1, 4]), [1, 1.0, "one", np.nan, 2.5])
    assert column.labels == ("1", "one", "2.5")
    assert column.values().tolist() == ["1", "1", "one", None, None, "2.5"]
    assert column.categorical
