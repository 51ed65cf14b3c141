"""Fits that go on, curves, held-out rows, weights, and what is said when something goes wrong."""

from __future__ import annotations

import os
import pickle
import signal
import tracemalloc

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.metrics import balanced_accuracy_score, make_scorer
from sklearn.preprocessing import scale

from chainrule import (
    Adam,
    AdamW,
    CrossEntropy,
    CustomActivation,
    CustomLoss,
    Huber,
    MLPClassifier,
    MLPRegressor,
    Quantile,
    Relu,
    schedules,
)
from chainrule.engines.threads import available_cores
from chainrule.errors import TrainingDiverged
from chainrule.estimators import multilayer_perceptron
from chainrule.estimators.held_out_rows import stratified_where_possible
from tests.estimators.rows import DIABETES, IRIS, labels, two_classes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = IRIS
NEVER = {"n_iter_no_change": np.inf, "random_state": 0}


# --- going on ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"solver": "sgd", "learning_rate_init": 0.1},
        {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2, "learning_rate_init": 0.1},
        {"dropout": 0.3, "batch_norm": True, "batch_size": 40},
        {"n_members": 2, "batch_size": 40},
        {"solver": "lion", "batch_size": 64, "shuffle": False},
    ],
    ids=str,
)
def test_two_warm_started_fits_of_5_are_one_of_10_bit_for_bit(settings):
    model = MLPClassifier((8,), **({"learning_rate": "constant"} | NEVER | settings))
    whole = clone(model).set_params(max_iter=10).fit(X, y)
    twice = model.set_params(max_iter=5, warm_start=True).fit(X, y).fit(X, y)
    np.testing.assert_array_equal(twice.network_.theta, whole.network_.theta)
    np.testing.assert_array_equal(twice.network_.state, whole.network_.state)
    assert twice.loss_curve_ == whole.loss_curve_
    assert twice.history_["learning_rate"] == whole.history_["learning_rate"]
    assert (twice.t_, twice.n_iter_, whole.n_iter_) == (whole.t_, 5, 10)


@pytest.mark.parametrize(("estimator", "rows"), [(MLPClassifier, IRIS), (MLPRegressor, DIABETES)])
def test_partial_fit_100_times_is_a_fit_of_100_epochs_bit_for_bit(estimator, rows):
    settings = NEVER | {"hidden_layer_sizes": (8,), "learning_rate": "constant"}
    model = estimator(**settings) if estimator is MLPClassifier else estimator("huber", **settings)
    whole = clone(model).set_params(max_iter=100).fit(*rows)
    for _ in range(100):
        if estimator is MLPClassifier:
            model.partial_fit(*rows, classes=[0, 1, 2])
        else:
            model.partial_fit(*rows)
    np.testing.assert_array_equal(model.network_.theta, whole.network_.theta)
    assert model.loss_curve_ == whole.loss_curve_
    assert (model.t_, model.n_iter_) == (100 * len(rows[0]), 1)


def test_the_moments_of_adam_go_on():
    model = MLPClassifier((8,), max_iter=5, warm_start=True, **NEVER).fit(X, y)
    m, steps = model.network_.training.variables.remembered["m"], model.network_.training.variables.step
    before = m.copy()
    model.set_params(max_iter=1).fit(X, y)
    after = model.network_.training.variables
    assert after.step == steps + 1
    gradient = (after.remembered["m"] - 0.9 * before) / 0.1
    assert 0 < np.abs(gradient).max() < 1  # m went on from what it was, and not from 0
    assert not np.allclose(after.remembered["m"], 0.1 * gradient)


def test_partial_fit_takes_other_rows_at_each_call_and_other_weights():
    model = MLPClassifier((8,), batch_size=10, random_state=0)
    for start in range(0, 150, 30):
        rows = slice(start, start + 25)
        model.partial_fit(X[rows], y[rows], sample_weight=np.full(25, start + 1), classes=[0, 1, 2])
    assert model.network_.training.epoch == 5
    assert len(model.loss_curve_) == 5
    assert model.t_ == 125


def test_another_solver_starts_anew_from_the_parameters_as_they_are():
    model = MLPClassifier((8,), max_iter=3, warm_start=True, **NEVER).fit(X, y)
    theta = model.network_.theta.copy()
    model.set_params(solver="sgd", learning_rate_init=1e-12, max_iter=1).fit(X, y)
    np.testing.assert_allclose(model.network_.theta, theta, atol=1e-9)
    model.set_params(solver="lbfgs", max_iter=30).fit(X, y)
    assert model.score(X, y) > 0.9


def test_a_warm_start_with_other_layers_is_refused():
    model = MLPClassifier((8,), max_iter=2, warm_start=True, **NEVER).fit(X, y)
    with pytest.raises(ValueError, match=r"keeps its layers.*warm_start=False"):
        model.set_params(hidden_layer_sizes=(9,)).fit(X, y)


@pytest.mark.parametrize(
    ("model", "rows", "other"),
    [
        (MLPRegressor(max_iter=2, warm_start=True), DIABETES, {"loss": "mae"}),
        (MLPRegressor(Huber(1.0), max_iter=2, warm_start=True), DIABETES, {"loss": Huber(2.0)}),
        (MLPRegressor("quantile", max_iter=2, warm_start=True), DIABETES, {"quantiles": (0.1, 0.5, 0.9)}),
        (MLPClassifier(max_iter=2, warm_start=True), two_classes(), {"loss": "mse"}),
    ],
    ids=str,
)
def test_a_warm_start_with_another_loss_is_refused(model, rows, other):
    fitted = clone(model).fit(*rows).set_params(**other)
    for again in (fitted.fit, fitted.partial_fit):
        with pytest.raises(ValueError, match="keeps its loss"):
            again(*rows)
    fitted.set_params(**{name: getattr(model, name) for name in other}).fit(*rows)


def test_a_warm_start_knows_its_loss_by_another_name():
    model = MLPRegressor("squared_error", max_iter=2, warm_start=True).fit(*DIABETES)
    assert model.set_params(loss="mse").fit(*DIABETES).n_iter_ == 2


def test_a_converged_training_goes_on_when_it_is_warm_started():
    model = MLPClassifier((8,), tol=10.0, n_iter_no_change=3, warm_start=True, random_state=0).fit(X, y)
    assert model.n_iter_ == 5
    assert model.fit(X, y).n_iter_ == 4  # the best loss is known now


def test_each_fit_without_warm_start_is_like_the_first():
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=5, **NEVER)
    first = model.fit(*DIABETES).network_.theta.copy()
    np.testing.assert_array_equal(model.fit(*DIABETES).network_.theta, first)
    assert len(model.loss_curve_) == 5


def test_what_a_random_state_draws_is_another_network_each_time():
    model = MLPClassifier((8,), max_iter=1, random_state=np.random.RandomState(0))
    first, second = (model.fit(X, y).network_.seed for _ in range(2))
    assert first != second
    assert MLPClassifier(max_iter=1, random_state=np.random.RandomState(0)).fit(X, y).network_.seed == first
    assert MLPClassifier(max_iter=1, random_state=7).fit(X, y).network_.seed == 7


# --- rates and stopping ------------------------------------------------------------------------------------------


def test_invscaling_divides_by_a_power_of_the_rows_seen():
    model = MLPClassifier(solver="sgd", learning_rate="invscaling", power_t=0.25, learning_rate_init=0.5, max_iter=3)
    rates = model.fit(X, y).history_["learning_rate"]
    np.testing.assert_allclose(rates, [0.5, 0.5 / 151**0.25, 0.5 / 301**0.25])


def test_an_adaptive_rate_falls_by_5_on_plateaus_and_ends_the_training_below_1e_6():
    model = MLPClassifier(solver="sgd", learning_rate="adaptive", tol=10.0, n_iter_no_change=1, max_iter=200)
    rates = np.array(model.fit(X, y).history_["learning_rate"])
    falls = rates[:-1] / rates[1:]
    np.testing.assert_allclose(falls[falls != 1], 5)
    assert rates[0] == 1e-3
    assert rates[-1] <= 1e-6 < rates[-1] * 5
    assert model.n_iter_ < 200


def test_other_solvers_keep_the_rates_of_scikit_learn_constant_as_it_does():
    model = MLPClassifier(learning_rate="invscaling", max_iter=3, random_state=0).fit(X, y)
    assert set(model.history_["learning_rate"]) == {1e-3}


@pytest.mark.parametrize("given", ["one_cycle", schedules.Cosine(0.01), schedules.WarmUp(schedules.Constant(0.01))])
def test_a_schedule_is_spread_over_the_training_without_a_warning_at_its_end(given, recwarn):
    model = MLPClassifier(learning_rate=given, max_iter=10, random_state=0).fit(X, y)
    assert len(set(model.history_["learning_rate"])) > 3
    assert not recwarn


def test_partial_fit_cannot_spread_a_schedule():
    with pytest.raises(ValueError, match=r"spread over a whole training"):
        MLPRegressor(learning_rate="cosine").partial_fit(*DIABETES)
    MLPRegressor(learning_rate=schedules.StepDecay(0.1, every=2)).partial_fit(*DIABETES)


def test_no_rate_means_that_of_the_solver():
    model = MLPClassifier(solver="nesterov", learning_rate_init=None, max_iter=1).fit(X, y)
    assert model.history_["learning_rate"] == [0.05]


def test_a_training_that_runs_out_of_iterations_warns():
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\) reached"):
        MLPClassifier(max_iter=2).fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"max_iter=2 iterations were made"):
        MLPClassifier(max_iter=2, solver="lbfgs").fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"evaluations of J were made, of 5 at most"):
        MLPClassifier(max_fun=5, solver="lbfgs").fit(X, y)


def test_lbfgs_says_what_the_loss_is_after_its_last_step():
    model = MLPClassifier((), solver="lbfgs", alpha=0.5, max_iter=7, random_state=0).fit(X, y)
    penalty = 0.5 / len(X) / 2 * (model.coefs_[0] ** 2).sum()
    assert model.loss_ == pytest.approx(model.network_.evaluate(X, y)["J"] + penalty, rel=1e-12)
    assert model.loss_ < model.loss_curve_[-1]
    assert len(model.loss_curve_) == model.n_iter_ == 7


@pytest.mark.parametrize("learning_rate", ["auto", "constant"])
def test_a_batch_that_is_larger_than_the_rows_is_clipped_with_one_warning(learning_rate, recwarn):
    MLPClassifier(batch_size=1000, learning_rate=learning_rate, max_iter=1).fit(X, y)
    (warning,) = [each for each in recwarn if "going to be clipped" in str(each.message)]
    assert warning.filename == __file__


def test_ctrl_c_stops_gently(recwarn):
    class Interrupts:
        def setup(self, estimator, context): ...
        def teardown(self, estimator, context): ...
        def on_fit_task_begin(self, estimator, context): ...
        def on_fit_task_end(self, estimator, context):
            if context.task_name == "epoch 3":
                os.kill(os.getpid(), signal.SIGINT)

    model = MLPClassifier(max_iter=50, warm_start=True, **NEVER).set_callbacks(Interrupts())
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, y)
    assert model.n_iter_ == 3
    assert model.set_callbacks().fit(X[:100], y[:100] % 3 + (np.arange(100) == 0) * 2).n_iter_ == 50


# --- curves and held-out rows ------------------------------------------------------------------------------------


def test_training_and_validation_curves_are_there():
    model = MLPClassifier(max_iter=12, metrics=["macro_f1"], **NEVER).fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    assert len(model.loss_curve_) == len(model.validation_loss_curve_) == 12
    assert model.validation_loss_curve_[-1] == pytest.approx(model.network_.evaluate(X[1::2], y[1::2])["J"])
    assert {"macro_f1", "val_macro_f1", "val_accuracy"} <= set(model.history_)
    assert model.validation_scores_ is None
    assert model.n_iter_ == 12


def test_early_stopping_judges_by_the_rows_that_are_given_and_puts_the_best_back():
    held_out = X[1::2], y[1::2]
    model = MLPClassifier(early_stopping=True, n_iter_no_change=5, learning_rate_init=0.05, random_state=0)
    model.fit(X[::2], y[::2], X_val=held_out[0], y_val=held_out[1])
    assert model.best_validation_score_ == max(model.validation_scores_) == model.score(*held_out)
    assert model.n_iter_ < 200
    assert model.best_loss_ is None
    assert model.t_ == model.n_iter_ * 75


@pytest.mark.parametrize(
    "scoring", ["neg_log_loss", "balanced_accuracy", "loss", make_scorer(lambda a, b: float(np.mean(a == b)))]
)
def test_any_scorer_judges(scoring):
    held_out = X[1::2], y[1::2]
    model = MLPClassifier(early_stopping=True, scoring=scoring, max_iter=15, **NEVER)
    model.fit(X[::2], y[::2], X_val=held_out[0], y_val=held_out[1])
    if scoring == "loss":
        assert model.validation_scores_ == [-J for J in model.validation_loss_curve_]
    if scoring == "neg_log_loss":
        np.testing.assert_allclose(model.validation_scores_, [-J for J in model.validation_loss_curve_], rtol=1e-6)
    if scoring == "balanced_accuracy":
        assert model.best_validation_score_ == balanced_accuracy_score(held_out[1], model.predict(held_out[0]))
    assert len(model.validation_scores_) == 15


def test_the_weights_of_held_out_rows_count():
    weights = np.where(y[1::2] == 0, 1.0, 0.0)
    model = MLPClassifier(early_stopping=True, max_iter=3, **NEVER)
    model.fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2], sample_weight_val=weights)
    only_these = (y == 0) & (np.arange(150) % 2 == 1)
    assert model.best_validation_score_ == model.score(X[only_these], y[only_these])


def test_several_classes_are_held_out_in_their_shares():
    classes = np.repeat([0, 1, 2], [60, 30, 10])
    assert stratified_where_possible(classes, 0.1) is classes
    assert stratified_where_possible(classes, 0.02) is None
    assert stratified_where_possible(np.append(classes, 3), 0.1) is None
    model = MLPClassifier(early_stopping=True, validation_fraction=0.1, max_iter=2).fit(X[:100], classes)
    assert model.t_ == 180


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"X_val": X}, "X_val is given without y_val"),
        ({"y_val": y}, "y_val is given without X_val"),
        ({"sample_weight_val": y}, "sample_weight_val is given without"),
        ({"X_val": X, "y_val": y + 1}, "classes not in"),
        ({"X_val": X, "y_val": y[:5]}, "inconsistent numbers of samples"),
        ({"X_val": X[:, :2], "y_val": y}, "2 features"),
    ],
)
def test_held_out_rows_that_do_not_fit_are_refused(given, sentence):
    with pytest.raises(ValueError, match=sentence):
        MLPClassifier().fit(X, y, **given)


def test_verbose_prints_each_iteration_and_why_it_stopped(capsys):
    MLPClassifier(max_iter=30, tol=10.0, n_iter_no_change=2, early_stopping=True, verbose=True).fit(X, y)
    printed = capsys.readouterr().out
    assert "Iteration 1, loss = " in printed
    assert "Validation score: 0." in printed
    assert "Validation score did not improve more than tol=10.000000 for 2 consecutive epochs." in printed


# --- weights -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_row_of_weight_2_is_the_row_twice_and_one_of_0_is_none(solver):
    x, targets = DIABETES
    weights = np.random.default_rng(0).integers(0, 4, len(x[:60]))
    model = MLPRegressor(hidden_layer_sizes=(5,), solver=solver, alpha=1.0, max_iter=30, **NEVER)
    weighted = clone(model).fit(x[:60], targets[:60], sample_weight=weights)
    repeated = clone(model).fit(np.repeat(x[:60], weights, 0), np.repeat(targets[:60], weights))
    np.testing.assert_allclose(weighted.predict(x), repeated.predict(x), rtol=1e-6)
    scaler, other = weighted.network_.target_scaler, repeated.network_.target_scaler
    np.testing.assert_allclose([*scaler.mean, *scaler.deviation], [*other.mean, *other.deviation])


def test_class_weights_count_as_weights_of_the_rows():
    x, classes = two_classes()
    weights = np.where(classes == 1, 5.0, 2.0)
    model = MLPClassifier((4,), max_iter=20, **NEVER)
    by_class = clone(model).set_params(class_weight={0: 2.0, 1: 5.0}).fit(x, classes)
    np.testing.assert_array_equal(
        by_class.network_.theta, clone(model).fit(x, classes, sample_weight=weights).network_.theta
    )


def test_balanced_classes_are_counted_with_the_rows_weights():
    x, classes = two_classes()
    weights = np.where(classes == 1, 1, 3)
    model = MLPClassifier((4,), max_iter=20, class_weight="balanced", **NEVER)
    weighted = clone(model).fit(x, classes, sample_weight=weights)
    repeated = clone(model).set_params(batch_size=1000).fit
    with pytest.warns(UserWarning, match="clipped"):
        twin = repeated(np.repeat(x, weights, 0), np.repeat(classes, weights))
    np.testing.assert_allclose(weighted.predict_proba(x), twin.predict_proba(x), rtol=1e-6)
    with pytest.raises(ValueError, match="counts the rows of every class"):
        model.partial_fit(x, classes, classes=[0, 1])


def test_a_rare_class_is_found_more_often_when_classes_are_balanced():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2))
    rare = (x[:, 0] + rng.normal(size=400) > 2.2).astype(int)
    plain = MLPClassifier((8,), random_state=0).fit(x, rare)
    balanced = MLPClassifier((8,), class_weight="balanced", random_state=0).fit(x, rare)
    found, found_balanced = (model.predict(x)[rare == 1].mean() for model in (plain, balanced))
    assert found_balanced > max(0.7, found + 0.2)


# --- the same meaning as scikit-learn's --------------------------------------------------------------------------


def test_alpha_without_a_hidden_layer_is_that_of_ridge():
    x, targets = DIABETES
    targets = np.column_stack([targets, targets[::-1]])
    for columns in (targets[:, 0], targets):
        model = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", alpha=0.7, tol=1e-9, max_iter=5000, random_state=0)
        expected = Ridge(alpha=0.7).fit(scale(x), columns)
        np.testing.assert_allclose(
            model.fit(scale(x), columns).predict(scale(x)), expected.predict(scale(x)), rtol=1e-4
        )


def test_alpha_without_a_hidden_layer_is_that_of_logistic_regression():
    model = MLPClassifier((), solver="lbfgs", alpha=2.0, tol=1e-9, max_iter=5000, random_state=0).fit(X, y)
    expected = LogisticRegression(C=0.5, tol=1e-9, max_iter=5000).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(X), atol=2e-4)


def test_poisson_is_learned_in_counts():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    counts = rng.poisson(np.exp(1 + x[:, 0]))
    model = MLPRegressor("poisson", (), solver="lbfgs", alpha=0.0, tol=1e-9, max_iter=5000, random_state=0)
    expected = PoissonRegressor(alpha=0, tol=1e-9, max_iter=5000).fit(x, counts)
    np.testing.assert_allclose(model.fit(x, counts).predict(x), expected.predict(x), rtol=1e-4)
    assert model.network_.target_scaler is None
    assert model.out_activation_ == "exp"
    with pytest.raises(ValueError, match="not negative"):
        model.fit(x, counts - 1)


def test_targets_of_any_size_are_learned_alike():
    x, targets = DIABETES
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=30, **NEVER)
    small = clone(model).fit(x, targets).predict(x)
    large = clone(model).fit(x, 1e6 * targets - 5e8).predict(x)
    np.testing.assert_allclose(large, 1e6 * small - 5e8, rtol=1e-6)


def test_sparse_rows_are_learned_like_dense_ones():
    dense = X * (np.random.default_rng(0).random(X.shape) < 0.4)
    model = MLPClassifier((8,), max_iter=5, batch_size=40, **NEVER)
    expected = clone(model).fit(dense, y)
    for form in (scipy.sparse.csr_matrix, scipy.sparse.csc_array, scipy.sparse.csr_array):
        sparse = clone(model).fit(form(dense), y)
        np.testing.assert_array_equal(sparse.network_.theta, expected.network_.theta)
        np.testing.assert_array_equal(sparse.transform(form(dense)), expected.transform(dense))
        np.testing.assert_array_equal(sparse.predict_proba(form(dense)), expected.predict_proba(dense))


def test_wide_sparse_rows_are_never_dense_all_at_once():
    wide = scipy.sparse.random_array((6000, 5000), density=1e-3, format="csr", rng=0)
    classes = np.arange(6000) % 2
    tracemalloc.start()
    MLPClassifier((2,), batch_size=50, max_iter=1, random_state=0).fit(wide, classes).predict(wide)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.5 * 6000 * 5000 * 8


# --- layers, losses, solvers -------------------------------------------------------------------------------------


def test_hidden_layers_have_activations_of_their_own():
    sine = CustomActivation(np.sin, np.cos, name="sine")
    model = MLPClassifier((6, 5, 4), activation=["logistic", Relu, sine], max_iter=5, random_state=0).fit(X, y)
    assert [str(f) for f in model.network_.activations.values()][:2] == ["Sigmoid", "Relu"]
    assert model.network_.activations[4] == sine
    assert [w.shape for w in model.coefs_] == [(4, 6), (6, 5), (5, 4), (4, 3)]
    with pytest.raises(ValueError, match=r"activation has 2 entries and there are 3 hidden layers"):
        model.set_params(activation=["relu", "tanh"]).fit(X, y)


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ({"n_layers": 2, "width": 7}, (7, 7)),
        ({"width": 9}, (9, 9)),
        ({"n_layers": 3}, (5, 5, 5)),
        ({"n_layers": 0}, ()),
        ({}, (5, 6)),
    ],
)
def test_layers_are_given_by_their_number_and_width(given, sizes):
    model = MLPClassifier((5, 6), max_iter=1, **given).fit(X, y)
    assert model.network_.dimensions == (4, *sizes, 3)
    assert model.n_layers_ == len(sizes) + 2


def test_dropout_and_batch_norms_stand_behind_the_hidden_layers():
    model = MLPClassifier((5, 6), dropout=[0.1, 0.0], batch_norm=True, max_iter=1).fit(X, y)
    names = [layer.name for layer in model.network_.architecture.layers]
    assert names == ["dense", "batch_norm", "dropout", "dense", "batch_norm", "dense"]
    assert len(model.intercepts_) == 3


def test_batch_norms_are_not_left_a_batch_of_one_row():
    MLPClassifier((5,), batch_norm=True, max_iter=1).fit(*two_classes(201))
    with pytest.raises(ValueError, match="n_samples = 1"):
        MLPRegressor(batch_norm=True).fit([[1.0, 2.0]], [1.0])


@pytest.mark.parametrize("loss", ["focal", "hinge", "mse", "huber", "cross_entropy", "binary_cross_entropy", "mae"])
@pytest.mark.parametrize("rows", [IRIS, two_classes()], ids=["three classes", "two classes"])
def test_a_classifier_learns_by_every_loss_that_goes_with_classes(loss, rows):
    x, classes = rows
    model = MLPClassifier((16,), loss=loss, learning_rate_init=0.01, random_state=0).fit(x, classes)
    assert model.score(x, classes) > 0.85
    if loss == "hinge":
        margins = model.decision_function(x)
        decided = np.argmax(margins, axis=1) if margins.ndim == 2 else (margins >= 0).astype(int)
        np.testing.assert_array_equal(decided, model.predict(x))
        assert not hasattr(model, "predict_proba")
    else:
        probabilities = model.predict_proba(x)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        np.testing.assert_array_equal(model.predict(x), probabilities.argmax(axis=1))
        assert not hasattr(model, "decision_function")


def test_a_loss_of_ones_own_is_learned():
    fourth = CustomLoss(lambda t, a: (a - t) ** 4, lambda t, a: 4 * (a - t) ** 3, name="fourth power")
    assert MLPRegressor(fourth, (8,), alpha=0, random_state=0).fit(*DIABETES).score(*DIABETES) > 0.3
    assert MLPRegressor(Huber(0.5), (8,), alpha=0, random_state=0).fit(*DIABETES).score(*DIABETES) > 0.3
    assert MLPRegressor("absolute_error", (8,), alpha=0, random_state=0).fit(*DIABETES).score(*DIABETES) > 0.3


def test_losses_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"learns numbers, and no classes"):
        MLPClassifier(loss=Quantile()).fit(X, y)
    with pytest.raises(ValueError, match=r"learns classes, and no numbers"):
        MLPRegressor(loss=CrossEntropy).fit(X, y)
    with pytest.raises(ValueError, match=r"several labels"):
        MLPClassifier(loss="cross_entropy").fit(*labels())


@pytest.mark.parametrize("solver", ["muon", "rmsprop", AdamW(decay=0.1), Adam])
def test_every_optimizer_is_a_solver(solver):
    model = MLPClassifier((8, 8), solver=solver, learning_rate_init=0.01, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.8


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"hidden_layer_sizes": np.array(5)}, "whole numbers"),
        ({"activation": "rely"}, "activation"),
        ({"solver": "adamm"}, "solver"),
        ({"learning_rate": "cosin"}, "learning_rate"),
        ({"dropout": 1.5}, "dropout"),
        ({"hidden_layer_sizes": (4, -1)}, "hidden_layer_sizes must be > 0"),
        ({"hidden_layer_sizes": (), "n_layers": 2}, "give width, too"),
        ({"solver": "lbfgs", "n_members": 2}, "members"),
        ({"solver": "lbfgs", "dropout": 0.5}, "dropout"),
        ({"scoring": "acuracy", "early_stopping": True}, "scoring"),
        ({"metrics": ["macro_f"]}, "macro_f1"),
        ({"n_threads": 0}, "n_threads"),
        ({"engine": "cuda"}, "engine"),
    ],
)
def test_parameters_that_are_none_are_refused_with_a_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        MLPClassifier(**settings).fit(X, y)


def test_numbers_that_leave_the_finite_ones_are_told_of_with_layer_and_epoch():
    model = MLPRegressor(solver="sgd", learning_rate_init=1e6, random_state=0)
    with pytest.raises(ValueError, match=r"non-finite parameter weights.*epoch \d+, batch \d+"):
        model.fit(*DIABETES)


def test_a_fit_that_fails_leaves_no_network_of_an_earlier_one():
    model = MLPClassifier((8,), solver="sgd", learning_rate_init=0.1, max_iter=5).fit(X, y)
    with pytest.raises(ValueError, match="non-finite"):
        model.set_params(learning_rate_init=1e300).fit(X, y > 0)
    assert not hasattr(model, "coefs_")
    with pytest.raises(NotFittedError):
        model.predict(X)
    refused = MLPRegressor(hidden_layer_sizes=(8,), max_iter=5).fit(*DIABETES)
    with pytest.raises(ValueError, match="10 features|inconsistent"):
        refused.fit(DIABETES[0], DIABETES[1][:5])
    assert refused.predict(DIABETES[0]).shape == (442,)  # it was refused before anything was learned


def test_a_divergence_is_told_of_as_scikit_learn_and_as_chainrule_do_and_passes_between_processes():
    model = MLPRegressor(solver="sgd", learning_rate_init=1e9, random_state=0)
    with pytest.raises(TrainingDiverged) as caught:
        model.fit(*DIABETES)
    error = caught.value
    assert isinstance(error, ValueError)
    assert (error.layer, error.epoch, error.batch) == (3, 2, 1)
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other), other.layer, other.epoch, other.batch) == (type(error), str(error), 3, 2, 1)


def test_with_early_stopping_a_training_that_diverges_warns_and_ends_with_its_best_parameters():
    model = MLPRegressor(solver="sgd", learning_rate_init=1e9, early_stopping=True, random_state=0)
    with pytest.warns(ConvergenceWarning, match=r"diverged: .* epoch 2, batch 2\..* those of epoch 1 in") as caught:
        model.fit(*DIABETES)
    assert [each.filename for each in caught] == [__file__]
    assert np.isnan(model.validation_scores_[-1])
    assert np.isnan(model.loss_curve_[-1])
    assert len(model.validation_scores_) == len(model.loss_curve_) == model.n_iter_
    assert np.isfinite(model.predict(DIABETES[0])).all()


def test_early_stopping_without_a_best_epoch_is_no_result():
    model = MLPRegressor(solver="sgd", learning_rate_init=1e300, early_stopping=True, random_state=0)
    with pytest.raises(ValueError, match=r"non-finite.*epoch 1, batch"):
        model.fit(*DIABETES)
    assert not hasattr(model, "coefs_")


def test_threads_are_limited_in_fit_and_predict(monkeypatch):
    seen = []
    real = multilayer_perceptron.limited_threads
    monkeypatch.setattr(multilayer_perceptron, "limited_threads", lambda n: (seen.append(n), real(n))[1])
    model = MLPClassifier((8,), max_iter=2, n_threads=1).fit(X, y)
    assert model.network_.training.threads == 1
    model.predict(X)
    assert model.history_.engine == "numpy"
    assert seen == [1]
    monkeypatch.setattr("chainrule.engines.threads.WORTHWHILE_OPERATIONS", 1e6)
    large = np.random.default_rng(0).normal(size=(400, 300))
    many = MLPClassifier((300,), max_iter=1, n_threads=64).fit(large, np.arange(400) % 2)
    assert many.network_.training.threads == available_cores()


# --- what is in it -----------------------------------------------------------------------------------------------


def test_the_arrays_are_views_of_the_networks():
    model = MLPClassifier((8,), max_iter=2, random_state=0).fit(X, y)
    before = model.predict_proba(X)
    model.coefs_[1][...] *= 2
    assert not np.allclose(model.predict_proba(X), before)
    np.testing.assert_array_equal(model.network_.w[2], model.coefs_[1])
    np.testing.assert_array_equal(model.network_.b[1], model.intercepts_[0])


def test_nothing_is_there_before_fit():
    model = MLPClassifier()
    for name in ("coefs_", "intercepts_", "n_layers_", "n_outputs_", "out_activation_", "history_"):
        assert not hasattr(model, name)


def test_hidden_features_are_what_the_output_layer_receives():
    model = MLPClassifier((8, 5), activation="tanh", max_iter=5, random_state=0).fit(X, y)
    hidden = model.transform(X)
    np.testing.assert_allclose(hidden, model.network_.forward(X).a[3])
    assert list(model.get_feature_names_out()) == [f"mlpclassifier{i}" for i in range(5)]
    z = hidden @ model.coefs_[-1] + model.intercepts_[-1]
    odds = np.exp(z - z.max(axis=1, keepdims=True))
    np.testing.assert_allclose(odds / odds.sum(axis=1, keepdims=True), model.predict_proba(X))


def test_without_hidden_layer_the_features_are_the_columns():
    model = MLPRegressor(hidden_layer_sizes=(), max_iter=1).fit(*DIABETES)
    np.testing.assert_array_equal(model.transform(DIABETES[0]), DIABETES[0])


# --- parameters that change after a fit ----------------------------------------------------------------------------


def test_what_the_outputs_are_follows_from_what_was_learned():
    by_likelihood = MLPClassifier((8,), max_iter=3, random_state=0).fit(X, y)
    by_likelihood.set_params(loss="hinge")
    assert not hasattr(by_likelihood, "decision_function")
    np.testing.assert_allclose(by_likelihood.predict_proba(X).sum(axis=1), 1)
    by_margin = MLPClassifier((8,), loss="hinge", max_iter=3, random_state=0).fit(X, y).set_params(loss="log_loss")
    assert not hasattr(by_margin, "predict_proba")
    assert by_margin.decision_function(X).shape == (150, 3)


def test_quantiles_are_there_where_they_were_learned():
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=3).fit(*DIABETES).set_params(loss="quantile")
    assert not hasattr(model, "predict_quantiles")
    assert not hasattr(model, "predict_interval")
    model = MLPRegressor("quantile", (8,), max_iter=3).fit(*DIABETES).set_params(loss="squared_error")
    assert model.predict_quantiles(DIABETES[0]).shape == (442, 3)


def test_other_quantiles_are_refused_by_their_levels():
    model = MLPRegressor("quantile", (8,), max_iter=3, warm_start=True).fit(*DIABETES).set_params(quantiles=(0.1, 0.9))
    with pytest.raises(ValueError, match=r"0\.95\)\), and the parameters ask for Quantile\(levels=\(0\.1, 0\.9\)\)"):
        model.fit(*DIABETES)


# --- weights that cannot be learned with ----------------------------------------------------------------------------


def test_a_class_of_weight_0_is_as_good_as_absent_in_the_penalty_too():
    settings = {"batch_size": 10, "alpha": 1.0, "learning_rate": "constant", "max_iter": 5, "random_state": 0}
    by_class = MLPClassifier((8,), class_weight={0: 0.0, 1: 1.0, 2: 1.0}, **settings).fit(X, y)
    by_row = MLPClassifier((8,), **settings).fit(X, y, sample_weight=(y > 0) * 1.0)
    np.testing.assert_array_equal(by_class.network_.theta, by_row.network_.theta)
    assert by_class.t_ == by_row.t_ == 5 * 100


@pytest.mark.parametrize("class_weight", [{0: -1.0}, {0: np.nan}, {0: 0, 1: 0, 2: 0}, {2: np.inf}], ids=str)
def test_class_weights_that_are_none_are_named(class_weight):
    with pytest.raises(ValueError, match="class_weight=.* must give finite weights from 0 on"):
        MLPClassifier(class_weight=class_weight).fit(X, y)


@pytest.mark.parametrize("model", [MLPClassifier(max_iter=2), MLPRegressor(max_iter=2)])
def test_weights_with_an_infinite_sum_are_refused(model):
    with pytest.raises(ValueError, match="sum of the rows' weights is infinite"):
        model.fit(X, y, sample_weight=np.full(150, 1e308))


def test_a_penalty_that_would_be_infinite_is_refused():
    weights = np.full(150, 1e-320)
    with pytest.raises(ValueError, match=r"alpha=0\.0001, divided by a batch's weight of .* is infinite"):
        MLPClassifier(alpha=1e-4, max_iter=2).fit(X, y, sample_weight=weights)
    assert MLPClassifier(alpha=0, max_iter=2).fit(X, y, sample_weight=weights).loss_ > 0


# --- scores that cannot be judged by --------------------------------------------------------------------------------


@pytest.mark.parametrize("score", [{"accuracy": 1.0}, None, np.ones(2), "high"], ids=str)
def test_a_scorer_that_gives_no_number_is_told_of(score):
    model = MLPClassifier((8,), max_iter=2, early_stopping=True, scoring=lambda model, x, y: score)
    with pytest.raises(TypeError, match="scoring gave .* and early stopping needs a single number"):
        model.fit(X, y)


def test_scores_that_are_all_nan_are_warned_of():
    model = MLPClassifier((8,), max_iter=2, early_stopping=True, scoring=lambda model, x, y: np.nan)
    with pytest.warns(UserWarning, match="NaN after every epoch"):
        model.fit(X, y)
    assert np.isnan(model.validation_scores_).all()


def test_one_row_of_ones_own_cannot_be_judged_by_r2():
    model = MLPRegressor(hidden_layer_sizes=(8,), max_iter=2, early_stopping=True)
    with pytest.raises(ValueError, match="R2, which needs two rows"):
        model.fit(*DIABETES, X_val=DIABETES[0][:1], y_val=DIABETES[1][:1])
    model.set_params(scoring="loss").fit(*DIABETES, X_val=DIABETES[0][:1], y_val=DIABETES[1][:1])
    assert np.isfinite(model.best_validation_score_)


# --- targets of another kind ----------------------------------------------------------------------------------------


def test_a_training_goes_on_with_targets_of_its_kind_alone():
    rows, several = labels()
    one = several[:, 0] + several[:, 1]
    learns_one = MLPClassifier((8,), max_iter=2, warm_start=True).fit(rows, one)
    one_hot = np.eye(3, dtype=int)[one]
    with pytest.raises(ValueError, match="y has several labels, and the network learns one class a row"):
        learns_one.fit(rows, one_hot)
    with pytest.raises(ValueError, match="y has several labels"):
        learns_one.partial_fit(rows, one_hot)
    with pytest.raises(ValueError, match="y has several labels"):
        learns_one.fit(rows, one, X_val=rows, y_val=one_hot)
    learns_several = MLPClassifier((8,), max_iter=2).fit(rows, several)
    with pytest.raises(ValueError, match="y has one class a row, and the network learns several labels"):
        learns_several.partial_fit(rows, one % 2)


def test_classes_that_a_first_partial_fit_lacked_can_be_given_after_it_failed():
    model = MLPClassifier((8,))
    with pytest.raises(ValueError, match="classes not in"):
        model.partial_fit(X, y, classes=[0, 1])
    assert model.partial_fit(X, y, classes=[0, 1, 2]).classes_.tolist() == [0, 1, 2]


def test_a_scorer_sees_what_is_fitted_so_far():
    model = MLPClassifier((8,), max_iter=4, early_stopping=True, scoring=lambda model, x, y: model.n_iter_)
    model.fit(X, y)
    assert model.validation_scores_ == [1, 2, 3, 4]
    assert model.fit(X, y).validation_scores_ == [1, 2, 3, 4]
