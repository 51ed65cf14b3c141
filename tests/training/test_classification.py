from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from chainrule.functions.activations import ACTIVATIONS
from chainrule.training.classification import class_probabilities, classification_report, confusion_matrix, decided


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


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("output", list(ACTIVATIONS), ids=lambda output: output.name)
def test_the_output_activation_says_whether_outputs_are_probabilities_and_they_sum_to_one(output, k):
    a = np.array([[0.25] * k, [0.75] + [0.0] * (k - 1)]) if output.output_range != "distribution" else np.eye(3)
    p = class_probabilities(output(), a)  # values from 0 to 1, whatever it is
    if output.output_range in ("probability", "closed_probability", "distribution"):
        assert p.shape == (len(a), max(2, a.shape[1]))
        np.testing.assert_allclose(p.sum(axis=1), 1)
    else:
        assert p is None


def test_classes_that_all_have_the_probability_0_are_alike():
    p = class_probabilities(ACTIVATIONS["hard_sigmoid"](), np.array([[0.0, 0.0], [0.2, 0.6]]))
    np.testing.assert_allclose(p, [[0.5, 0.5], [0.25, 0.75]])
