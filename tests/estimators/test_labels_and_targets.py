"""Classes of any kind, several labels, several targets, ensembles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.model_selection import train_test_split
from sklearn.multioutput import MultiOutputClassifier
from sklearn.preprocessing import scale

from chainrule import MLPClassifier, MLPRegressor
from tests.estimators.rows import DIABETES, IRIS, labels, two_classes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = IRIS


@pytest.mark.parametrize(
    "names",
    [
        np.array(["setosa", "versicolor", "virginica"]),
        np.array(["a", "b", "c"], dtype=object),
        np.array([3, 1, 2]),
        np.array([-1, 0, 5], dtype=np.int8),
        np.array([0.5, 1.5, 2.5]) * 2,
    ],
    ids=lambda names: str(names.dtype),
)
def test_classes_may_be_of_any_kind(names):
    model = MLPClassifier((8,), max_iter=60, learning_rate_init=0.02, random_state=0).fit(X, names[y])
    assert model.classes_.tolist() == sorted(names.tolist())
    assert model.score(X, names[y]) > 0.8
    assert model.predict(X).dtype.kind == ("U" if names.dtype.kind in "OU" else names.dtype.kind)
    np.testing.assert_array_equal(model.predict(X), model.classes_[model.predict_proba(X).argmax(axis=1)])
    np.testing.assert_array_equal(model.network_.predict_classes(X).astype(str), _as_text(model.predict(X)))


def _as_text(classes):
    return classes if classes.dtype.kind == "U" else classes.astype(int).astype(str)


@pytest.mark.parametrize(
    "names",
    [np.array(["2020-01-01", "2021-06-30", "2022-12-31"], "datetime64[D]"), np.array([1, 7, 30], "timedelta64[D]")],
    ids=lambda names: str(names.dtype),
)
def test_classes_may_be_dates_and_spans_of_time(names, tmp_path):
    model = MLPClassifier((8,), max_iter=60, learning_rate_init=0.02, random_state=0).fit(X, names[y])
    assert model.score(X, names[y]) > 0.8
    assert model.predict(X).dtype == names.dtype
    model.save(tmp_path / "model.safetensors")
    read = MLPClassifier.load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(read.predict(X), model.predict(X))
    assert read.classes_.dtype == names.dtype
    np.testing.assert_array_equal(read.network_.predict_classes(X), [str(each) for each in model.predict(X)])


def test_classes_may_be_booleans_and_of_pandas():
    x, classes = two_classes()
    model = MLPClassifier((8,), random_state=0).fit(x, classes == 1)
    assert model.predict(x).dtype == bool
    series = pd.Series(np.where(classes == 1, "yes", "no"), dtype="category")
    frame = pd.DataFrame(x, columns=list("abcd"))
    model.fit(frame, series)
    assert model.feature_names_in_.tolist() == list("abcd")
    assert set(model.predict(frame)) == {"yes", "no"}


def test_a_single_class_is_predicted_with_certainty():
    model = MLPClassifier(max_iter=5).fit(X, np.full(150, "only"))
    assert set(model.predict(X)) == {"only"}
    np.testing.assert_array_equal(model.predict_proba(X), np.ones((150, 1)))


@pytest.mark.parametrize("sparse", [False, True])
def test_several_labels_are_learned_by_fit_and_partial_fit(sparse):
    x, targets = labels()
    given = scipy.sparse.csr_matrix(targets) if sparse else targets
    model = MLPClassifier((16,), learning_rate_init=0.01, random_state=0)
    predicted = model.fit(x, given).predict(x)
    assert scipy.sparse.issparse(predicted) is sparse
    assert accuracy_score(targets, predicted.toarray() if sparse else predicted) > 0.9
    assert model.predict_proba(x).shape == (120, 2)
    for _ in range(60):
        model.partial_fit(x, given)
    begun = MLPClassifier((16,), learning_rate_init=0.01, random_state=0)
    for _ in range(100):
        begun.partial_fit(x, targets, classes=[0, 1])
    assert begun.score(x, targets) > 0.9
    assert MLPClassifier(early_stopping=True, max_iter=3).fit(x, given).validation_scores_ is not None


def test_columns_of_several_classes_each_are_refused_with_what_to_take():
    x, targets = labels()
    with pytest.raises(ValueError, match="MultiOutputClassifier"):
        MLPClassifier().fit(x, targets + np.array([0, 1]) + (np.arange(120) % 2)[:, np.newaxis])
    assert MultiOutputClassifier(MLPClassifier((8,), max_iter=50)).fit(x, targets + 1).predict(x).shape == (120, 2)


def test_several_targets_are_each_standardised():
    x, target = DIABETES
    targets = np.column_stack([target, 1000 * target + 7, target[::-1]])
    model = MLPRegressor(hidden_layer_sizes=(16,), alpha=0, random_state=0).fit(x, targets)
    predicted = model.predict(x)
    assert predicted.shape == targets.shape
    scores = r2_score(targets, predicted, multioutput="raw_values")
    assert scores[0] > 0.3
    assert scores[1] == pytest.approx(scores[0], abs=0.05)
    np.testing.assert_allclose(model.network_.target_scaler.deviation, targets.std(axis=0))
    with pytest.raises(ValueError, match="y has 1 columns, and the network has learned 3"):
        model.partial_fit(x, target)


def test_what_is_measured_is_in_the_users_units():
    x, target = DIABETES
    model = MLPRegressor(hidden_layer_sizes=(8,), metrics=["rmse", "r2"], max_iter=30, random_state=0).fit(x, target)
    residuals = target - model.predict(x)
    assert model.history_["rmse"][-1] == pytest.approx(np.sqrt(np.mean(residuals**2)), rel=1e-6)
    assert model.history_["r2"][-1] == pytest.approx(model.score(x, target), abs=1e-6)


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_an_ensemble_has_a_lower_log_loss_than_its_members_on_average(load):
    x, classes = load(return_X_y=True)
    x = scale(x)
    x_train, x_test, y_train, y_test = train_test_split(x, classes, test_size=0.4, random_state=0, stratify=classes)
    model = MLPClassifier((32,), n_members=4, max_iter=20, random_state=0).fit(x_train, y_train)
    members = model.predict_proba_members(x_test)
    assert members.shape == (4, len(x_test), len(model.classes_))
    np.testing.assert_allclose(members.mean(axis=0), model.predict_proba(x_test), atol=1e-12)
    of_each = [log_loss(y_test, member) for member in members]
    assert len(set(of_each)) == 4
    assert log_loss(y_test, model.predict_proba(x_test)) < np.mean(of_each)
    assert model.predict_members(x_test).shape == (4, len(x_test))
    assert model.coefs_[0].shape == (4, x.shape[1], 32)
    assert model.transform(x_test).shape == (len(x_test), 4 * 32)


def test_the_members_of_a_regression_are_in_the_users_units():
    x, target = DIABETES
    model = MLPRegressor(hidden_layer_sizes=(8,), n_members=3, max_iter=20, random_state=0).fit(x, target)
    members = model.predict_members(x)
    assert members.shape == (3, len(x))
    np.testing.assert_allclose(members.mean(axis=0), model.predict(x))
    single = MLPRegressor(hidden_layer_sizes=(8,), max_iter=20, random_state=0).fit(x, target)
    np.testing.assert_array_equal(single.predict_members(x)[0], single.predict(x))


def test_float32_rows_are_computed_in_float32():
    x, target = DIABETES
    for model, rows in ((MLPClassifier((8,), max_iter=3), IRIS), (MLPRegressor(max_iter=3), (x, target))):
        fitted = model.fit(rows[0].astype(np.float32), rows[1])
        assert fitted.network_.dtype == np.float32
        assert fitted.transform(rows[0].astype(np.float32)).dtype == np.float32
        assert all(array.dtype == np.float32 for array in (*fitted.coefs_, *fitted.intercepts_))


@pytest.mark.parametrize("scale_of_y", [1e-300, 1e-200, 1e200, 1e300])
def test_targets_may_be_as_large_or_small_as_numbers_are(scale_of_y):
    x, numbers = DIABETES
    settings = {"hidden_layer_sizes": (8,), "max_iter": 30, "random_state": 0}
    plain = MLPRegressor(**settings).fit(x, numbers).predict(x)
    scaled = MLPRegressor(**settings).fit(x, numbers * scale_of_y).predict(x)
    np.testing.assert_allclose(scaled / scale_of_y, plain, rtol=1e-6)


def test_targets_too_large_for_predictions_in_float32_are_refused():
    x, numbers = DIABETES
    with pytest.raises(ValueError, match=r"y is as large as 3\.46e\+42, .* float32: give X in float64"):
        MLPRegressor().fit(x.astype(np.float32), numbers * 1e40)


@pytest.mark.parametrize("kind", ["datetime64[D]", "timedelta64[D]"])
def test_dates_are_no_numbers_to_learn(kind):
    x, numbers = DIABETES
    with pytest.raises(TypeError, match="y holds .*, and a regression learns numbers"):
        MLPRegressor().fit(x, numbers.astype(kind))
    with pytest.raises((TypeError, ValueError)):
        MLPRegressor(max_iter=1).fit(x, numbers, X_val=x, y_val=numbers.astype(kind))


def test_targets_that_float32_cannot_tell_apart_are_warned_of():
    x, numbers = DIABETES
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=2)
    with pytest.warns(UserWarning, match="float32, in which numbers as large as y are too coarse") as told:
        model.fit(x.astype(np.float32), numbers + 1.7e9)
    assert told[0].filename == __file__
    model.fit(x, numbers + 1.7e9)
    model.fit(x.astype(np.float32), np.full(442, 1.7e9))
