"""L-BFGS finds known minima, and says why it ended."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from chainrule.errors import InvalidArgument, InvalidType, MissingExtra
from chainrule.optimizers import LBFGS

EPS = np.finfo(np.float64).eps


def keep_on(theta, value):
    return False


def least_squares(rng, n=60, p=8):
    x, y = rng.normal(size=(n, p)), rng.normal(size=n)

    def value_and_gradient(theta):
        error = x @ theta - y
        return float(error @ error / n), 2 * x.T @ error / n

    return value_and_gradient, np.linalg.lstsq(x, y, rcond=None)[0]


def test_it_finds_the_least_squares_solution(rng):
    value_and_gradient, solution = least_squares(rng)
    start, passed = rng.normal(size=8), []
    before = start.copy()

    def on_iteration(theta, value):
        passed.append((theta, value))
        return False

    why = LBFGS(tolerance=1e-10).minimize(value_and_gradient, start, 100, on_iteration)
    assert why == "L-BFGS converged: no entry of the gradient is above 1e-10."
    np.testing.assert_array_equal(start, before)
    np.testing.assert_allclose(passed[-1][0], solution, atol=1e-8)
    values = [value for _, value in passed]
    assert values == sorted(values, reverse=True)
    for theta, value in passed:  # each array is one of its own
        assert value == pytest.approx(value_and_gradient(theta)[0], rel=1e-14)
    assert len({value for _, value in passed}) == len(passed) > 3


def test_it_finds_what_logistic_regression_of_scikit_learn_finds(rng):
    x = rng.normal(size=(80, 4))
    y = (x @ [1, -2, 0.5, 0] + rng.normal(size=80) > 0).astype(float)

    def value_and_gradient(theta):
        z = x @ theta[:4] + theta[4]
        d = 1 / (1 + np.exp(-z)) - y
        value = np.logaddexp(0, z).sum() - y @ z + 0.5 * theta[:4] @ theta[:4]
        return float(value), np.append(x.T @ d + theta[:4], d.sum())

    last = []
    LBFGS(tolerance=1e-8).minimize(value_and_gradient, np.zeros(5), 200, lambda theta, value: last.append(theta))
    model = LogisticRegression(C=1.0, tol=1e-12, solver="newton-cholesky").fit(x, y)
    np.testing.assert_allclose(last[-1], [*model.coef_[0], *model.intercept_], rtol=1e-6)


def test_it_ends_when_told_to(rng):
    value_and_gradient, _ = least_squares(rng)
    seen = []

    def on_iteration(theta, value):
        seen.append(value)
        return len(seen) == 3

    assert LBFGS().minimize(value_and_gradient, np.zeros(8), 100, on_iteration) == ""
    assert len(seen) == 3


@pytest.mark.parametrize("iterations", [1, 2, 5])
def test_it_takes_no_more_iterations_than_it_may(rng, iterations):
    value_and_gradient, _ = least_squares(rng)
    seen = []
    assert LBFGS().minimize(value_and_gradient, np.zeros(8), iterations, lambda *pair: seen.append(pair)) == ""
    assert len(seen) == iterations


def test_a_smaller_tolerance_goes_further_and_a_minimum_needs_no_iteration(rng):
    value_and_gradient, solution = least_squares(rng)
    iterations = []
    for tolerance in (1e-1, 1e-4, 1e-8):
        seen = []
        LBFGS(tolerance=tolerance).minimize(
            value_and_gradient, np.ones(8), 100, lambda theta, value, seen=seen: seen.append(theta)
        )
        assert np.abs(value_and_gradient(seen[-1])[1]).max() <= tolerance
        iterations.append(len(seen))
    assert iterations[0] < iterations[1] < iterations[2]
    seen = []
    why = LBFGS().minimize(value_and_gradient, solution, 100, lambda *pair: seen.append(pair))
    assert why.startswith("L-BFGS converged")
    assert seen == []


def test_it_ends_where_an_iteration_gains_no_more_than_it_must(rng):
    value_and_gradient, _ = least_squares(rng)
    iterations = []
    for gain in (1e-1, 1e-4, 0.0):
        values = [value_and_gradient(np.ones(8))[0]]
        why = LBFGS(tolerance=1e-12, gain_tolerance=gain).minimize(
            value_and_gradient, np.ones(8), 100, lambda theta, value, values=values: values.append(value)
        )
        iterations.append(len(values))
        if gain:
            assert why == f"L-BFGS converged: its last iteration lowered J by no more than {gain:g} of it."
            gains = -np.diff(values) / np.maximum(1, values[:-1])
            assert gains[-1] <= gain < gains[-2]
    assert iterations[0] < iterations[1] < iterations[2]


def test_it_makes_no_more_evaluations_than_it_may_but_to_end_an_iteration(rng):
    value_and_gradient, _ = least_squares(rng)
    calls = []

    def counted(theta):
        calls.append(theta)
        return value_and_gradient(theta)

    why = LBFGS(tolerance=0, evaluations=5).minimize(counted, np.ones(8), 100, keep_on)
    assert why == f"L-BFGS stopped: {len(calls)} evaluations of J were made, of 5 at most."
    assert 5 <= len(calls) <= 7


@pytest.mark.parametrize("settings", [{"gain_tolerance": -1}, {"evaluations": 0}, {"evaluations": 1.5}])
def test_limits_that_are_none_are_refused(settings):
    with pytest.raises((InvalidArgument, InvalidType), match=next(iter(settings))):
        LBFGS(**settings)


def test_a_tolerance_that_rounding_hides_ends_with_a_sentence(rng):
    value_and_gradient, _ = least_squares(rng)

    def rounded(theta):
        value, gradient = value_and_gradient(theta)
        return float(np.float32(value)), gradient.astype(np.float32)

    last = []
    why = LBFGS(tolerance=0).minimize(rounded, np.zeros(8), 1000, lambda theta, value: last.append(theta))
    assert why.startswith("L-BFGS stopped: its line search found no lower J")
    assert np.abs(value_and_gradient(last[-1])[1]).max() < 1e-3


def test_numbers_that_leave_the_finite_ones_on_the_way_are_told_of_and_not_kept():
    def cliff(theta):  # falls ever on, and is not defined above 1.5
        if theta[0] > 1.5:
            return float("nan"), np.array([float("nan")])
        return float(-theta[0]), np.array([-1.0])

    last = []
    why = LBFGS().minimize(cliff, np.array([0.0]), 50, lambda theta, value: last.append((theta[0], value)))
    assert why == "L-BFGS stopped: on the way down, J left the finite numbers."
    assert all(value == -theta for theta, value in last)
    assert 1.4 < last[-1][0] <= 1.5


def test_the_line_search_comes_back_from_where_j_is_not_finite():
    def valley(theta):  # no logarithm at 0 and below, where the first steps lead
        with np.errstate(all="ignore"):
            return float((theta - 3 * np.log(theta)).sum()), 1 - 3 / theta

    last, outside = [], []

    def watched(theta):
        outside.append((theta <= 0).any())
        value, gradient = valley(theta)
        return (np.inf, gradient) if outside[-1] else (value, gradient)

    why = LBFGS(tolerance=1e-8).minimize(watched, np.array([50.0, 0.01]), 50, lambda theta, value: last.append(theta))
    assert any(outside)
    assert why.startswith("L-BFGS converged")
    np.testing.assert_allclose(last[-1], [3, 3], rtol=1e-6)


def test_the_memory_is_used(rng):
    scales = np.logspace(0, 3, 30)

    def value_and_gradient(theta):
        return float(0.5 * scales @ theta**2), scales * theta

    iterations = {}
    for memory in (1, 30):
        seen = []
        LBFGS(memory=memory).minimize(
            value_and_gradient, np.ones(30), 1000, lambda theta, value, seen=seen: seen.append(value)
        )
        iterations[memory] = len(seen)
    assert iterations[30] < iterations[1]


def test_the_parameters_are_float64_whatever_theta_is(rng):
    value_and_gradient, _ = least_squares(rng)
    dtypes = set()

    def watched(theta):
        dtypes.add(theta.dtype)
        value, gradient = value_and_gradient(theta)
        return np.float32(value), gradient.astype(np.float32)

    LBFGS().minimize(watched, np.zeros(8, np.float32), 3, lambda theta, value: dtypes.add(theta.dtype))
    assert dtypes == {np.dtype(np.float64)}


@pytest.mark.parametrize(
    ("theta", "message"),
    [
        (np.array([1.0, np.nan]), "needs finite parameters to start from"),
        (np.ones((2, 3)), r"moves one network at a time, not parameters of shape \(2, 3\)"),
        (np.array([7.0]), "needs a finite J and gradient to start from, and J is inf"),
        (np.array([8.0]), "needs a finite J and gradient to start from, and J is 1.0"),
    ],
)
def test_a_start_that_cannot_be_used_is_refused(theta, message):
    def value_and_gradient(theta):
        return (np.inf if theta[0] == 7 else 1.0), np.array([np.nan])

    with pytest.raises(InvalidArgument, match=message):
        LBFGS().minimize(value_and_gradient, theta, 3, keep_on)


@pytest.mark.parametrize(("iterations", "kind"), [(0, InvalidArgument), (2.0, InvalidType)])
def test_iterations_are_a_number_of_at_least_1(iterations, kind):
    with pytest.raises(kind, match="iterations must be"):
        LBFGS().minimize(lambda theta: (0.0, theta), np.ones(2), iterations, keep_on)


def test_errors_of_the_caller_come_through():
    def value_and_gradient(theta):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        LBFGS().minimize(value_and_gradient, np.ones(2), 3, keep_on)


def test_without_scipy_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(MissingExtra, match=r"scipy is not installed; it comes with: pip install 'chainrule\[fast\]'"):
        LBFGS().minimize(lambda theta: (0.0, theta), np.ones(2), 3, keep_on)


def test_there_is_nothing_to_schedule():
    assert LBFGS().scheduled == {}
