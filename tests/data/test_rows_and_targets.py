"""Rows, weights and targets as people give them."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.data.rows import checked_rows, checked_weights
from chainrule.data.targets import encoded_targets
from chainrule.errors import ChainruleError
from chainrule.functions.losses import MAE, MSE, BinaryCrossEntropy, CrossEntropy, Focal, Hinge, Poisson, Quantile

F32, F64 = np.dtype(np.float32), np.dtype(np.float64)


@pytest.mark.parametrize(
    "x",
    [
        [[1, 2], [3, 4]],
        np.array([[1, 2], [3, 4]], np.int8),
        np.array([[1, 2], [3, 4]], np.float64, order="F"),
        np.array([[1, 9, 2], [3, 9, 4]], np.float32)[:, ::2],
        np.array([[1, 2], [3, 4]], ">f8"),
        np.array([[1, 2], [3, 4]], np.float16),
    ],
)
def test_rows_of_every_real_kind_and_order_become_contiguous_and_stay_as_they_were(x):
    before = np.array(x, copy=True)
    if isinstance(x, np.ndarray):
        x.flags.writeable = False
    rows = checked_rows(x, 2, F32)
    assert rows.tolist() == [[1, 2], [3, 4]]
    assert rows.dtype == F32
    assert rows.flags.c_contiguous
    np.testing.assert_array_equal(x, before)


def test_objects_that_are_numbers_are_numbers():
    assert checked_rows(np.array([[1, 2.5], [True, np.float32(3)]], object), 2, F32).tolist() == [[1, 2.5], [1, 3]]


def test_probabilities_are_brought_to_a_sum_of_1():
    y = encoded_targets([[0.333, 0.333, 0.333]], CrossEntropy(), 1, 3, F64)
    np.testing.assert_allclose(y, 1 / 3, rtol=1e-15)


def test_booleans_are_0_and_1_and_rows_in_the_right_form_are_not_copied():
    assert checked_rows(np.array([[True, False]]), 2, F32).tolist() == [[1, 0]]
    x = np.ones((3, 2), F32)
    assert np.shares_memory(checked_rows(x, 2, F32), x)


@pytest.mark.parametrize("weights", [[1, 0, 2], np.array([1.0, 0, 2])])
def test_weights_become_float64(weights):
    assert checked_weights(weights, 3).tolist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, -2, 1], "sample_weight is -2 in row 1"),
        ([0, 0, 0], "0 in every row"),
        ([1, 1], "one number for each of the 3 rows; its shape is"),
        ([[1], [1], [1]], "one number for each of the 3 rows"),
        ([1, np.nan, 1], "sample_weight is NaN in row 1"),
    ],
)
def test_weights_that_are_none_are_refused(weights, message):
    with pytest.raises(ChainruleError, match=message):
        checked_weights(weights, 3)


@pytest.mark.parametrize(
    ("y", "loss", "k", "expected"),
    [
        ([1, 2], MSE(), 1, [[1], [2]]),
        ([[1, 2], [3, 4]], MSE(), 2, [[1, 2], [3, 4]]),
        ([0, 1], BinaryCrossEntropy(), 1, [[0], [1]]),
        ([True, False], BinaryCrossEntropy(), 1, [[1], [0]]),
        ([[0, 1], [0.25, 1]], BinaryCrossEntropy(), 2, [[0, 1], [0.25, 1]]),
        ([1, 2], MAE(), 1, [[1], [2]]),
        ([1, 2], Quantile(), 1, [[1], [2]]),
        ([1, 2], Quantile((0.1, 0.5, 0.9)), 3, [[1, 1, 1], [2, 2, 2]]),
        ([[1, 3], [2, 4]], Quantile((0.1, 0.9)), 4, [[1, 1, 3, 3], [2, 2, 4, 4]]),
        ([0, 7.5], Poisson(), 1, [[0], [7.5]]),
        ([0, 1], Hinge(), 1, [[0], [1]]),
        ([0, 0.5], Focal(), 1, [[0], [0.5]]),
        ([2, 0], CrossEntropy(), 3, [[0, 0, 1], [1, 0, 0]]),
        ([2.0, 0.0], CrossEntropy(), 3, [[0, 0, 1], [1, 0, 0]]),
        ([[0, 0, 1], [0.5, 0.25, 0.25]], CrossEntropy(), 3, [[0, 0, 1], [0.5, 0.25, 0.25]]),
    ],
)
def test_targets_are_encoded_as_the_loss_needs_them(y, loss, k, expected):
    found = encoded_targets(y, loss, 2, k, F64)
    assert found.tolist() == expected
    assert found.shape == (2, k)


@pytest.mark.parametrize(
    ("y", "loss", "k", "message"),
    [
        ([1, 2], MSE(), 3, r"type: y = np.eye\(3\)\[y\]"),
        ([1.5, 2], MSE(), 3, "needs one for each of them.$"),
        ([[1], [2]], MSE(), 3, "y has 1 column, but the network has 3 outputs"),
        ([1, 2, 3], MSE(), 1, "x has 2 rows and y has 3"),
        ([1, 3], CrossEntropy(), 3, "y is 3 in row 1; with 3 outputs, the classes are whole numbers from 0 to 2"),
        ([-1, 1], CrossEntropy(), 3, "y is -1 in row 0"),
        ([0.5, 1], CrossEntropy(), 3, "y is 0.5 in row 0"),
        ([[1], [2]], CrossEntropy(), 3, r"y.ravel\(\)"),
        ([[1, 1, 0], [0, 1, 0]], CrossEntropy(), 3, "y in row 0 is .*one-hot"),
        ([[-1, 2, 0], [0, 1, 0]], CrossEntropy(), 3, "y in row 0"),
        ([0, 2], BinaryCrossEntropy(), 1, "y is 2 in row 1, column 0"),
        ([[0, 1], [1, -1]], BinaryCrossEntropy(), 2, "y is -1 in row 1, column 1"),
        ([1, -2], Poisson(), 1, "y is -2 in row 1, column 0; Poisson takes counts, which are not negative"),
        ([0, 0.5], Hinge(), 1, "y is 0.5 in row 1, column 0; Hinge takes 0 or 1, and nothing else"),
        ([0, -1], Hinge(), 1, "y is -1 in row 1, column 0; Hinge takes 0 or 1, and nothing else"),
        (
            [1, 2],
            Quantile((0.1, 0.9)),
            3,
            "y has 1 column and Quantile 2 levels, which needs 2 outputs, one for each value at each level; the network has 3",
        ),
        ([[1, 2, 3], [3, 4, 5]], Quantile((0.1, 0.9)), 2, "3 columns and Quantile 2 levels, which needs 6 outputs"),
        (np.zeros((2, 1, 1)), MSE(), 1, "1 or 2 dimensions"),
        (["a", "b"], CrossEntropy(), 3, "y must hold real numbers, not strings"),
        ([[1, np.inf], [1, 2]], MSE(), 2, "y is infinite in row 0, column 1"),
    ],
)
def test_targets_that_do_not_fit_are_refused_with_what_to_type_instead(y, loss, k, message):
    with pytest.raises(ChainruleError, match=message):
        encoded_targets(y, loss, 2, k, F64)


def test_numbers_whose_squares_overflow_are_finite_all_the_same():
    x = np.array([[3e38, -3e38]], np.float32)
    assert checked_rows(x, 2, x.dtype) is x
    for bad in (np.nan, np.inf, -np.inf):
        with pytest.raises(ValueError, match="row 0, column 1"):
            checked_rows(np.array([[3e38, bad]], np.float32), 2, x.dtype)


def test_a_bad_class_is_named_by_its_row_however_far_down_it_is():
    labels = np.zeros(100_000)
    encoded = encoded_targets(labels, CrossEntropy(), len(labels), 3, np.dtype(np.float32), None)
    assert encoded.sum() == encoded[:, 0].sum() == len(labels)
    labels[99_990] = 7
    with pytest.raises(ValueError, match="y is 7 in row 99990; with 3 outputs"):
        encoded_targets(labels, CrossEntropy(), len(labels), 3, np.dtype(np.float32), None)
