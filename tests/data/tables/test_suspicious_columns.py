"""Columns that are not what they seem: amounts and dates written for people, and numbers of rows."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.data.tables import TableEncoding
from chainrule.data.tables.formatted_text import LOOKED_AT, find_formatted_column, find_formatted_text
from chainrule.data.tables.row_numbers import counts_rows
from chainrule.data.tables.text_column import TextColumn
from chainrule.errors import InvalidType

NUMBERS = [1234.5, 987654.25, 12.75, 100000.0, 45678.9, 3.25]


@pytest.mark.parametrize(
    "labels",
    [
        [f"${n:,.2f}" for n in NUMBERS],
        [f"€ {n:,.0f}" for n in NUMBERS],
        [f"{n:,.2f} USD" for n in NUMBERS],
        [f"-£{n:.2f}" for n in NUMBERS],
        [f"({n:,.0f})" for n in NUMBERS],
        [f"{n:,.2f}".translate({ord(","): ".", ord("."): ","}) for n in NUMBERS],
        [f"{n:,.0f}".replace(",", " ") for n in NUMBERS],
        [f"{n:,.0f}".replace(",", "\u202f") for n in NUMBERS],
        ["5%", "19%", "7.5 %", "20%", "0", "0.5%"],
        ["23.4 kmpl", "17 kmpl", "18.9 kmpl", "20.1 kmpl", "24.8 kmpl"],
        ["19M", "14M", "8.7M", "25M", "2.8M", "201k", "Varies with device"],
        ["1,200", "950", "12", "18", "3,400", "77", "812"],
        ["12 m²", "13 m²", "14 m²", "15.5 m²", "80 m²"],
    ],
)
def test_amounts_are_known_however_they_are_written(labels):
    found = find_formatted_text(labels)
    assert found is not None
    assert found.looks_like == "amounts"
    assert found.example in labels
    assert found.plain == "plain numbers"


@pytest.mark.parametrize(
    "written",
    [
        "05/{0}/2019",
        "{0}.12.2020",
        "{0}-02-21",
        "2024/02/{0}",
        "Feb {0}, 2023",
        "{0} February 2023",
        "{0}-Feb-23",
        "Tue, {0} Feb 2023 18:30:00 +0100",
        "2/{0}/19 3:15 PM",
        "2024-02-{0}T18:30:00+02:00",
    ],
)
def test_dates_in_another_format_are_known(written):
    found = find_formatted_text(written.format(day) for day in range(11, 20))
    assert found == ("dates", written.format(11))
    assert "such as 2024-02-29" in found.plain


@pytest.mark.parametrize(
    "labels",
    [
        ["red", "white", "blue", "green", "black"],
        ["1A", "1B", "2A", "2B", "3C", "3D"],
        ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th"],
        ["SKU001", "ABC123", "C85", "D12", "PC 17599"],
        ["1.2.3", "1.2.4", "2.0.1", "3.1.0", "10.0.0.1"],
        ["18-24", "25-34", "35-44", "45-54", "55+"],
        ["040 123 456", "030 765 432", "089 111 222", "0171 5551", "0221 7770"],
        ["2024-02-29", "2024-03-01", "2024-03-02", "2024-03-03", "2024-03-04"],
        ["1.5", "2.5", "3.5", "4.5", "5.5"],
        ["5%", "10%"],
        ["$5", "$6", "a", "b", "c", "d"],
        [],
        ["x" * 100_000] * 5,
    ],
)
def test_names_codes_and_what_is_plain_already_are_not_suspected(labels):
    assert find_formatted_text(labels) is None


def test_no_more_labels_are_looked_at_than_are_needed():
    labels = iter([f"${n}" for n in range(10 * LOOKED_AT)])
    assert find_formatted_text(labels) is not None
    assert next(labels) == f"${LOOKED_AT}"


def test_the_example_is_of_the_first_row_in_whatever_order_the_labels_are():
    labels = [f"${n}" for n in range(300)]
    for codes in (np.arange(300), np.arange(300)[::-1]):
        found = find_formatted_column(TextColumn(np.append(-1, codes), tuple(labels)))
        assert found == ("amounts", labels[codes[0]])
    assert find_formatted_column(TextColumn(np.zeros(20, int), tuple(labels))) is None  # the others are in no row


def test_columns_declared_as_categories_are_not_suspected():
    amounts = [f"${n},000" for n in range(1, 31)] * 2
    text = TextColumn.of_categories(np.arange(60) % 30, amounts[:30])
    assert "amounts" in str(TableEncoding.fitted({"price": amounts}))
    assert "amounts" not in str(TableEncoding.fitted({"price": text}))


@pytest.mark.parametrize(
    ("label", "kind", "advice"),
    [
        ("${},500", "numeric", r"looks like amounts \('\$1,500'\): convert it to plain numbers first\."),
        ("{}/3/2024", "date", r"looks like dates \('1/3/2024'\): convert it to dates such as 2024-02-29 first\."),
        ("{} or so", "numeric", "Correct it or make it missing"),
    ],
)
def test_a_kind_that_formatted_text_cannot_be_says_what_to_convert_it_to(label, kind, advice):
    with pytest.raises(InvalidType, match=advice):
        TableEncoding.fitted({"x": [label.format(n) for n in range(1, 20)]}, kinds={"x": kind})


def test_numbers_of_rows_are_told_from_other_numbers():
    assert counts_rows(np.arange(20))
    assert counts_rows(np.arange(5, 25, dtype=np.uint8))
    assert counts_rows(np.arange(20.0))
    assert not counts_rows(np.arange(20)[::-1])
    assert not counts_rows(np.arange(0, 40, 2))
    assert not counts_rows(np.arange(20) + 0.5)
    assert not counts_rows(np.append(np.arange(19.0), np.nan))
    assert not counts_rows(np.arange(5))
    assert not counts_rows(np.array([250, 251, 252, 253, 254, 255, 0, 1, 2, 3], np.uint8))
    assert not counts_rows(TextColumn.of_values("a" * 20))
