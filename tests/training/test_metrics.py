"""Every metric in the catalogue is that of scikit-learn, weighted and for several networks at once."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as theirs
from hypothesis import given
from hypothesis import strategies as st

from chainrule import Network
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.training.classification import decided
from chainrule.training.metrics import METRICS, R2, Accuracy, BinaryAccuracy, CustomMetric, Outcome, checked_metrics

OF_CLASSES = {
    "accuracy": theirs.accuracy_score,
    "balanced_accuracy": theirs.balanced_accuracy_score,
    "macro_f1": lambda y, a, sample_weight: theirs.f1_score(y, a, average="macro", sample_weight=sample_weight),
}
OF_NUMBERS = {
    "mae": theirs.mean_absolute_error,
    "rmse": theirs.root_mean_squared_error,
    "r2": theirs.r2_score,
}


def outcome(kind, seed, n, k):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(n, k))
    weights = rng.random(n) + 0.1 if seed % 2 else None
    if kind == "classes":
        labels = rng.integers(0, max(2, k), n)
        y = np.eye(k)[labels] if k > 1 else labels[:, np.newaxis].astype(float)
    else:
        y = rng.integers(0, 2, (n, k)).astype(float) if kind == "binary" else rng.normal(size=(n, k))
    return Outcome(y, a, weights)


def test_every_metric_is_compared_with_scikit_learn():
    assert {*OF_CLASSES, *OF_NUMBERS, "binary_accuracy"} == set(METRICS.names)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")  # scikit-learn, of classes without rows
@pytest.mark.filterwarnings("ignore:A single label was found")
@pytest.mark.parametrize("name", OF_CLASSES)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 30), k=st.sampled_from([1, 2, 3, 5]))
def test_a_metric_of_classes_is_that_of_scikit_learn(name, seed, n, k):
    given_ = outcome("classes", seed, n, k)
    y, a = decided(given_.y), decided(given_.a)
    expected = OF_CLASSES[name](y, a, sample_weight=given_.weights)
    assert METRICS[name]().measure(given_) == pytest.approx(expected)


@pytest.mark.parametrize("name", OF_NUMBERS)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 30), k=st.integers(1, 3))
def test_a_metric_of_numbers_is_that_of_scikit_learn(name, seed, n, k):
    given_ = outcome("numbers", seed, n, k)
    expected = OF_NUMBERS[name](given_.y, given_.a, sample_weight=given_.weights)
    if name == "rmse":  # scikit-learn averages the roots over the outputs; here it is one root
        expected = np.sqrt(theirs.mean_squared_error(given_.y, given_.a, sample_weight=given_.weights))
    assert METRICS[name]().measure(given_) == pytest.approx(expected)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 30), k=st.integers(1, 4))
def test_binary_accuracy_is_the_share_of_single_decisions(seed, n, k):
    given_ = outcome("binary", seed, n, k)
    weights = None if given_.weights is None else np.repeat(given_.weights, k)
    expected = theirs.accuracy_score(given_.y.ravel(), given_.a.ravel() >= 0.5, sample_weight=weights)
    assert BinaryAccuracy().measure(given_) == pytest.approx(expected)


@pytest.mark.parametrize("metric", list(METRICS), ids=lambda metric: metric.name)
def test_several_networks_are_measured_as_each_alone_and_nothing_is_written_to(metric, rng):
    y = np.eye(3)[rng.integers(0, 3, 12)]
    a, weights = rng.normal(size=(4, 12, 3)), rng.random(12)
    for array in (y, a, weights):
        array.flags.writeable = False
    together = metric().measure(Outcome(y, a, weights))
    assert together.shape == (4,)
    np.testing.assert_allclose(together, [metric().measure(Outcome(y, each, weights)) for each in a])


@pytest.mark.parametrize("metric", list(METRICS), ids=lambda metric: metric.name)
def test_a_metric_says_its_formula_and_which_way_is_up(metric):
    assert metric.formula
    assert metric.higher_is_better in (True, False)
    assert METRICS.resolve(metric.name) == metric()


@pytest.mark.parametrize("y", [[[0.5]], [[1.0, 1.0]], [[2.0]], [[0.3, 0.7]]])
def test_a_metric_of_classes_does_not_fit_where_y_is_not_one_class(y):
    assert not Accuracy().fits(Outcome(np.array(y), np.ones_like(y)))


def test_outputs_whose_targets_are_constant_are_left_out_of_r2():
    y = np.array([[1.0, 5.0], [2.0, 5.0]])
    assert R2().measure(Outcome(y, y + 0.1)) == pytest.approx(1 - 0.02 / 0.5)
    assert not R2().fits(Outcome(np.ones((3, 1)), np.ones((3, 1))))


def test_a_function_of_y_and_a_is_a_metric_and_cannot_spoil_them(rng):
    def largest_error(y, a):
        a -= y
        return np.abs(a).max()

    x, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    nn = Network((2, 1), ("identity",), seed=1, dtype=np.float64)
    history = nn.fit(x, y, metrics=[largest_error, "r2"], validation=(x[:9], y[:9]), epochs=2, verbose=False)
    assert list(history)[5:] == ["largest_error", "r2", "val_J", "val_largest_error", "val_r2"]
    assert history["largest_error"][-1] == pytest.approx(np.abs(nn.predict(x)[:, 0] - y).max())
    assert history["val_r2"][-1] == pytest.approx(theirs.r2_score(y[:9], nn.predict(x[:9])))
    found = nn.evaluate(x, y, metrics=largest_error)
    squared = np.mean((nn.predict(x)[:, 0] - y) ** 2)
    assert found == {"J": pytest.approx(squared), "largest_error": history["largest_error"][-1]}


def test_the_accuracy_of_the_training_rows_is_a_column_where_it_is_asked_for(rng):
    x, y = rng.normal(size=(20, 2)), rng.integers(0, 2, 20)
    nn = Network((2, 2), ("softmax",), seed=1)
    history = nn.fit(x, y, metrics="accuracy", epochs=1, verbose=False)
    assert list(history)[5:] == ["accuracy"]
    assert history["accuracy"] == [nn.evaluate(x, y)["accuracy"]]


@pytest.mark.parametrize(
    ("metrics", "error", "message"),
    [
        (["acuracy"], InvalidArgument, "'acuracy' is not the name of a known metric; did you mean 'accuracy'"),
        (["macro_f1", "macro_f1"], InvalidArgument, "Two metrics are called 'macro_f1'"),
        ([3], InvalidType, "3 is not a metric"),
        (3, InvalidType, "metrics takes a list"),
        (["r2"], InvalidArgument, "The metric 'r2' needs numbers that vary in y"),
    ],
)
def test_what_is_no_metric_or_does_not_fit_is_refused(metrics, error, message):
    nn = Network((2, 2), ("softmax",), seed=1)
    with pytest.raises(error, match=message):
        nn.fit(np.ones((3, 2)), [1, 1, 1], metrics=metrics, verbose=False)


def test_a_function_that_gives_no_number_or_has_a_taken_name_is_refused():
    with pytest.raises(InvalidType, match="must give one real number, not 'x'"):
        CustomMetric(lambda y, a: "x").measure(Outcome(np.ones((2, 1)), np.ones((2, 1))))


@pytest.mark.parametrize("name", ["J", "seconds", "val_J", "val_mine", "accuracy", "r2"])
def test_a_function_whose_name_is_that_of_another_column_is_refused(name):
    def mine(y, a):
        return 0

    mine.__name__ = name
    with pytest.raises(InvalidArgument, match=f"of your own cannot be called '{name}'"):
        checked_metrics([mine])


def test_names_of_metrics_may_be_written_in_any_case():
    assert checked_metrics(["R2", "Macro_F1"])[0] == R2()


@pytest.mark.parametrize("value", [None, "abc", 10**400, np.ones(3), 1j])
def test_a_function_that_gives_no_number_is_found_before_the_first_step(value):
    nn = Network((2, 1), ("identity",), seed=1)
    before = nn.theta.copy()
    with pytest.raises(InvalidType, match="must give one real number"):
        nn.fit(np.ones((3, 2)), [1.0, 2, 3], metrics=[lambda y, a: value], verbose=False)
    np.testing.assert_array_equal(nn.theta, before)
    assert nn.training is None


def test_a_metric_that_needs_every_class_is_tried_on_all_rows():
    def auc(y, a):
        return theirs.roc_auc_score(y[:, 0], a[:, 0])  # refuses rows of a single class

    x = np.linspace(-1, 1, 400)[:, np.newaxis]
    nn = Network((1, 1), ("sigmoid",), seed=1)
    history = nn.fit(x, x[:, 0] > 0, metrics=[auc], epochs=1, verbose=False)
    assert 0 <= history["auc"][0] <= 1
