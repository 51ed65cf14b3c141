from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule import Network
from chainrule.data.example_sets import EXAMPLE_SETS, load_example_set
from chainrule.data.labels import numbered_labels
from chainrule.data.split import random_split, stratified_split
from chainrule.data.standardizer import Standardizer
from chainrule.errors import ChainruleError


@given(
    counts=st.lists(st.integers(1, 30), min_size=1, max_size=6), share=st.floats(0.05, 0.95), seed=st.integers(0, 99)
)
def test_a_split_takes_every_row_once_and_each_class_by_its_share(counts, share, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    n = len(labels)
    if not 0 < round(n * share) < n:
        return
    try:
        train, held_out = stratified_split(labels, share, np.random.default_rng(seed))
    except ChainruleError:
        assert max(counts) == 1
        return
    assert sorted([*train, *held_out]) == list(range(n))
    assert set(labels[train]) == set(range(len(counts)))
    taken = np.bincount(labels[held_out], minlength=len(counts))
    kept_back = taken == np.array(counts) - 1
    assert len(held_out) == round(n * share) or (kept_back.any() and len(held_out) < round(n * share))
    assert (np.abs(taken - np.array(counts) * share) < 1)[~kept_back].all()


@given(n=st.integers(2, 200), share=st.floats(0.05, 0.95), seed=st.integers(0, 99))
def test_a_random_split_takes_every_row_once_and_its_share(n, share, seed):
    if not 0 < round(n * share) < n:
        return
    train, held_out = random_split(n, share, np.random.default_rng(seed))
    assert sorted([*train, *held_out]) == list(range(n))
    assert len(held_out) == round(n * share)
    assert held_out.tolist() == random_split(n, share, np.random.default_rng(seed))[1].tolist()


def test_splits_repeat_with_their_stream_and_differ_without():
    labels = np.arange(100) % 3
    first, second, other = (
        stratified_split(labels, 0.25, np.random.default_rng(seed))[1].tolist() for seed in (1, 1, 2)
    )
    assert first == second != other


@pytest.mark.parametrize("share", [0, 1, -0.5, 0.001])
def test_a_share_that_leaves_a_side_empty_is_refused(share):
    with pytest.raises(ChainruleError, match="share"):
        stratified_split(np.arange(4) % 2, share, np.random.default_rng(0))
    with pytest.raises(ChainruleError, match="share"):
        random_split(4, share, np.random.default_rng(0))


def test_a_standardizer_is_fitted_once_and_applied_to_other_rows(rng):
    x = rng.normal([5, -2, 3], [2, 0.1, 0], size=(200, 3))
    encoder = Standardizer.fitted(x)
    z = encoder.transform(x)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z[:, :2].std(axis=0), 1)
    assert (z[:, 2] == 0).all()  # a constant column
    np.testing.assert_allclose(encoder.transform(x[:1] + 1)[0, 2], 1)
    assert encoder.transform(x.astype(np.float32)).dtype == np.float32
    assert encoder.n_columns == 3


def test_a_column_that_is_constant_but_for_rounding_is_not_blown_up():
    x = np.full((10, 1), 0.1) + np.array([[0], [1e-17]] * 5)
    assert Standardizer.fitted(x * 3).deviation == (1.0,)


def test_large_close_numbers_keep_their_differences_through_an_encoder(rng):
    seconds = 1.7e9 + rng.normal(size=(200, 1)) * 50
    nn = Network((1, 1), ("identity",), encoder=Standardizer.fitted(seconds), seed=1)
    np.testing.assert_allclose(
        nn.forward(seconds).a[1], (seconds - seconds.mean()) / seconds.std(), rtol=1e-4, atol=1e-5
    )


def test_a_standardizer_takes_whole_numbers_and_refuses_what_it_was_not_fitted_on():
    whole = np.array([[1, 10], [2, 30], [3, 20]])
    encoder = Standardizer.fitted(whole)
    np.testing.assert_allclose(encoder.transform(whole), encoder.transform(whole.astype(float)))
    assert encoder.transform(whole.tolist()).std() == pytest.approx(1)
    with pytest.raises(ChainruleError, match="x has 1 column, but the network takes 2"):
        encoder.transform(whole[:, :1])
    with pytest.raises(ChainruleError, match="strings"):
        Standardizer.fitted(whole.astype(str))
    with pytest.raises(ChainruleError, match="rows and columns to fit on"):
        Standardizer.fitted([1, 2])


@pytest.mark.parametrize(("mean", "deviation"), [((0,), (1, 2)), ((0,), (0,)), ((np.nan,), (1,)), ((0,), (np.inf,))])
def test_a_standardizer_that_is_none_is_refused(mean, deviation):
    with pytest.raises(ChainruleError):
        Standardizer(mean, deviation)


def test_labels_of_every_kind_are_numbered_in_their_order():
    numbers, classes = numbered_labels(["b", "a", "b", "c"])
    assert numbers.tolist() == [1, 0, 1, 2]
    assert classes.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("name", list(EXAMPLE_SETS))
def test_every_example_set_has_a_label_for_each_row(name):
    found = load_example_set(name)
    assert len(found.x) == len(found.labels) > 100
    assert found.x.shape[1] == len(set(found.columns))
    assert name == "diabetes" or 2 <= len(set(found.labels.tolist())) <= 10


def test_an_unknown_example_set_is_answered_with_the_nearest():
    with pytest.raises(ChainruleError, match="'digit' is not an example set; did you mean 'digits'"):
        load_example_set("digit")


@pytest.mark.parametrize("size", [1e-310, 1e-200, 1.0, 1e200, 1e308])
def test_columns_of_any_size_are_standardised(size):
    rows = np.random.default_rng(0).uniform(0.1, 1, size=(50, 2))
    encoder, plain = Standardizer.fitted(rows * size), Standardizer.fitted(rows)
    np.testing.assert_allclose(np.array(encoder.mean) / size, plain.mean, rtol=1e-9)
    np.testing.assert_allclose(np.array(encoder.deviation) / size, plain.deviation, rtol=1e-9)
    np.testing.assert_allclose(plain.mean, rows.mean(axis=0))
    np.testing.assert_allclose(plain.deviation, rows.std(axis=0))


def test_a_row_of_weight_2_is_standardised_as_two():
    rows, weights = np.random.default_rng(0).normal(size=(50, 2)), np.arange(50) % 4
    weighted, repeated = Standardizer.fitted(rows, weights), Standardizer.fitted(rows.repeat(weights, axis=0))
    np.testing.assert_allclose(weighted.mean, repeated.mean, rtol=1e-12)
    np.testing.assert_allclose(weighted.deviation, repeated.deviation, rtol=1e-12)
