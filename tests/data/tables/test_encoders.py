from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.data.tables import TableEncoding, TextColumn
from chainrule.data.tables.encoders import (
    COLUMN_ENCODERS,
    BooleanEncoder,
    CategoryEncoder,
    DateEncoder,
    DroppedColumn,
    NumericEncoder,
    PresenceEncoder,
)
from chainrule.data.tables.robust_scaling import center_and_spread, scaled
from chainrule.errors import InvalidArgument, InvalidType


def written(encoder, cells):
    out = np.zeros((len(cells), encoder.n_outputs))
    encoder.writer(cells)(0, len(cells), out)
    return out


def categories(*values, max_categories=100, min_frequency=1):
    text = TextColumn.of_values(values)
    return CategoryEncoder.fitted("job", text, max_categories=max_categories, min_frequency=min_frequency)


# --- numbers -------------------------------------------------------------------------------------------------------


def test_numbers_are_scaled_by_median_and_quartiles_and_clipped_smoothly(rng):
    x = rng.normal(50, 8, size=1001)
    encoder = NumericEncoder.fitted("x", x)
    q25, median, q75 = np.percentile(x, [25, 50, 75])
    assert (encoder.center, encoder.spread) == pytest.approx((median, q75 - q25), rel=1e-12)
    z = (x - median) / (q75 - q25)
    np.testing.assert_allclose(written(encoder, x)[:, 0], z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-12)
    without = NumericEncoder.fitted("x", x, smooth_clip=False)
    np.testing.assert_allclose(written(without, x)[:, 0], z, rtol=1e-12)


def test_where_the_quartiles_are_equal_the_range_is_the_measure():
    x = np.array([0.0] * 20 + [1.0, 4.0])
    assert NumericEncoder.fitted("x", x).spread == 2


def test_wild_numbers_do_not_move_the_others():
    x = np.arange(100.0)
    wild = np.append(x, [1e30, -1e30])
    encoder = NumericEncoder.fitted("x", wild)
    assert encoder.spread < 60
    assert abs(written(encoder, wild)).max() <= 3


def test_a_gap_is_at_the_center_and_told_by_an_indicator_if_there_were_gaps():
    encoder = NumericEncoder.fitted("x", np.array([1.0, np.nan, 3.0, 5.0]))
    assert encoder.output_names == ("x", "x missing")
    np.testing.assert_array_equal(written(encoder, np.array([np.nan, 3.0])), [[0, 1], [0, 0]])
    full = NumericEncoder.fitted("x", np.array([1, 3, 5]))
    assert full.output_names == ("x",)
    np.testing.assert_array_equal(written(full, np.array([np.nan, 3.0])), [[0], [0]])


def test_a_number_that_never_varies_is_dropped_or_only_its_presence_is_left():
    assert NumericEncoder.fitted("x", np.array([2.0, 2.0])) == DroppedColumn("x", "it is always 2")
    assert NumericEncoder.fitted("x", np.array([0.1 + 0.2, 0.3])) == DroppedColumn("x", "it is always 0.3")
    assert NumericEncoder.fitted("x", np.array([np.nan, np.nan])) == DroppedColumn("x", "it has no values")
    presence = NumericEncoder.fitted("x", np.array([2.0, np.nan]))
    assert presence == PresenceEncoder("x", "2")
    np.testing.assert_array_equal(written(presence, np.array([7.0, np.nan])), [[0], [1]])


def test_infinity_is_refused_with_its_row():
    encoder = NumericEncoder("x", 0.0, 1.0)
    out = np.zeros((2, 1))
    with pytest.raises(InvalidArgument, match=r"'x' is -inf in row 11 \(counted from 0\)"):
        encoder.writer(np.append(np.zeros(11), -np.inf))(10, 12, out)


@given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_of_any_size_become_finite_ones(x):
    for smooth_clip in (True, False):
        encoder = NumericEncoder.fitted("x", x, smooth_clip=smooth_clip)
        if isinstance(encoder, NumericEncoder):
            z = written(encoder, x)[:, 0]
            assert np.isfinite(z.astype(np.float32)).all()
            order = np.argsort(x, kind="stable")
            assert (np.diff(z[order]) >= -1e-12 * np.abs(z).max()).all()
            assert not smooth_clip or np.abs(z).max() <= 3


@given(
    hnp.arrays(np.float64, st.integers(2, 60), elements=st.floats(-1e6, 1e6)),
    st.floats(0.01, 100),
    st.floats(-1e3, 1e3),
)
def test_the_unit_of_a_number_does_not_matter(x, factor, shift):
    found = center_and_spread(x)
    other = center_and_spread(x * factor + shift)
    if found is None or other is None or found.spread < 1e-3:
        return
    np.testing.assert_allclose(
        scaled(x * factor + shift, *other, smooth_clip=True), scaled(x, *found, smooth_clip=True), atol=1e-5
    )


# --- text ----------------------------------------------------------------------------------------------------------


def test_labels_become_one_hot_in_their_order():
    encoder = categories("cook", "baker", "nurse", "cook")
    assert encoder.output_names == ("job=baker", "job=cook", "job=nurse")
    np.testing.assert_array_equal(written(encoder, TextColumn.of_values(["cook", "nurse"])), [[0, 1, 0], [0, 0, 1]])


def test_whole_numbers_among_labels_are_ordered_by_size():
    assert categories("10", "9", "b", "2", "a").labels == ("2", "9", "10", "a", "b")


def test_two_labels_become_minus_one_and_one():
    encoder = categories("m", "f", "m")
    assert encoder.output_names == ("job=m",)
    np.testing.assert_array_equal(written(encoder, TextColumn.of_values(["f", "m", "x", None])), [[-1], [1], [0], [0]])


def test_the_most_frequent_labels_are_kept_and_the_others_share_a_number():
    encoder = categories(*"aaaabbbccd", max_categories=2)
    assert (encoder.labels, encoder.n_rare) == (("a", "b"), 2)
    assert encoder.output_names == ("job=a", "job=b", "job=(rare)")
    np.testing.assert_array_equal(
        written(encoder, TextColumn.of_values(["d", "a", "never seen"])), [[0, 0, 1], [1, 0, 0], [0, 0, 1]]
    )


def test_of_equally_frequent_labels_the_first_by_name_are_kept():
    one, other = (categories(*order, max_categories=2) for order in ("cabcab", "bcabca"))
    assert one == other
    assert one.labels == ("a", "b")


def test_labels_of_few_rows_are_rare():
    encoder = categories(*"aaaabbbccd", min_frequency=3)
    assert (encoder.labels, encoder.n_rare) == (("a", "b"), 2)


def test_a_label_that_was_never_seen_is_nothing_where_none_was_rare():
    encoder = categories("a", "b", "c")
    np.testing.assert_array_equal(written(encoder, TextColumn.of_values(["x"])), [[0, 0, 0]])


def test_missing_text_is_nothing_but_an_indicator_if_there_were_gaps():
    encoder = categories("a", "b", "c", None)
    assert encoder.output_names == ("job=a", "job=b", "job=c", "job missing")
    np.testing.assert_array_equal(written(encoder, TextColumn.of_values([None, "c"])), [[0, 0, 0, 1], [0, 0, 1, 0]])


def test_text_that_tells_nothing_is_dropped():
    assert categories(None, None) == DroppedColumn("job", "it has no values")
    assert categories("a", "a") == DroppedColumn("job", "it is always 'a'")
    assert categories("a", None) == PresenceEncoder("job", "'a'")
    assert "each of its 3 labels has a row of its own" in categories("a", "b", "c", min_frequency=2).reason
    assert "each of its 2 labels has fewer than 3 rows" in categories("a", "a", "b", min_frequency=3).reason


def test_a_note_tells_of_names_and_of_numbers_that_are_text():
    names = [f"name {i % 20}" for i in range(30)]
    assert "20 different labels in 30 rows" in categories(*names).note
    assert "text that spells numbers" in categories(*"1213").note
    amounts = [f"{sign}{n},500.25" for n in range(5) for sign in ("$1", "$2")] * 2
    assert categories(*amounts).note.startswith("text that looks like amounts ('$10,500.25'): it is learned as categor")
    assert "looks like amounts" in categories(*amounts[:10], min_frequency=2).reason  # each label has a row of its own
    assert categories(*"abab").note == ""


def test_whole_numbers_are_labels_where_they_are_asked_to_be():
    encoder = categories("1", "2", "10")
    for cells in (np.array([10, 1]), np.array([10.0, 1.0]), np.array([10.0, 1.0], np.float32)):
        np.testing.assert_array_equal(written(encoder, cells), [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(written(encoder, np.array([np.nan, 2.0])), [[0, 0, 0], [0, 1, 0]])


def test_ten_thousand_labels_keep_their_numbers(rng):
    labels = tuple(f"label {i}" for i in range(10_000))
    text = TextColumn(rng.permutation(np.repeat(np.arange(10_000), 2)), labels)
    encoder = CategoryEncoder.fitted("t", text, max_categories=10_000, min_frequency=2)
    assert encoder.n_outputs == 10_000
    some = text[:300]
    out = written(encoder, some)
    assert (out.sum(axis=1) == 1).all()
    assert [encoder.labels[number] for number in out.argmax(axis=1)] == some.values().tolist()


@given(st.lists(st.sampled_from([None, "a", "b", "c", "d"]), min_size=1), st.integers(1, 5), st.integers(1, 3))
def test_every_row_of_text_has_one_number_or_none(values, max_categories, min_frequency):
    encoder = categories(*values, max_categories=max_categories, min_frequency=min_frequency)
    if isinstance(encoder, CategoryEncoder):
        out = written(encoder, TextColumn.of_values(values))
        gaps = np.array([value is None for value in values])
        labels = out[:, : encoder.n_outputs - encoder.missing]
        assert (np.abs(labels).sum(axis=1) == ~gaps).all()
        assert not encoder.missing or (out[:, -1] == gaps).all()


# --- booleans ------------------------------------------------------------------------------------------------------


def test_booleans_become_minus_one_and_one():
    encoder = BooleanEncoder.fitted("ok", np.array([1, 0, -1], np.int8))
    assert encoder.output_names == ("ok", "ok missing")
    np.testing.assert_array_equal(written(encoder, np.array([True, False])), [[1, 0], [-1, 0]])
    np.testing.assert_array_equal(written(encoder, np.array([1.0, np.nan])), [[1, 0], [0, 1]])
    with pytest.raises(
        InvalidType, match=r"'ok' must hold booleans \(0 and 1 will do\), but it holds numbers: '2' in row 1"
    ):
        encoder.writer(np.array([1, 2]))


def test_booleans_that_never_vary_are_dropped():
    assert BooleanEncoder.fitted("ok", np.array([1, 1], np.int8)) == DroppedColumn("ok", "it is always true")
    assert BooleanEncoder.fitted("ok", np.array([0, -1], np.int8)) == PresenceEncoder("ok", "false")
    assert BooleanEncoder.fitted("ok", np.array([-1], np.int8)) == DroppedColumn("ok", "it has no values")


# --- dates ---------------------------------------------------------------------------------------------------------


def dates_of(*texts, unit="s"):
    return np.array(texts, f"datetime64[{unit}]")


def test_a_date_becomes_its_parts():
    encoder = DateEncoder("d", 0.0, 1.0, ("year", "month", "day"), ("Monday", "Friday"))
    assert encoder.output_names == (
        "d", "d year sine", "d year cosine", "d month sine", "d month cosine", "d day sine", "d day cosine",
        "d=Monday", "d=Friday",
    )  # fmt: skip
    (row,) = written(encoder, dates_of("2024-01-01T06:00"))  # a Monday
    turn = [0.25 / 366, 0.25 / 31, 0.25]
    expected = [f(2 * np.pi * t) for t in turn for f in (np.sin, np.cos)]
    np.testing.assert_allclose(row[1:7], expected, atol=1e-12)
    assert row[7:].tolist() == [1, 0]


@given(st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)), st.sampled_from(["D", "h", "m", "s", "ms", "us"]))
def test_the_parts_of_any_date_are_those_of_the_calendar(moment, unit):
    date = np.array([moment], f"datetime64[{unit}]")
    kept = date.astype("datetime64[us]")[0].astype(dt.datetime)
    encoder = DateEncoder(
        "d",
        0.0,
        1e6,
        ("year", "month", "day"),
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    )
    (row,) = written(encoder, date)
    midnight = kept.replace(hour=0, minute=0, second=0, microsecond=0)
    day = (kept - midnight) / dt.timedelta(days=1)
    in_year = 366 if kept.year % 4 == 0 and (kept.year % 100 or kept.year % 400 == 0) else 365
    in_month = [31, in_year - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][kept.month - 1]
    turns = [(kept.timetuple().tm_yday - 1 + day) / in_year, (kept.day - 1 + day) / in_month, day]
    np.testing.assert_allclose(row[1:7:2], np.sin(2 * np.pi * np.array(turns)), atol=1e-9)
    np.testing.assert_allclose(row[2:7:2], np.cos(2 * np.pi * np.array(turns)), atol=1e-9)
    assert row[7:].tolist() == [float(number == kept.weekday()) for number in range(7)]


def test_only_the_parts_that_vary_are_kept():
    days = np.datetime64("2024-03-04") + np.arange(5)  # Monday to Friday of one month
    encoder = DateEncoder.fitted("d", days)
    assert encoder.cycles == ("month",)
    assert encoder.weekdays == ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    hours = np.datetime64("2024-03-04T00", "h") + np.arange(24)
    assert DateEncoder.fitted("d", hours).cycles == ("day",)
    assert DateEncoder.fitted("d", hours).weekdays == ()
    years = dates_of("2020-01-01", "2021-01-01", "2022-01-01", unit="D")
    assert DateEncoder.fitted("d", years).cycles == ()


def test_how_far_along_a_date_is_goes_by_median_and_quartiles():
    days = np.datetime64("2024-01-01") + np.arange(101)
    encoder = DateEncoder.fitted("d", days, smooth_clip=False)
    np.testing.assert_allclose(written(encoder, days)[:, 0], np.linspace(-1, 1, 101), atol=1e-12)


def test_missing_dates_are_nothing_but_an_indicator():
    encoder = DateEncoder.fitted("d", dates_of("2024-01-01", "NaT", "2024-06-01"))
    assert encoder.missing
    row = written(encoder, dates_of("NaT"))[0]
    assert row.tolist() == [0] * (encoder.n_outputs - 1) + [1]


def test_dates_that_never_vary_are_dropped():
    assert DateEncoder.fitted("d", dates_of("2024-01-01", "2024-01-01", unit="D")) == DroppedColumn(
        "d", "it is always 2024-01-01"
    )
    assert DateEncoder.fitted("d", dates_of("NaT")) == DroppedColumn("d", "it has no values")


def test_text_may_spell_dates():
    encoder = DateEncoder.fitted("d", dates_of("2024-01-01", "2024-02-01", "2024-03-05T12:30"))
    text = TextColumn.of_values(["2024-02-01", None, "2024-03-05 12:30", "2024-03-05T12:30:00Z"])
    np.testing.assert_array_equal(
        written(encoder, text),
        written(encoder, dates_of("2024-02-01", "NaT", "2024-03-05T12:30", "2024-03-05T12:30")),
    )
    with pytest.raises(InvalidType, match=r"'d' must hold dates .* but it holds text: '31.12.2024' in row 1"):
        encoder.writer(TextColumn.of_values(["2024-01-01", "31.12.2024"]))
    with pytest.raises(InvalidType, match="'2024-13-01' in row 0"):
        encoder.writer(TextColumn.of_values(["2024-13-01"]))


@pytest.mark.parametrize("unit", ["Y", "M", "W", "D", "h", "s", "us", "ns"])
def test_the_furthest_dates_become_finite_numbers(unit):
    limits = np.iinfo(np.int64)
    extremes = np.array([limits.min + 1, limits.min + 2, 0, limits.max], np.int64).view(f"datetime64[{unit}]")
    encoder = DateEncoder.fitted("d", extremes)
    assert np.isfinite(written(encoder, extremes)).all()


@pytest.mark.parametrize("unit", ["ns", "ps", "fs", "as"])
def test_dates_may_be_finer_than_any_clock(unit):
    dates = np.array([0, 3 * 10**9, 8 * 10**9], "datetime64[ns]")
    finer = dates.astype(f"datetime64[{unit}]")
    fitted = DateEncoder.fitted("d", finer)
    assert fitted == DateEncoder.fitted("d", dates)
    np.testing.assert_array_equal(written(fitted, finer), written(fitted, dates))


# --- text in one table and something else in another ----------------------------------------------------------------

DAYS = [dt.date(2024, 1, day) for day in (1, 2, 3)]
DRIFT = {
    "postal codes": (["01011", "02022", "03033"], [1011, 2022, 3033]),
    "decimals": (["1.0", "2.50", "x"], [1, 2.5]),
    "whole numbers as text": ([1, 2, 3], ["1", "2", "3"]),
    "more digits than a float has": ([2**53, 2**53 + 1, 2**53 + 2], [2**53, 2**53 + 1, 2**53 + 2]),
    "single precision": (np.array([0.1, 0.2, 0.3], np.float32), [0.1, 0.2, 0.3]),
    "double precision": ([0.1, 0.2, 0.3], np.array([0.1, 0.2, 0.3], np.float32)),
    "booleans as text": (["true", "false", "?"], [True, False]),
    "booleans with gaps as text": (["TRUE", "FALSE", "?"], [True, False, None]),
    "numbers for booleans": ([True, False, True], [1, 0]),
    "booleans for numbers": ([1, 0, 2], [True, False]),
    "days as times": (DAYS, np.array(DAYS, "datetime64[ns]")),
    "times as days": (np.array(DAYS, "datetime64[ns]"), DAYS),
    "days as text": ([str(day) for day in DAYS], DAYS),
    "times as text": (
        ["2024-01-01 18:30", "2024-01-01T18:31:00", "-"],
        [dt.datetime(2024, 1, 1, 18, m) for m in (30, 31)],
    ),
    "far dates": (np.array([2**20, 2**21, 2**22], "datetime64[Y]"), np.array([2**20, 2**21], "datetime64[Y]")),
}


@pytest.mark.parametrize(("known", "given"), DRIFT.values(), ids=DRIFT)
def test_what_says_the_same_as_a_label_is_that_label(known, given):
    encoding = TableEncoding.fitted({"c": known, "other": [1, 2, 3]}, kinds={"c": "category"}, min_frequency=1)
    expected = encoding.transform({"c": known, "other": [2] * 3})[: len(given)]
    encoded = encoding.transform({"c": given, "other": [2] * len(given)})
    gaps = [cell is None for cell in given]
    assert (encoded[gaps] == 0).all()
    np.testing.assert_array_equal(encoded[~np.array(gaps)], expected[~np.array(gaps)])


def test_the_label_spelled_alike_goes_before_another_of_that_number():
    encoder = CategoryEncoder("c", ("01", "1", "x"))
    np.testing.assert_array_equal(written(encoder, np.array([1.0, 7.0])), [[0, 1, 0], [0, 0, 0]])


def test_floats_that_have_lost_digits_are_no_names():
    cells = pd.DataFrame({"c": pd.array([2**53, 2**53 + 1, None] * 2, "Int64")})
    message = r"'c' is 9007199254740992 in row 0 .* Give them as text"
    with pytest.raises(InvalidArgument, match=message):
        TableEncoding.fitted(cells, kinds={"c": "category"})
    encoding = TableEncoding.fitted({"c": [2**53, 2**53 + 1] * 2}, kinds={"c": "category"})
    with pytest.raises(InvalidArgument, match=message):
        encoding.transform(cells)


def test_text_for_numbers_is_refused_with_the_first_that_is_none():
    encoder = NumericEncoder("c", 0.0, 1.0)
    with pytest.raises(InvalidType, match=r"holds text: 'n.a.' in row 2 "):
        encoder.writer(TextColumn.of_values(["1", None, "n.a.", "2"]))
    with pytest.raises(InvalidType, match=r"text that spells them: '1' in row 1 .* Give them as numbers"):
        encoder.writer(TextColumn.of_values([None, "1", "2"]))


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="no wider float here")
def test_what_no_float64_can_hold_is_refused():
    wide = np.array(["1e400", "2", "3"], np.longdouble)
    with pytest.raises(InvalidArgument, match="'c' is inf in row 0"):
        TableEncoding.fitted({"c": wide})
    with pytest.raises(InvalidArgument, match="'c' is inf in row 0"):
        TableEncoding.fitted({"c": wide[1:]}).transform({"c": wide})


# --- all -----------------------------------------------------------------------------------------------------------

CELLS = {
    "numbers": np.array([1.0, 2.0]),
    "booleans": np.array([True, False]),
    "dates": dates_of("2024-01-01", "2024-02-01"),
    "text": TextColumn.of_values(["a", "b"]),
}
TAKES = {
    NumericEncoder("c", 0.0, 1.0): {"numbers", "booleans"},
    BooleanEncoder("c"): {"booleans"},
    DateEncoder("c", 0.0, 1.0): {"dates"},
    CategoryEncoder("c", ("a", "b")): {"text"},
    PresenceEncoder("c", "1"): set(CELLS),
}


@pytest.mark.parametrize("encoder", TAKES, ids=lambda encoder: encoder.name)
@pytest.mark.parametrize("kind", CELLS)
def test_cells_of_another_type_are_refused_with_the_first_of_them(encoder, kind):
    if kind in TAKES[encoder]:
        written(encoder, CELLS[kind])
        return
    with pytest.raises(InvalidType, match=f"'c' must hold .*, but it holds {kind}: .* in row [01] "):
        encoder.writer(CELLS[kind])


@pytest.mark.parametrize("encoder", TAKES, ids=lambda encoder: encoder.name)
def test_a_column_without_values_is_missing_whatever_its_type(encoder):
    empty = [np.full(2, np.nan), TextColumn.of_values([None, None]), dates_of("NaT", "NaT")]
    outs = [written(encoder, cells) for cells in empty]
    for out in outs:
        np.testing.assert_array_equal(out, outs[0])


def test_every_encoder_is_found_by_its_name():
    assert {type(encoder) for encoder in TAKES} | {DroppedColumn} == set(COLUMN_ENCODERS)


@pytest.mark.parametrize(
    "make",
    [
        lambda: NumericEncoder("x", float("nan"), 1.0),
        lambda: NumericEncoder("x", 0.0, 0.0),
        lambda: NumericEncoder("x", 0.0, 1.0, missing=1),
        lambda: NumericEncoder(3, 0.0, 1.0),
        lambda: BooleanEncoder("x", missing="no"),
        lambda: CategoryEncoder("x", ("a",)),
        lambda: CategoryEncoder("x", ("a", "a")),
        lambda: CategoryEncoder("x", ("a", 1)),
        lambda: CategoryEncoder("x", "ab"),
        lambda: CategoryEncoder("x", ("a", "b"), n_rare=-1),
        lambda: CategoryEncoder("x", ("a", "b"), n_rare=1.5),
        lambda: DateEncoder("x", 0.0, 1.0, ("century",)),
        lambda: DateEncoder("x", 0.0, 1.0, (), ("Montag",)),
        lambda: DateEncoder("x", 0.0, -1.0),
        lambda: DroppedColumn("x", 1),
        lambda: PresenceEncoder("x", None),
    ],
)
def test_settings_that_a_fit_never_gives_are_refused(make):
    with pytest.raises((InvalidArgument, InvalidType)):
        make()
