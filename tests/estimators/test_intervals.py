"""Quantiles and intervals: sorted, calibrated, and holding what they promise on real rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_linnerud, load_wine
from sklearn.model_selection import RepeatedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from chainrule import MLPRegressor, Quantile
from chainrule.errors import InvalidArgument
from chainrule.estimators.interval_calibration import IntervalCalibration
from tests.estimators.rows import DIABETES

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = DIABETES


def quantiles(**settings):
    return MLPRegressor("quantile", (16,), max_iter=40, random_state=0, **settings)


def _columns(load, target):
    """The rows of a bundled set, with one of its columns as the target."""
    x = load().data
    return np.delete(x, target, axis=1), x[:, target]


@pytest.mark.parametrize(
    "rows",
    [load_diabetes(return_X_y=True), _columns(load_breast_cancer, 0), _columns(load_wine, 9)],
    ids=["diabetes", "breast cancer: mean radius", "wine: colour intensity"],
)
def test_intervals_hold_within_3_points_of_what_they_promise_on_held_out_rows(rows):
    x, target = rows
    model = make_pipeline(StandardScaler(), quantiles(learning_rate_init=0.01))
    held = {0.9: [], 0.8: []}
    for train, test in RepeatedKFold(n_splits=5, n_repeats=4, random_state=0).split(x):
        model.fit(x[train], target[train])
        for coverage, shares in held.items():
            low, high = model[-1].predict_interval(model[0].transform(x[test]), coverage).T
            shares.append(np.mean((low <= target[test]) & (target[test] <= high)))
    for coverage, shares in held.items():
        assert np.mean(shares) == pytest.approx(coverage, abs=0.03)


def test_quantiles_are_sorted_and_the_middle_one_is_predicted():
    model = quantiles(quantiles=(0.1, 0.4, 0.9), calibration_fraction=0.0, learning_rate_init=0.05).fit(X, y)
    levels = model.predict_quantiles(X)
    assert levels.shape == (442, 3)
    assert (np.diff(levels, axis=1) >= 0).all()
    np.testing.assert_array_equal(model.predict(X), levels[:, 1])
    below = (y[:, np.newaxis] < levels).mean(axis=0)
    np.testing.assert_allclose(below, [0.1, 0.4, 0.9], atol=0.06)
    assert model.t_ == model.n_iter_ * 442


def test_a_wider_coverage_is_a_wider_interval_around_the_rest():
    model = quantiles(quantiles=(0.05, 0.25, 0.5, 0.75, 0.95)).fit(X, y)
    assert model.t_ == model.n_iter_ * 353
    intervals = [model.predict_interval(X, coverage) for coverage in (0.4, 0.5, 0.8, 0.9, 0.95)]
    assert all(each.shape == (442, 2) and (each[:, 0] <= each[:, 1]).all() for each in intervals)
    widths = [np.diff(each).mean() for each in intervals]
    assert widths == sorted(widths)


def test_several_targets_have_an_interval_each():
    x, targets = load_linnerud(return_X_y=True)
    model = quantiles(calibration_fraction=0.5).fit(x, targets)
    assert model.predict(x).shape == (20, 3)
    assert model.predict_quantiles(x).shape == (20, 3, 3)
    assert model.predict_interval(x, 0.8).shape == (20, 3, 2)
    assert model.predict_members(x).shape == (1, 20, 3)


def test_an_ensemble_has_intervals_too():
    model = quantiles(n_members=2).fit(X, y)
    held = model.predict_interval(X)
    assert np.mean((held[:, 0] <= y) & (y <= held[:, 1])) == pytest.approx(0.9, abs=0.06)


def test_intervals_without_calibration_rows_are_refused_with_what_to_do():
    for model in (
        quantiles(calibration_fraction=0.0).fit(X, y),
        quantiles(quantiles=0.9).fit(X, y),
        quantiles().partial_fit(X, y),
        quantiles(warm_start=True).fit(X, y).partial_fit(X, y),
    ):
        with pytest.raises(ValueError, match="calibration_fraction above 0"):
            model.predict_interval(X)
    with pytest.raises(ValueError, match=r"coverage=0.99 needs at least 99 calibration rows, and there are 89"):
        quantiles().fit(X, y).predict_interval(X, 0.99)
    with pytest.raises(ValueError, match="coverage"):
        quantiles().fit(X, y).predict_interval(X, 1.0)
    assert not hasattr(MLPRegressor(), "predict_interval")
    assert not hasattr(MLPRegressor(), "predict_quantiles")
    assert hasattr(MLPRegressor(Quantile((0.1, 0.9))), "predict_interval")


def test_the_margin_is_the_score_of_the_row_that_the_theorem_names():
    excess = np.array([3.0, -1.0, 7.0, 1.0, 5.0, 2.0, 4.0, 6.0, 0.0]).reshape(9, 1, 1)
    calibration = IntervalCalibration(excess, np.ones(9))
    for coverage, expected in ((0.1, -1.0), (0.5, 3.0), (0.8, 6.0), (0.9, 7.0)):  # the ceil((9 + 1) * coverage)-th
        assert calibration.margin(0, coverage) == [expected]
    with pytest.raises(InvalidArgument, match="at least 10 calibration rows, and there are 9"):
        calibration.margin(0, 0.905)


@given(st.lists(st.integers(0, 3), min_size=3, max_size=30).filter(lambda w: sum(w) > 12), st.floats(0.1, 0.9))
def test_a_row_of_weight_w_counts_as_w_rows(weights, coverage):
    rng = np.random.default_rng(len(weights))
    excess = rng.normal(size=(len(weights), 2, 1))
    kept = np.array(weights) > 0
    weighted = IntervalCalibration(excess[kept], np.array(weights, float)[kept])
    repeated = IntervalCalibration(np.repeat(excess, weights, axis=0), np.ones(sum(weights)))
    np.testing.assert_array_equal(weighted.margin(0, coverage), repeated.margin(0, coverage))


def test_intervals_that_would_be_turned_over_are_a_point():
    calibration = IntervalCalibration(np.full((9, 1, 1), -5.0), np.ones(9))
    ends = calibration.interval(np.array([[[1.0, 2.0]]]), (0.1, 0.9), 0.8)
    np.testing.assert_array_equal(ends, [[[1.5, 1.5]]])


def test_a_network_that_learns_on_has_no_intervals_until_it_is_calibrated():
    seen = []

    def asks_for_an_interval(model, x, y):
        with pytest.raises(ValueError, match="calibrated on rows that fit holds out"):
            model.predict_interval(x)
        seen.append(x)
        if len(seen) > 3:
            raise RuntimeError("enough")
        return 1.0

    model = quantiles(early_stopping=True, scoring=asks_for_an_interval, warm_start=True).set_params(max_iter=2)
    model.fit(*DIABETES)
    assert model.predict_interval(DIABETES[0]).shape == (442, 2)
    model.set_params(max_iter=5)
    with pytest.raises(RuntimeError, match="enough"):
        model.fit(*DIABETES)
    with pytest.raises(ValueError, match="calibrated on rows that fit holds out"):
        model.predict_interval(DIABETES[0])
