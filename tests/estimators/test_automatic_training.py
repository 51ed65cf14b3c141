"""What "auto" stands for, and where it does not."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning

from chainrule.estimators import automatic_training as automatic_training_module
from chainrule.estimators.automatic_training import automatic_training
from chainrule.estimators.classifier import MLPClassifier
from chainrule.estimators.regressor import MLPRegressor

X, y = load_iris(return_X_y=True)


def test_the_rate_falls_along_half_a_cosine_and_nothing_stops_it() -> None:
    model = MLPClassifier((4,), random_state=0, tol=1e9, n_iter_no_change=1).fit(X, y)
    assert model.n_iter_ == 100
    rates = np.array(model.history_["learning_rate"])  # of the last step of each epoch, which here has one
    np.testing.assert_allclose(rates, 0.005 * (1 + np.cos(np.pi * np.arange(100) / 100)))


def test_max_iter_shortens_the_fall_with_a_warning() -> None:
    with pytest.warns(ConvergenceWarning, match="Maximum iterations \\(7\\) reached"):
        model = MLPClassifier((4,), max_iter=7, random_state=0).fit(X, y)
    assert model.n_iter_ == 7
    assert model.history_["learning_rate"][-1] == pytest.approx(0.005 * (1 + np.cos(np.pi * 6 / 7)))


def test_the_default_does_not_warn_and_a_large_max_iter_costs_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for max_iter in (200, 100_000):
            assert MLPClassifier((4,), max_iter=max_iter, random_state=0).fit(X, y).n_iter_ == 100


def test_decay_grows_with_the_columns_for_each_row_up_to_a_limit() -> None:
    def decay(estimator: object, rows: int, columns: int) -> float:
        return automatic_training(estimator, float(rows), rows, columns, 200).decay

    assert decay(MLPClassifier(), 10_000, 25) == pytest.approx(0.1)
    assert decay(MLPRegressor(), 10_000, 25) == pytest.approx(0.25)
    assert decay(MLPClassifier(), 100, 25) == 5
    assert decay(MLPClassifier(alpha=0.1), 100, 25) == 0
    assert decay(MLPClassifier(learning_rate_init=0.1), 10_000, 25) == pytest.approx(0.01)  # of each step, the same


def test_where_the_numbers_come_from_is_told() -> None:
    told = automatic_training_module.__doc__ or ""
    section = re.search(r'"(.+)" in ``(benchmarks/README\.md)``', told)
    assert section is not None
    text = (Path(__file__).parents[2] / section[2]).read_text(encoding="utf-8")
    assert f"### {section[1]}\n" in text


@pytest.mark.parametrize(
    ("rows", "columns", "epochs"), [(150, 4, 100), (40_000, 10, 30), (2_000_000, 10, 5), (4_000, 784, 20)]
)
def test_long_and_wide_tables_need_fewer_epochs(rows: int, columns: int, epochs: int) -> None:
    assert automatic_training(MLPClassifier(), float(rows), rows, columns, 200).epochs == epochs


def test_a_row_of_weight_2_is_two_rows() -> None:
    settings = {"hidden_layer_sizes": (4,), "max_iter": 20, "batch_size": 1000, "random_state": 0}
    x, target = load_diabetes(return_X_y=True)
    x, target = x[:60], target[:60]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the batch and the number of epochs
        weighted = MLPRegressor(**settings).fit(x, target, sample_weight=np.full(60, 2.0))
        twice = MLPRegressor(**settings).fit(np.concatenate([x, x]), np.concatenate([target, target]))
    np.testing.assert_allclose(weighted.predict(x), twice.predict(x), rtol=1e-6)


@pytest.mark.parametrize("settings", [{"solver": "sgd"}, {"warm_start": True}, {"learning_rate": "constant"}])
def test_where_the_end_is_not_known_all_is_as_in_scikit_learn(settings: dict[str, object]) -> None:
    model = MLPClassifier((4,), max_iter=3, random_state=0, **settings)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y)
    plain = MLPClassifier(
        (4,),
        max_iter=3,
        random_state=0,
        **{"learning_rate": "constant", "learning_rate_init": 0.001, "alpha": 1e-4, "beta_2": 0.999} | settings,
    )
    with pytest.warns(ConvergenceWarning):
        plain.fit(X, y)
    # the one by AdamW without decay, the other by Adam: the same numbers but for rounding
    np.testing.assert_allclose(model.loss_curve_, plain.loss_curve_, rtol=1e-12)
    np.testing.assert_allclose(model.network_.theta, plain.network_.theta, rtol=1e-12)


def test_partial_fit_keeps_its_rate() -> None:
    model = MLPClassifier((4,), random_state=0)
    for _ in range(3):
        model.partial_fit(X, y, classes=[0, 1, 2])
    assert model.history_["learning_rate"] == [0.001] * 3


def test_partial_fit_takes_up_the_moments_of_a_whole_fit() -> None:
    model = MLPClassifier((4,), random_state=0).fit(X, y)
    steps = model.network_.training.variables.step
    model.partial_fit(X, y)
    assert model.network_.training.variables.step == steps + 1


def test_numbers_that_are_given_overrule() -> None:
    model = MLPClassifier((4,), learning_rate_init=0.5, alpha=1.0, beta_2=0.9, random_state=0).fit(X, y)
    assert model.history_["learning_rate"][0] == 0.5
    assert model.history_["penalty"][0] > 0
    assert MLPClassifier((4,), random_state=0).fit(X, y).history_["penalty"][0] == 0
