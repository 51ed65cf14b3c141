"""Optimizers around others: clipping, averaging, both."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import InvalidArgument, InvalidType
from chainrule.optimizers import LBFGS, SGD, Adam, AdamW, Clip, ElementwiseOptimizer, Momentum, MovingAverage, Muon
from tests.optimizers.test_optimizers import LAYOUT, SIZE, walked


def clipped(gradient, **bounds):
    """What Clip makes of a gradient, seen through a step of SGD."""
    theta, _ = walked(Clip(SGD, **bounds), np.zeros_like(gradient), [gradient], rate=1.0)
    return -theta


def test_a_large_gradient_keeps_its_direction_and_gets_the_norm(rng):
    gradient = rng.normal(size=SIZE)
    found = clipped(gradient, norm=0.5)
    np.testing.assert_allclose(found, gradient * 0.5 / np.linalg.norm(gradient), rtol=1e-14)
    assert np.linalg.norm(found) == pytest.approx(0.5)


def test_a_gradient_within_the_bounds_stays_as_it_is(rng):
    gradient = rng.normal(size=SIZE)
    bounds = {"norm": 1.001 * np.linalg.norm(gradient), "value": np.abs(gradient).max()}
    np.testing.assert_array_equal(clipped(gradient, **bounds), gradient)
    np.testing.assert_array_equal(clipped(np.zeros(SIZE), norm=1e-300), np.zeros(SIZE))


def test_entries_are_clipped_by_value_after_the_norm(rng):
    gradient = rng.normal(size=SIZE)
    np.testing.assert_array_equal(clipped(gradient, value=0.3), np.clip(gradient, -0.3, 0.3))
    by_norm = gradient * 0.5 / np.linalg.norm(gradient)
    np.testing.assert_allclose(clipped(gradient, norm=0.5, value=0.1), np.clip(by_norm, -0.1, 0.1), rtol=1e-14)


def test_the_gradient_is_only_read(rng):
    for bounds in ({"norm": 0.1}, {"value": 0.1}, {"norm": 100.0, "value": 0.1}):
        gradient = rng.normal(size=SIZE)
        before = gradient.copy()
        gradient.flags.writeable = False
        assert (clipped(gradient, **bounds) != gradient).any()
        np.testing.assert_array_equal(gradient, before)


def test_each_network_is_clipped_alone(rng):
    gradient = rng.normal(size=(3, SIZE)) * [[0.001], [1], [1000]]
    found = clipped(gradient, norm=0.5)
    np.testing.assert_array_equal(found[0], gradient[0])
    np.testing.assert_allclose(np.linalg.norm(found[1:], axis=-1), 0.5)


def test_a_gradient_whose_squares_overflow_is_clipped():
    found = clipped(np.full(SIZE, 1e30, np.float32), norm=1.0)
    np.testing.assert_allclose(found, np.full(SIZE, SIZE**-0.5), rtol=1e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_not_made_to_look_so(bad):
    with np.errstate(invalid="ignore"):
        assert not np.isfinite(clipped(np.array([bad, *[1.0] * (SIZE - 1)]), norm=1.0)).all()


def test_a_bound_that_a_schedule_takes_to_0_stops_the_steps():
    rule, theta = Clip(SGD, norm=1.0), np.ones((2, SIZE))
    gradient = np.stack([np.zeros(SIZE), np.ones(SIZE)])
    rule.step(theta, gradient, {}, (0.1, 0.0), 0, LAYOUT)
    np.testing.assert_array_equal(theta, np.ones((2, SIZE)))


def test_the_bounds_of_a_step_are_the_scheduled_ones(rng):
    rule = Clip(Momentum(0.5), norm=1.0, value=2.0)
    assert rule.scheduled == {"momentum": 0.5, "clip_norm": 1.0, "clip_value": 2.0}
    theta, gradient = np.zeros(SIZE), rng.normal(size=SIZE)
    rule.step(theta, gradient, rule.start(theta, LAYOUT), (1.0, 0.5, 0.25, 9.0), 0, LAYOUT)
    assert np.linalg.norm(theta) == pytest.approx(0.25)
    theta, gradient = np.zeros(SIZE), np.full(SIZE, 0.1)
    rule.step(theta, gradient, rule.start(theta, LAYOUT), (1.0, 0.5, 9.0, 0.01), 0, LAYOUT)
    np.testing.assert_allclose(theta, -0.01)


def test_the_share_of_the_average_is_the_scheduled_one():
    rule, theta = MovingAverage(AdamW(decay=0.3), decay=0.9), np.ones(SIZE)
    assert list(rule.scheduled) == ["beta1", "beta2", "epsilon", "decay", "average_decay"]
    assert rule.scheduled["decay"] == 0.3
    remembered = rule.start(theta, LAYOUT)
    for number in range(3):
        values = (0.1, *rule.optimizer.scheduled.values(), 0.0)
        rule.step(theta, np.ones(SIZE), remembered, values, number, LAYOUT)
        np.testing.assert_array_equal(rule.averaged(theta, remembered), theta)


def test_wrappers_go_into_wrappers_in_any_order(rng):
    theta, gradients = rng.normal(size=SIZE), rng.normal(size=(20, SIZE))
    outer, inner = Clip(MovingAverage(Momentum, 0.9), norm=0.5), MovingAverage(Clip(Momentum, norm=0.5), 0.9)
    (a, remembered_a), (b, remembered_b) = walked(outer, theta, gradients), walked(inner, theta, gradients)
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(outer.averaged(a, remembered_a), inner.averaged(b, remembered_b))
    assert set(remembered_a) == set(remembered_b) == {"velocity", "average"}
    assert outer.averaged(a, remembered_a) is remembered_a["average"]
    assert inner.averaged(b, remembered_b) is remembered_b["average"]


def test_one_bound_of_each_kind_can_be_wrapped_apart(rng):
    theta, gradients = rng.normal(size=SIZE), rng.normal(size=(5, SIZE))
    both, apart = Clip(SGD, norm=0.5, value=0.1), Clip(Clip(SGD, value=0.1), norm=0.5)
    np.testing.assert_array_equal(walked(both, theta, gradients)[0], walked(apart, theta, gradients)[0])


def test_a_wrapper_is_told_of_by_the_formula_of_what_is_inside():
    assert Clip(SGD, norm=1).formula.endswith(SGD.formula)
    assert MovingAverage(Muon()).formula.startswith(Muon.formula)
    assert Clip(SGD, norm=1).formula != Clip(SGD, value=1).formula
    assert Clip(MovingAverage(Muon), norm=1).default_learning_rate == 0.02


def test_the_optimizer_inside_may_be_given_by_its_name():
    assert Clip("adam", norm=1.0) == Clip(Adam, norm=1.0) == Clip(Adam(), norm=1.0)
    assert MovingAverage("AdamW", decay=0.9) == MovingAverage(AdamW(), decay=0.9)
    assert Clip(MovingAverage("sgd"), value=1) == Clip(MovingAverage(SGD), value=1)


def test_a_wrapper_works_where_the_optimizer_inside_does():
    assert (Clip(Muon(), norm=1).tier, MovingAverage(Clip("lion", norm=1)).tier) == (2, 2)
    assert (Clip(SGD, norm=1).tier, MovingAverage(Clip("adamw", norm=1)).tier) == (1, 1)


def test_without_an_average_the_parameters_are_kept(rng):
    theta = rng.normal(size=SIZE)
    for rule in (SGD(), Clip(Adam, norm=1), Muon(arrays=("w[1]",))):
        assert rule.averaged(theta, rule.start(theta, LAYOUT)) is theta


class Averaging(ElementwiseOptimizer):
    name = "averaging"
    formula = "-"
    remembers = ("average",)


@pytest.mark.parametrize(
    ("wrapped", "kind", "message"),
    [
        (lambda: Clip(SGD), InvalidArgument, "Clip needs a bound: give norm"),
        (lambda: Clip(LBFGS, norm=1), InvalidType, "LBFGS cannot be inside Clip: it does not take one step along each"),
        (lambda: MovingAverage(LBFGS()), InvalidType, "LBFGS cannot be inside MovingAverage"),
        (lambda: Clip("lbfgs", norm=1), InvalidType, "LBFGS cannot be inside Clip: it does not take one step along"),
        (
            lambda: Clip("adm", norm=1),
            InvalidArgument,
            "'adm' is not the name of a known optimizer; did you mean 'adam'",
        ),
        (
            lambda: Clip("moving_average", norm=1),
            InvalidType,
            "inside Clip must be an instance here: the class MovingAverage needs",
        ),
        (
            lambda: MovingAverage(Clip),
            InvalidType,
            "inside MovingAverage must be an instance here: the class Clip needs",
        ),
        (
            lambda: MovingAverage(None),
            InvalidType,
            "inside MovingAverage must be a class, an instance or a name, .* not None",
        ),
        (lambda: Clip(Clip(SGD, norm=1), norm=2), InvalidArgument, "has clip_norm already: wrap it once"),
        (
            lambda: MovingAverage(Clip(MovingAverage(SGD), norm=1)),
            InvalidArgument,
            "has average_decay already: wrap it once",
        ),
        (
            lambda: MovingAverage(Averaging()).start(np.ones(SIZE), LAYOUT),
            InvalidArgument,
            "remembers an array named 'average'",
        ),
    ],
)
def test_what_cannot_be_wrapped_is_refused(wrapped, kind, message):
    with pytest.raises(kind, match=message):
        wrapped()
