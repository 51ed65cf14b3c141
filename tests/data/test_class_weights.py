"""Weights of classes become weights of rows, which say the same as the rows repeated."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from chainrule.data.class_weights import class_weights
from chainrule.data.labelled_rows import LabelledRows
from chainrule.errors import ChainruleError
from chainrule.functions.losses import MSE, BinaryCrossEntropy, CrossEntropy, Focal, Hinge, Quantile
from chainrule.network.architecture import Architecture

LABELS = np.array([0, 2, 1, 0, 0, 2])
ONE_HOT = np.eye(3)[LABELS]
BINARY = np.array([[0.0], [1], [1], [0], [0], [0]])


@pytest.mark.parametrize("weights", [None, np.array([1.0, 2, 3, 4, 5, 6])])
def test_balanced_gives_every_class_the_same_share(weights):
    found = class_weights("balanced", ONE_HOT, CrossEntropy(), sample_weight=weights)
    if weights is None:
        np.testing.assert_allclose(found, compute_sample_weight("balanced", LABELS))
        weights = np.ones(6)
    shares = np.bincount(LABELS, found * weights)
    np.testing.assert_allclose(shares, weights.sum() / 3)


def test_balanced_knows_the_classes_of_a_single_output_and_leaves_out_those_without_rows():
    np.testing.assert_allclose(
        class_weights("balanced", BINARY, BinaryCrossEntropy()), [0.75, 1.5, 1.5, 0.75, 0.75, 0.75]
    )
    two_of_three = np.eye(3)[[0, 0, 2]]
    np.testing.assert_allclose(class_weights("balanced", two_of_three, CrossEntropy()), [0.5, 0.5, 1])


@pytest.mark.parametrize(
    ("given", "classes", "expected"),
    [
        ({0: 2, 2: 0.5}, None, [2, 0.5, 1, 2, 2, 0.5]),
        ({"cat": 2, "cow": 0.5}, ("cat", "dog", "cow"), [2, 0.5, 1, 2, 2, 0.5]),
        ({np.str_("cat"): 2, 2: 0.5}, ("cat", "dog", "cow"), [2, 0.5, 1, 2, 2, 0.5]),
        ({7: 2, 9: 0.5}, (7, 8, 9), [2, 0.5, 1, 2, 2, 0.5]),
        ({np.int64(0): 2}, None, [2, 1, 1, 2, 2, 1]),
        ({}, None, [1, 1, 1, 1, 1, 1]),
        ([2, 3, 0], None, [2, 0, 3, 2, 2, 0]),
        (np.array([2.0, 3, 0]), ("cat", "dog", "cow"), [2, 0, 3, 2, 2, 0]),
    ],
)
def test_weights_are_given_by_class_or_in_their_order(given, classes, expected):
    assert class_weights(given, ONE_HOT, CrossEntropy(), classes).tolist() == expected


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), Focal(), Hinge()], ids=str)
def test_a_single_output_has_the_classes_0_and_1(loss):
    assert class_weights({1: 3}, BINARY, loss).tolist() == [1, 3, 3, 1, 1, 1]
    assert class_weights({"ill": 3}, BINARY, loss, ("well", "ill")).tolist() == [1, 3, 3, 1, 1, 1]


NAMES = ("cat", "dog", "cow")


@pytest.mark.parametrize(
    ("given", "y", "loss", "classes", "message"),
    [
        ("balanced", BINARY, MSE(), None, "class_weight is for classes, and MSE learns numbers: .* sample_weight"),
        ("balanced", BINARY, Quantile(), None, "Quantile learns numbers"),
        ("balanced", ONE_HOT, BinaryCrossEntropy(), None, "with 3 outputs learns as many independent yes or no"),
        ("balanced", [[0.5, 0.5, 0]], CrossEntropy(), None, "y in row 0 is a probability"),
        ("balanced", [[1], [0.25]], BinaryCrossEntropy(), None, "y in row 1 is a probability"),
        ("balancd", ONE_HOT, CrossEntropy(), None, "class_weight is 'balancd'; give 'balanced', a mapping"),
        ({3: 1}, ONE_HOT, CrossEntropy(), None, "the class 3, which there is not; the classes are 0, 1, 2"),
        ({0: 1}, ONE_HOT, CrossEntropy(), (7, 8, 9), "the class 0, which there is not; the classes are 7, 8, 9"),
        ({"dgo": 1}, ONE_HOT, CrossEntropy(), NAMES, "the class 'dgo', which there is not; did you mean 'dog'"),
        ({"dog": 1, 1: 2}, ONE_HOT, CrossEntropy(), NAMES, "has the class 'dog' twice, by name and by number"),
        ({0: -1}, ONE_HOT, CrossEntropy(), None, "The class weight of 0 must be a finite number of at least 0, not -1"),
        ({"cat": np.nan}, ONE_HOT, CrossEntropy(), NAMES, "The class weight of 'cat' must be a finite number"),
        ({0: "a"}, ONE_HOT, CrossEntropy(), None, "The class weight of 0 .* not 'a'"),
        ([1, 2], ONE_HOT, CrossEntropy(), None, "class_weight has 2 weights, and there are 3 classes"),
        ([1, np.inf, 1], ONE_HOT, CrossEntropy(), NAMES, "The class weight of 'dog'"),
        ([0, 0, 0], ONE_HOT, CrossEntropy(), None, "class_weight is 0 for every class"),
        (3, ONE_HOT, CrossEntropy(), None, "must be 'balanced', a mapping .* not 3"),
    ],
)
def test_weights_that_make_no_sense_are_refused(given, y, loss, classes, message):
    with pytest.raises(ChainruleError, match=message):
        class_weights(given, np.asarray(y, float), loss, classes)


def checked(sample_weight, **settings):
    architecture = Architecture.dense((2, 3), ("softmax",))
    x = np.arange(12.0).reshape(6, 2)
    return LabelledRows.checked(
        x, LABELS, sample_weight, architecture=architecture, loss=CrossEntropy(), dtype=np.dtype(np.float64), **settings
    )


def test_they_multiply_the_weights_of_rows_before_those_are_scaled():
    own = np.array([1.0, 2, 3, 4, 0, 6])
    rows = checked(own, class_weight={"b": 5}, classes=("a", "b", "c"))
    expected = checked(own * [1, 1, 5, 1, 1, 1])
    np.testing.assert_allclose(rows.weights, expected.weights, rtol=1e-15)
    np.testing.assert_array_equal(rows.x, expected.x)
    assert rows.weights.mean() == pytest.approx(1)


def test_a_class_of_weight_0_is_left_out():
    rows = checked(None, class_weight=[1, 0, 3])
    np.testing.assert_array_equal(rows.x[:, 0], [0, 2, 6, 8, 10])
    np.testing.assert_allclose(rows.weights, np.array([1, 3, 1, 1, 3]) / 1.8)


def test_huge_weights_do_not_overflow():
    np.testing.assert_allclose(checked(np.full(6, 1e300), class_weight=[1e300] * 3).weights, 1)


def test_no_row_left_is_refused():
    with pytest.raises(ChainruleError, match="class_weight, times sample_weight .* is 0 in every row"):
        checked([0, 1, 0, 0, 0, 1], class_weight=[1, 1, 0])


def test_balanced_takes_the_largest_weights_that_there_are():
    y = np.eye(2)[[0, 0, 1]]
    found = class_weights("balanced", y, CrossEntropy(), None, np.full(3, 1e308))
    np.testing.assert_allclose(found, [0.75, 0.75, 1.5])
