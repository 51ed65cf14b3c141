"""The estimators work in everything of scikit-learn that takes an estimator."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.callback import ScoringMonitor
from sklearn.ensemble import BaggingRegressor, StackingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, cross_validate, learning_curve
from sklearn.multioutput import MultiOutputClassifier, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from chainrule import Adam, CustomActivation, MLPClassifier, MLPRegressor
from tests.estimators.rows import DIABETES, IRIS, labels

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = IRIS
QUICK = {"hidden_layer_sizes": (8,), "max_iter": 15, "learning_rate_init": 0.02, "random_state": 0}


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_kinds_are_told():
    assert is_classifier(MLPClassifier())
    assert is_regressor(MLPRegressor())


def test_a_pipeline_takes_it_last_and_in_between():
    model = make_pipeline(StandardScaler(), MLPClassifier(**QUICK)).fit(X, y)
    assert model.score(X, y) > 0.8
    features = make_pipeline(MLPClassifier(**QUICK), LogisticRegression()).fit(X, y)
    assert features[-1].n_features_in_ == 8
    assert features.score(X, y) > 0.9


def test_a_grid_is_searched_in_two_processes():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), MLPClassifier(**QUICK)),
        {"mlpclassifier__n_layers": [0, 2], "mlpclassifier__width": [4, 8], "mlpclassifier__alpha": [1e-4, 1.0]},
        cv=2,
        n_jobs=2,
    ).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_score_ > 0.7


def test_a_search_may_halve_the_candidates_as_the_iterations_grow():
    search = HalvingRandomSearchCV(
        MLPClassifier(**QUICK),
        {"width": [2, 4, 8, 16], "dropout": [0.0, 0.2], "solver": [Adam(beta2=0.95), "sgd"]},
        resource="max_iter",
        min_resources=5,
        max_resources=20,
        cv=2,
        random_state=0,
    ).fit(X, y)
    assert search.n_iterations_ > 1


def test_cross_validation_hands_weights_on(routing):
    weights = np.arange(1, 151)
    model = MLPClassifier(**QUICK).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    weighted = cross_validate(model, X, y, cv=3, params={"sample_weight": weights}, return_estimator=True)
    plain = cross_validate(MLPClassifier(**QUICK), X, y, cv=3, return_estimator=True)
    for one, other in zip(weighted["estimator"], plain["estimator"], strict=True):
        assert not np.array_equal(one.network_.theta, other.network_.theta)
    assert weighted["test_score"].shape == (3,)


def test_a_pipeline_transforms_the_held_out_rows_too(routing):
    model = MLPClassifier(early_stopping=True, **QUICK).set_fit_request(X_val=True, y_val=True)
    pipeline = make_pipeline(StandardScaler(), model, transform_input=["X_val"])
    pipeline.fit(X[::2] + 5, y[::2], X_val=X[1::2] + 5, y_val=y[1::2])
    assert pipeline[-1].best_validation_score_ == pipeline.score(X[1::2] + 5, y[1::2]) > 0.7


def test_weights_are_routed_through_a_pipeline_without_the_new_way_too():
    pipeline = make_pipeline(StandardScaler(), MLPRegressor(**QUICK))
    weights = np.linspace(0.1, 1, len(DIABETES[1]))
    pipeline.fit(*DIABETES, mlpregressor__sample_weight=weights)
    assert pipeline.score(*DIABETES) > 0.2


def test_probabilities_are_calibrated():
    model = CalibratedClassifierCV(MLPClassifier(**QUICK), cv=2).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    margins = CalibratedClassifierCV(MLPClassifier(loss="hinge", **QUICK), cv=2).fit(X, y)
    assert margins.score(X, y) > 0.7


def test_a_clone_has_the_parameters_and_nothing_else():
    sine = CustomActivation(np.sin, np.cos, name="sine")
    model = MLPClassifier((8,), activation=[sine], solver=Adam(beta1=0.5), max_iter=2).fit(X, y)
    other = clone(model)
    assert other.solver == Adam(beta1=0.5)
    assert not hasattr(other, "network_")
    other.fit(X, y)
    assert model.network_ is not other.network_


@pytest.mark.parametrize(("library", "frame"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_hidden_features_are_put_out_as_frames(library, frame):
    model = MLPClassifier(**QUICK).set_output(transform=library)
    features = model.fit_transform(X, y)
    assert isinstance(features, frame)
    assert list(features.columns) == [f"mlpclassifier{i}" for i in range(8)]
    named = frame(dict(zip("abcd", X.T, strict=True)))
    predicted = model.fit(named, y).predict(named)
    assert predicted.shape == (150,)


def test_it_is_drawn_for_notebooks():
    html = make_pipeline(StandardScaler(), MLPClassifier(**QUICK))._repr_html_()
    assert "MLPClassifier" in html
    assert "hidden_layer_sizes" in MLPClassifier(**QUICK).fit(X, y)._repr_html_()
    assert repr(MLPClassifier((8,), alpha=0.1)) == "MLPClassifier(alpha=0.1, hidden_layer_sizes=(8,))"


def test_other_estimators_are_built_upon_it():
    stack = StackingClassifier([("mlp", MLPClassifier(**QUICK)), ("line", LogisticRegression())], cv=2).fit(X, y)
    assert stack.score(X, y) > 0.8
    assert BaggingRegressor(MLPRegressor(**QUICK, alpha=0), 2, random_state=0).fit(*DIABETES).score(*DIABETES) > 0.2
    x, targets = labels()
    assert MultiOutputClassifier(MLPClassifier(**QUICK)).fit(x, targets).predict(x).shape == (120, 2)
    two = np.column_stack([DIABETES[1]] * 2)
    assert RegressorChain(MLPRegressor(**QUICK)).fit(DIABETES[0], two).predict(DIABETES[0]).shape == (442, 2)


def test_its_columns_are_weighed():
    model = MLPClassifier(**QUICK).fit(X, y)
    importance = permutation_importance(model, X, y, n_repeats=2, random_state=0)
    assert importance.importances_mean[2:].max() > importance.importances_mean[:2].max()
    chosen = SequentialFeatureSelector(MLPClassifier(**QUICK), n_features_to_select=1, cv=2).fit(X, y)
    assert chosen.get_support().sum() == 1


def test_a_learning_curve_goes_on_by_partial_fit():
    sizes, train, _ = learning_curve(
        MLPClassifier(**QUICK), X, y, cv=2, train_sizes=[0.5, 1.0], exploit_incremental_learning=True, shuffle=True,
        random_state=0,
    )  # fmt: skip
    assert train.shape == (len(sizes), 2)


# --- sklearn.callback --------------------------------------------------------------------------------------------


class Records:
    """What a callback of scikit-learn is told."""

    def __init__(self, stop_after=None):
        self.tasks, self.scores, self.stop_after, self.ended = [], [], stop_after, 0

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context):
        self.ended += 1

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator, metadata):
        self.tasks.append(context.task_name)
        self.scores.append((fitted_estimator.score(X, y), fitted_estimator.n_iter_, metadata))
        return len(self.tasks) == self.stop_after


def test_an_epoch_is_a_task_with_an_estimator_that_is_fitted_so_far():
    records = Records()
    frame = pd.DataFrame(X, columns=list("abcd"))  # whose names the copies know
    model = MLPClassifier(**QUICK).set_callbacks(records).fit(frame, y, sample_weight=np.ones(150))
    assert records.tasks == [*(f"epoch {i}" for i in range(1, 16)), "fit"]
    assert [n for _, n, _ in records.scores] == [*range(1, 16), 15]
    assert records.scores[-2][0] == records.scores[-1][0] == model.score(frame, y)
    assert records.scores[0][0] < records.scores[-1][0]
    assert set(records.scores[0][2]) == {"sample_weight"}
    assert records.ended == 1


def test_a_callback_stops_the_training():
    model = MLPRegressor(**QUICK).set_callbacks(Records(stop_after=4)).fit(*DIABETES)
    assert model.n_iter_ == 4
    assert model.history_.stopped == "Stopped by a callback in epoch 4."


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_the_scoring_monitor_has_a_score_for_each_epoch(estimator):
    monitor = ScoringMonitor(scoring="accuracy" if estimator is MLPClassifier else "r2")
    rows = IRIS if estimator is MLPClassifier else DIABETES
    estimator(**QUICK).set_callbacks(monitor).fit(*rows)
    log = monitor.get_logs()
    epochs = [row for row in log.data if row["task_name"].startswith("epoch")]
    assert len(epochs) == 15
    name = "accuracy" if estimator is MLPClassifier else "r2"
    assert epochs[0][name] < epochs[-1][name]


def test_callbacks_reach_it_through_a_search():
    monitor = ScoringMonitor(scoring="accuracy")
    GridSearchCV(MLPClassifier(**QUICK).set_callbacks(monitor), {"alpha": [1e-4]}, cv=2).fit(X, y)
    assert sum(row["task_name"].startswith("epoch") for row in monitor.get_logs().data) == 3 * 15


def test_the_progress_bar_shows_the_epochs():
    script = """
import warnings
warnings.simplefilter("ignore")
from sklearn.callback import ProgressBar
from sklearn.datasets import load_iris
from chainrule import MLPClassifier
MLPClassifier((4,), max_iter=20, random_state=0).set_callbacks(ProgressBar()).fit(*load_iris(return_X_y=True))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert "MLPClassifier" in done.stdout + done.stderr
    assert "100%" in done.stdout + done.stderr


def test_without_scikit_learn_one_line_says_what_to_install():
    script = """
import sys
sys.modules["sklearn"] = None
try:
    from chainrule import MLPClassifier
except ImportError as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == ("MissingExtra sklearn is not installed; it comes with: pip install 'chainrule[sklearn]'\n")
