from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from chainrule.training.classification import classification_report, confusion_matrix, decided


@given(seed=st.integers(0, 10**6), n=st.integers(1, 40), k=st.integers(2, 5))
def test_the_report_and_the_confusion_matrix_are_those_of_scikit_learn(seed, n, k):
    rng = np.random.default_rng(seed)
    truth, predicted = rng.integers(0, k, (2, n))
    labels = list(range(k))
    expected = sklearn.metrics.classification_report(truth, predicted, labels=labels, output_dict=True, zero_division=0)
    found = classification_report(truth, predicted, labels)
    for name in map(str, labels):
        theirs = expected[name]
        ours = found[name]
        assert list(ours.values()) == pytest.approx(
            [theirs["precision"], theirs["recall"], theirs["f1-score"], theirs["support"]]
        )
    average = expected["weighted avg"]
    assert found["average"]["f1"] == pytest.approx(average["f1-score"])
    assert found["average"]["support"] == n
    np.testing.assert_array_equal(
        confusion_matrix(truth, predicted, k), sklearn.metrics.confusion_matrix(truth, predicted, labels=labels)
    )


def test_the_class_is_that_of_the_largest_output_or_of_one_half():
    assert decided(np.array([[0.1, 0.7, 0.2], [0.5, 0.4, 0.1]])).tolist() == [1, 0]
    assert decided(np.array([[0.49], [0.5], [0.9]])).tolist() == [0, 1, 1]


def test_a_single_output_is_decided_at_the_threshold():
    assert decided(np.array([[-0.1], [0.0], [0.2]]), threshold=0.0).tolist() == [0, 1, 1]
