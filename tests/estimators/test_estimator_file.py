"""Estimators are written to files of data, read again, and their networks used with NumPy alone."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pytest
import scipy.sparse
from sklearn.exceptions import NotFittedError

import chainrule
from chainrule import Adam, AdamW, Clip, CustomActivation, Huber, MLPClassifier, MLPRegressor, Quantile, Relu, schedules
from chainrule.errors import ChainruleError, FileFormatError, FileMissing
from chainrule.estimators.parameter_data import from_parameter_data, to_parameter_data
from tests.estimators.rows import DIABETES, IRIS, labels

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = IRIS
NAMES = np.array(["setosa", "versicolor", "virginica"])

FITTED = {
    "classes by name": lambda: MLPClassifier((8,), max_iter=5, early_stopping=True).fit(X, NAMES[y]),
    "names as objects": lambda: MLPClassifier((8,), max_iter=5, class_weight={"setosa": 2.0}).fit(X, NAMES.astype(object)[y]),
    "numbers": lambda: MLPClassifier(
        [8, 5], activation=("tanh", Relu), max_iter=5, n_iter_no_change=np.inf, n_members=2, learning_rate="one_cycle"
    ).fit(X, y + 7),
    "fractions": lambda: MLPClassifier((8,), max_iter=5, solver=Clip(AdamW(decay=0.1), 1.0)).fit(X, y * 2.0),
    "one class": lambda: MLPClassifier((8,), max_iter=5).fit(X, y * 0),
    "labels": lambda: MLPClassifier((8,), dropout=0.1, batch_norm=True, max_iter=5).fit(*labels()),
    "sparse labels": lambda: MLPClassifier(max_iter=5).fit(labels()[0], scipy.sparse.csr_matrix(labels()[1])),
    "hinge": lambda: MLPClassifier((8,), loss="hinge", max_iter=5).fit(X, y),
    "one against the rest": lambda: MLPClassifier((8,), loss="focal", max_iter=5).fit(X, y),
    "a regression": lambda: MLPRegressor(Huber(0.5), np.array([8]), max_iter=5, solver=Adam).fit(*DIABETES),
    "a schedule": lambda: MLPRegressor(
        learning_rate=schedules.WarmUp(schedules.Cosine(0.01), epochs=1), max_iter=5, metrics=["r2"]
    ).fit(DIABETES[0].astype(np.float32), np.column_stack([DIABETES[1]] * 2)),
    "intervals": lambda: MLPRegressor(Quantile((0.1, 0.5, 0.9)), (8,), max_iter=5).fit(*DIABETES),
}  # fmt: skip


@pytest.fixture(params=FITTED, scope="module")
def fitted(request):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return FITTED[request.param]()


def rows_for(model):
    x = {4: X, 5: labels()[0], 10: DIABETES[0]}[model.n_features_in_]
    return x.astype(model.network_.dtype)


def same(one, other):
    if scipy.sparse.issparse(one):
        one, other = one.toarray(), other.toarray()
    np.testing.assert_array_equal(one, other)
    assert one.dtype == other.dtype


def test_a_file_gives_the_estimator_back(fitted, tmp_path):
    fitted.save(tmp_path / "model.safetensors")
    read = type(fitted).load(tmp_path / "model.safetensors")
    x = rows_for(fitted)
    for method in ("predict", "predict_proba", "decision_function", "predict_members", "predict_interval", "transform"):
        assert hasattr(read, method) == hasattr(fitted, method)
        if hasattr(fitted, method):
            same(getattr(fitted, method)(x), getattr(read, method)(x))
    assert str(read.get_params()) == str(fitted.get_params())
    for name in ("loss_curve_", "n_iter_", "t_", "loss_", "best_loss_", "validation_scores_", "best_validation_score_"):
        assert getattr(read, name) == getattr(fitted, name)
    if isinstance(fitted, MLPClassifier):
        same(fitted.classes_, read.classes_)


def test_saving_leaves_the_estimator_as_it_is(tmp_path):
    model = MLPClassifier(max_iter=2).fit(X, y)
    model.network_.notes["mine"] = {"kept": True}
    model.save(tmp_path / "model.safetensors")
    assert model.network_.notes == {"mine": {"kept": True}}
    assert MLPClassifier.load(tmp_path / "model.safetensors").network_.notes["mine"] == {"kept": True}


def test_what_is_no_data_is_an_error_of_the_family():
    with pytest.raises(ChainruleError, match="is no data") as caught:
        to_parameter_data(np.sin)
    assert isinstance(caught.value, TypeError)


def test_pickles_and_copies_predict_alike_and_go_on(fitted, tmp_path):
    joblib.dump(fitted, tmp_path / "model.joblib")
    x = rows_for(fitted)
    for other in (pickle.loads(pickle.dumps(fitted)), joblib.load(tmp_path / "model.joblib"), copy.deepcopy(fitted)):
        same(fitted.predict(x), other.predict(x))
        assert other.loss_curve_ == fitted.loss_curve_
        np.testing.assert_array_equal(other.network_.training.variables.theta, fitted.network_.training.variables.theta)


def test_a_pickled_training_goes_on_as_it_would_have():
    model = MLPClassifier((8,), max_iter=5, warm_start=True, n_iter_no_change=np.inf, random_state=0).fit(X, y)
    other = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(other.fit(X, y).network_.theta, model.fit(X, y).network_.theta)


def test_a_read_estimator_learns_on(tmp_path):
    model = MLPClassifier((8,), max_iter=30, warm_start=True, random_state=0).fit(X, NAMES[y])
    model.save(tmp_path / "model.safetensors")
    read = MLPClassifier.load(tmp_path / "model.safetensors")
    assert read.fit(X, NAMES[y]).loss_ < model.loss_
    assert read.partial_fit(X, NAMES[y]).n_iter_ == 1


def test_the_names_of_the_columns_are_kept(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    MLPClassifier(max_iter=2).fit(frame, y).save(tmp_path / "model.safetensors")
    read = MLPClassifier.load(tmp_path / "model.safetensors")
    assert read.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names should match"):
        read.predict(frame.rename(columns={"a": "z"}))


def test_numpy_alone_predicts_from_the_file(tmp_path):
    MLPClassifier((8,), max_iter=20, random_state=0).fit(X, NAMES[y]).save(tmp_path / "classes.safetensors")
    MLPRegressor(hidden_layer_sizes=(8,), max_iter=20, random_state=0).fit(*DIABETES).save(
        tmp_path / "numbers.safetensors"
    )
    np.savez(tmp_path / "rows.npz", x=X, d=DIABETES[0])
    code = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("sklearn", "scipy", "pandas", "joblib", "threadpoolctl"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
import json, numpy as np, chainrule
rows = np.load("rows.npz")
classes, numbers = chainrule.load("classes.safetensors"), chainrule.load("numbers.safetensors")
print(json.dumps([classes.predict(rows["x"]).tolist(), classes.predict_classes(rows["x"]).tolist(),
                  numbers.predict(rows["d"])[:, 0].tolist()]))
"""  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    probabilities, classes, numbers = json.loads(done.stdout)
    model = MLPClassifier.load(tmp_path / "classes.safetensors")
    np.testing.assert_array_equal(probabilities, model.predict_proba(X))
    assert classes == model.predict(X).tolist()
    np.testing.assert_array_equal(numbers, MLPRegressor.load(tmp_path / "numbers.safetensors").predict(DIABETES[0]))


def test_parameters_that_no_file_holds_are_left_out_with_a_warning(tmp_path):
    model = MLPClassifier(max_iter=2, metrics=[lambda t, a: 0.5], random_state=np.random.RandomState(0)).fit(X, y)
    with pytest.warns(UserWarning, match="A file cannot hold") as caught:
        model.save(tmp_path / "model.safetensors")
    assert sorted(str(each.message).split()[4].partition("=")[0] for each in caught) == ["metrics", "random_state"]
    assert all(each.filename == __file__ for each in caught)
    read = MLPClassifier.load(tmp_path / "model.safetensors")
    assert (read.metrics, read.random_state, read.max_iter) == (None, None, 2)


@pytest.mark.filterwarnings("ignore:A file cannot hold")
def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(NotFittedError):
        MLPClassifier().save(tmp_path / "model.safetensors")
    sine = CustomActivation(np.sin, np.cos, name="sine")
    with pytest.raises(FileFormatError, match="sine"):
        MLPClassifier(activation=sine, max_iter=1).fit(X, y).save(tmp_path / "model.safetensors")
    model = MLPClassifier(max_iter=1).fit(X, y)
    model.classes_ = np.array([object()] * 3)
    with pytest.raises(FileFormatError, match="cannot be kept in a file"):
        model.save(tmp_path / "model.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_files_of_something_else_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    with pytest.raises(FileMissing):
        MLPClassifier.load(path)
    chainrule.Network((4, 3), ("softmax",)).save(path)
    with pytest.raises(FileFormatError, match="no estimator: chainrule.load reads it"):
        MLPClassifier.load(path)
    MLPRegressor(max_iter=1).fit(*DIABETES).save(path)
    with pytest.raises(FileFormatError, match="holds a MLPRegressor, and no MLPClassifier"):
        MLPClassifier.load(path)


def _damages():
    """Each way to spoil the note of a classifier, and what it is about."""
    note = {"class": "MLPClassifier"}
    yield "none", lambda n: n.clear() or n.update(note)
    for key in ("parameters", "fitted", "feature_names", "own"):
        yield f"no {key}", lambda n, key=key: n.pop(key)
        for value in (3, "text", [1], {"a": 1}):
            yield f"{key} {value}", lambda n, key=key, value=value: n.update({key: value})
    for key, values in {
        "max_iter": [-1, "many", {"number": "inf"}, {"number": "x"}, {"tuple": 3}, {"class": ["loss", "mse"]}],
        "solver": ["adamant", {"member": ["optimizer", "adam", {"beta1": 7}]}, {"class": ["optimizer", "no"]}, {"class": 1}],
        "nonsense": [1],
        "metrics": [{"array": ["O", [1]]}, {"array": ["<U99999999", ["a"]]}, {"items": [[{"tuple": [[]]}, 1]]}, {"a": 1, "b": 2}],
        "alpha": [[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]],
    }.items():  # fmt: skip
        for value in values:
            yield f"{key} {str(value)[:30]}", lambda n, key=key, value=value: n["parameters"].update({key: value})
    for key, value in (
        ("classes", {"array": ["<i8", [0, 1]]}), ("classes", {"array": ["<i8", [[0, 1, 2]]]}), ("classes", 3),
        ("multilabel", 1), ("sparse_labels", "no"),
    ):  # fmt: skip
        yield f"{key} {value}", lambda n, key=key, value=value: n["own"].update({key: value})
    for key, value in (("n_iter_", 1.5), ("n_iter_", -1), ("loss_", "low"), ("loss_curve_", 3), ("loss_curve_", ["a"])):
        yield f"{key} {value}", lambda n, key=key, value=value: n["fitted"].update({key: value})
    yield "three names", lambda n: n.update({"feature_names": ["a", "b", "c"]})


@pytest.mark.parametrize("damage", [pytest.param(damage, id=name) for name, damage in _damages()])
def test_damaged_notes_are_refused_with_a_sentence(damage, tmp_path):
    model = MLPClassifier((3,), max_iter=1, random_state=0).fit(X, y)
    model.save(tmp_path / "model.safetensors")
    network = chainrule.load(tmp_path / "model.safetensors")
    damage(network.notes["estimator"])
    network.save(tmp_path / "damaged.safetensors")
    with pytest.raises(FileFormatError, match=r"damaged|no estimator") as caught:
        MLPClassifier.load(tmp_path / "damaged.safetensors")
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    "change",
    [
        lambda own: own.update(n_targets=2),
        lambda own: own.update(n_targets=None),
        lambda own: own.update(excess={"array": ["<f8", [1.0, 2.0]]}),
        lambda own: own.update(weights={"array": ["<f8", [-1.0]]}),
        lambda own: own.update(excess=[1.0]),
        lambda own: own.pop("weights"),
    ],
)
def test_damaged_calibrations_are_refused(change, tmp_path):
    MLPRegressor("quantile", (3,), max_iter=1).fit(*DIABETES).save(tmp_path / "model.safetensors")
    network = chainrule.load(tmp_path / "model.safetensors")
    change(network.notes["estimator"]["own"])
    network.save(tmp_path / "model.safetensors")
    with pytest.raises(FileFormatError, match="damaged"):
        MLPRegressor.load(tmp_path / "model.safetensors")


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, float("inf"), "text", [1, "a"], (1, (2.0,)), {"a": 1, 3: None}, Adam, Adam(beta1=0.5),
     schedules.WarmUp(schedules.Cosine(0.1)), Quantile((0.1, 0.9))],
    ids=str,
)  # fmt: skip
def test_parameters_come_back_as_they_were(value):
    data = json.loads(json.dumps(to_parameter_data(value), allow_nan=False))
    assert from_parameter_data(data) == value
    assert type(from_parameter_data(data)) is type(value)


def test_classes_of_long_doubles_and_long_names_are_kept(tmp_path):
    path = tmp_path / "model.safetensors"
    for names in (np.array([1, 2, 3], np.longdouble), np.array(["a" * 2000, "b", "c"])):
        model = MLPClassifier((8,), max_iter=2).fit(X, names[y])
        model.save(path)
        read = MLPClassifier.load(path)
        assert read.classes_.dtype == model.classes_.dtype
        np.testing.assert_array_equal(read.classes_, names)
