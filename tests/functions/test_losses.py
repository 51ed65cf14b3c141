"""Every loss in the catalogue with every output that it goes with."""

from __future__ import annotations

import dataclasses

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, mean_absolute_error, mean_pinball_loss, mean_squared_error

from chainrule.errors import ChainruleError, InvalidArgument
from chainrule.functions.activations import (
    ACTIVATIONS,
    CustomActivation,
    Elementwise,
    Exponential,
    HardSigmoid,
    Identity,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from chainrule.functions.losses import (
    LOSSES,
    MAE,
    MSE,
    BinaryCrossEntropy,
    CrossEntropy,
    ElementwiseLoss,
    Focal,
    Hinge,
    Huber,
    LogCosh,
    Poisson,
    Quantile,
    default_loss,
)


def goes_with(loss, output, k: int = 3) -> bool:
    try:
        loss.check_output(output, k)
    except InvalidArgument:
        return False
    return True


PAIRS = [(loss(), output()) for loss in LOSSES for output in ACTIVATIONS if goes_with(loss(), output())]
WITH_SETTINGS = [
    (Huber(0.3), Identity()),
    (Quantile((0.1, 0.5, 0.9)), Identity()),
    (Quantile((0.1, 0.5, 0.9)), Softplus()),
    (BinaryCrossEntropy(label_smoothing=0.2), Sigmoid()),
    (CrossEntropy(label_smoothing=0.2), Softmax()),
    (Focal(gamma=0.0, alpha=0.5), Sigmoid()),
    (Focal(gamma=0.5, alpha=0.7), Sigmoid()),
]
pairs = pytest.mark.parametrize(("loss", "output"), [*PAIRS, *WITH_SETTINGS], ids=repr)


def targets(loss, rng, n: int, k: int) -> np.ndarray:
    """Encoded targets of the kind that the loss takes."""
    if loss.target == "class":
        return np.eye(k)[rng.integers(0, k, n)]
    if isinstance(loss, Hinge):
        return rng.integers(0, 2, (n, k)).astype(float)
    if isinstance(loss, Poisson):
        return rng.poisson(2.0, (n, k)).astype(float)
    return rng.random((n, k)) if loss.target == "binary" else rng.normal(size=(n, k))


def off_kinks(z, kinks, distance=0.01):
    for kink in kinks:
        z = np.where(np.abs(z - kink) < distance, kink + distance * np.where(z < kink, -1, 1), z)
    return z


def test_the_pairs_that_make_sense_are_those():
    anywhere = ("mse", "mae", "huber", "log_cosh", "quantile")
    assert {(loss.name, output.name) for loss, output in PAIRS} == {
        (loss, output.name) for loss in anywhere for output in ACTIVATIONS
    } | {
        ("poisson", "exponential"),
        ("poisson", "softplus"),
        ("binary_cross_entropy", "sigmoid"),
        ("focal", "sigmoid"),
        ("hinge", "identity"),
        ("hinge", "leaky_relu"),
        ("cross_entropy", "softmax"),
    }


@pairs
@given(seed=st.integers(0, 2**32 - 1), values=st.integers(1, 4))
def test_delta_is_the_numerical_derivative_of_the_rows(loss, output, seed, values):
    rng = np.random.default_rng(seed)
    k = 3 * values if isinstance(loss, Quantile) else values + 1
    z, y = rng.normal(size=(3, k)) * (1 if isinstance(output, Exponential) else 3), targets(loss, rng, 3, k)
    z = off_kinks(z, output.kinks)
    a = output.f(z)
    near = np.zeros_like(z, bool)
    for kink in loss.kinks:
        near |= np.abs(a - y - kink) < 1e-4
    h = 1e-6
    numerical = np.empty_like(z)
    for index in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[index] = h
        plus, minus = (loss.rows(y, moved, output.f(moved), output).sum() for moved in (z + step, z - step))
        numerical[index] = (plus - minus) / (2 * h)
    if isinstance(output, Softmax):
        near |= near.any(axis=-1, keepdims=True)  # every output depends on every z of its row
    size = np.abs(loss.rows(y, z, a, output)).max()
    found = loss.delta(y, z, a, output)
    np.testing.assert_allclose(found[~near], numerical[~near], rtol=1e-6, atol=2e-8 * (1 + size / 10))


@pairs
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_1000_neither_overflow_nor_warn(loss, output, dtype):
    z = np.array([[1e3, -1e3, 0], [-1e3, 1e3, -1e3]], dtype)
    if isinstance(output, Exponential):
        z = np.minimum(z, dtype(40))  # its values overflow, and their squares sooner
    y = np.eye(3, dtype=dtype)[[0, 0]]
    a = output.f(z)
    rows, delta = loss.rows(y, z, a, output), loss.delta(y, z, a, output)
    assert rows.shape == (2,)
    assert np.isfinite(rows).all()
    assert np.isfinite(delta).all()
    assert rows.dtype == delta.dtype == dtype


@pairs
def test_leading_axes_stay_in_front_and_nothing_is_written_to(loss, output, rng):
    z, y = rng.normal(size=(5, 4, 3)), targets(loss, rng, 4, 3)
    a = output.f(z)
    for array in (z, y, a):
        array.flags.writeable = False
    for each in range(5):
        np.testing.assert_array_equal(loss.rows(y, z, a, output)[each], loss.rows(y, z[each], a[each], output))
        np.testing.assert_array_equal(loss.delta(y, z, a, output)[each], loss.delta(y, z[each], a[each], output))
    delta = loss.delta(y, z, a, output)
    assert not any(np.shares_memory(delta, array) for array in (z, y, a))  # it is scaled where it is


ELEMENTWISE = [(loss, output) for loss, output in [*PAIRS, *WITH_SETTINGS] if isinstance(loss, ElementwiseLoss)]
ELEMENTWISE = {repr(loss): (loss, output) for loss, output in reversed(ELEMENTWISE)}


@pytest.mark.parametrize(("loss", "output"), ELEMENTWISE.values(), ids=ELEMENTWISE)
def test_the_expressions_can_be_compiled_as_they_are_and_take_single_numbers(loss, output, rng):
    z = rng.normal(size=12) * 3
    a, y = output.f(z), targets(loss, rng, 1, 12)[0]
    settings = [setting if np.ndim(setting) == 0 else setting[0] for setting in loss.settings_for(a[:3])]
    expressions = [(loss.expression, (y, a)), (loss.derivative_expression, (y, a))]
    if loss.logit_output is not None:
        expressions += [(loss.logit_expression, (y, z)), (loss.logit_derivative_expression, (y, z, a))]
    for expression, arguments in expressions:
        whole = expression(*arguments, *settings)
        compiled = numba.njit(expression)
        for row, expected in zip(zip(*arguments, strict=True), whole, strict=True):
            numbers = [float(number) for number in row]
            assert float(expression(*numbers, *settings)) == pytest.approx(expected, rel=1e-14, abs=1e-300)
            assert compiled(*numbers, *settings) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_distances_are_averaged_over_the_outputs(rng):
    z, y = rng.normal(size=(2, 7, 3))
    assert MSE().rows(y, z, z, Identity()).mean() == pytest.approx(mean_squared_error(y, z))
    assert MAE().rows(y, z, z, Identity()).mean() == pytest.approx(mean_absolute_error(y, z))
    for loss in LOSSES:
        summed = loss.reduction == "sum"
        assert summed == (loss in (Poisson, BinaryCrossEntropy, CrossEntropy, Focal))


def test_huber_is_half_the_square_within_and_straight_beyond_its_threshold():
    y, z = np.zeros((1, 3)), np.array([[0.5, 3.0, -3.0]])
    assert Huber(2.0).rows(y, z, z, Identity())[0] == pytest.approx((0.125 + 4 + 4) / 3)
    np.testing.assert_allclose(Huber(2.0).delta(y, z, z, Identity()), [[0.5 / 3, 2 / 3, -2 / 3]])
    assert Huber(2.0).kinks == (-2, 2)


def test_log_cosh_keeps_the_digits_of_small_and_of_large_errors():
    d = np.array([1e-12, 1e-3, 1 - 1e-12, 1.0, 800.0])
    expected = [5e-25, 1e-6 / 2 - 1e-12 / 12, np.log(np.cosh(1)), np.log(np.cosh(1)), 800 - np.log(2)]
    np.testing.assert_allclose(LogCosh.expression(0.0, d), expected, rtol=1e-11)
    np.testing.assert_array_equal(LogCosh.expression(d, 0.0), LogCosh.expression(0.0, d))


def test_quantile_is_the_pinball_loss_of_each_level(rng):
    y, z = rng.normal(size=20), rng.normal(size=(20, 3))
    loss = Quantile((0.1, 0.5, 0.9))
    expected = np.mean([mean_pinball_loss(y, z[:, j], alpha=level) for j, level in enumerate(loss.levels)])
    assert loss.rows(np.repeat(y[:, np.newaxis], 3, axis=1), z, z, Identity()).mean() == pytest.approx(expected)
    two = Quantile((0.2, 0.7))
    both, columns = rng.normal(size=(20, 4)), rng.normal(size=(20, 2))
    expected = np.mean(
        [mean_pinball_loss(columns[:, v], both[:, 2 * v + m], alpha=(0.2, 0.7)[m]) for v in (0, 1) for m in (0, 1)]
    )
    assert two.rows(np.repeat(columns, 2, axis=1), both, both, Identity()).mean() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("levels", "expected"), [([0.1, 0.9], (0.1, 0.9)), (0.3, (0.3,)), (np.array([0.25, 0.5]), (0.25, 0.5))]
)
def test_levels_are_given_as_any_sequence_or_as_one_number(levels, expected):
    assert Quantile(levels).levels == expected
    assert Quantile(levels) == Quantile(expected)


def test_poisson_is_the_likelihood_of_counts(rng):
    z, y = rng.normal(size=(5, 2)), rng.poisson(2.0, (5, 2)).astype(float)
    a = np.exp(z)
    expected = (a - y * z).sum(axis=1)
    np.testing.assert_allclose(Poisson().rows(y, z, a, Exponential()), expected)
    np.testing.assert_allclose(Poisson().delta(y, z, a, Exponential()), a - y)
    inverse = np.log(np.expm1(a))  # softplus of it is a
    np.testing.assert_allclose(Poisson().rows(y, inverse, Softplus().f(inverse), Softplus()), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_poisson_pulls_at_a_mean_that_has_underflowed(dtype):
    y, z = np.array([[5.0]], dtype), np.array([[-900.0]], dtype)
    a = Softplus().f(z)
    assert a[0, 0] == 0
    loss = Poisson().rows(y, z, a, Softplus())
    assert loss[0] == pytest.approx(5 * (np.log(1e30) + 1))
    assert np.isfinite(Poisson().delta(y, z, a, Softplus())).all()
    near = np.array([[0.9e-30, 1.1e-30]], dtype)
    below, above = Poisson.expression(y, near)[0]
    assert below > above


def test_cross_entropy_is_the_negative_log_likelihood(rng):
    z, labels = rng.normal(size=(9, 4)), np.arange(9) % 4
    a = Softmax().f(z)
    found = CrossEntropy().rows(np.eye(4)[labels], z, a, Softmax()).mean()
    assert found == pytest.approx(log_loss(labels, a))


def test_cross_entropy_keeps_its_digits_where_the_network_is_sure():
    z = np.array([[0.0, -30.0]])
    found = CrossEntropy().rows(np.array([[0.0, 1.0]]), z, Softmax().f(z), Softmax())
    assert found[0] == pytest.approx(30 + np.log1p(np.exp(-30)), rel=1e-15)


def test_binary_cross_entropy_is_summed_over_the_outputs(rng):
    z, y = rng.normal(size=(6, 2)), rng.integers(0, 2, (6, 2)).astype(float)
    a = Sigmoid().f(z)
    expected = sum(log_loss(y[:, j], a[:, j]) for j in range(2))
    assert BinaryCrossEntropy().rows(y, z, a, Sigmoid()).mean() == pytest.approx(expected)


def test_smoothed_labels_are_spread_over_the_classes(rng):
    z, y = rng.normal(size=(6, 4)), np.eye(4)[rng.integers(0, 4, 6)]
    a = Softmax().f(z)
    spread = 0.9 * y + 0.1 / 4
    smooth = CrossEntropy(label_smoothing=0.1)
    np.testing.assert_allclose(smooth.rows(y, z, a, Softmax()), CrossEntropy().rows(spread, z, a, Softmax()))
    np.testing.assert_allclose(smooth.delta(y, z, a, Softmax()), a - spread, atol=1e-16)
    a = Sigmoid().f(z)
    towards_half = 0.9 * y + 0.05
    smooth, plain = BinaryCrossEntropy(label_smoothing=0.1), BinaryCrossEntropy()
    np.testing.assert_allclose(smooth.rows(y, z, a, Sigmoid()), plain.rows(towards_half, z, a, Sigmoid()))
    np.testing.assert_allclose(smooth.delta(y, z, a, Sigmoid()), a - towards_half, atol=1e-16)
    np.testing.assert_allclose(smooth.expression(y, a, 0.1), smooth.logit_expression(y, z, 0.1))


def test_no_smoothing_leaves_every_bit_as_it_is(rng):
    z, y = rng.normal(size=(6, 4)), np.eye(4)[rng.integers(0, 4, 6)]
    a = Softmax().f(z)
    np.testing.assert_array_equal(CrossEntropy().delta(y, z, a, Softmax()), a - y)
    np.testing.assert_array_equal(BinaryCrossEntropy().delta(y, z, a, Sigmoid()), a - y)


def test_focal_without_focus_is_a_weighted_binary_cross_entropy(rng):
    z, y = rng.normal(size=(6, 2)), rng.integers(0, 2, (6, 2)).astype(float)
    a = Sigmoid().f(z)
    np.testing.assert_allclose(
        Focal(gamma=0.0, alpha=0.5).rows(y, z, a, Sigmoid()), BinaryCrossEntropy().rows(y, z, a, Sigmoid()) / 2
    )
    only_yes = Focal(gamma=0.0, alpha=0.8).rows(np.ones((6, 2)), z, a, Sigmoid())
    np.testing.assert_allclose(only_yes, -0.8 * np.log(a).sum(axis=1))


def test_focal_looks_away_from_what_is_easy():
    a = np.array([0.9, 0.6])
    z = np.log(a / (1 - a)).reshape(2, 1)
    rows = Focal(gamma=2.0, alpha=0.25).rows(np.ones((2, 1)), z, a.reshape(2, 1), Sigmoid())
    np.testing.assert_allclose(rows, -0.25 * (1 - a) ** 2 * np.log(a))
    no = Focal(gamma=2.0, alpha=0.25).rows(np.zeros((2, 1)), z, a.reshape(2, 1), Sigmoid())
    np.testing.assert_allclose(no, -0.75 * a**2 * np.log(1 - a))


def test_hinge_counts_what_is_within_the_margin():
    y, z = np.array([[1.0], [1.0], [0.0], [0.0]]), np.array([[2.0], [0.5], [0.5], [-3.0]])
    assert Hinge().rows(y, z, z, Identity()).tolist() == [0, 0.5, 1.5, 0]
    assert Hinge().delta(y, z, z, Identity()).ravel().tolist() == [0, -1, 1, 0]
    assert Hinge.decision_threshold == 0
    assert {loss.name for loss in LOSSES if loss.decision_threshold != 0.5} == {"hinge"}


def test_losses_of_another_probability_are_computed_from_a(rng):
    class Other(Sigmoid):
        name = "other"

    z, y = rng.normal(size=(6, 2)), rng.random((6, 2))
    a = Sigmoid().f(z)
    for loss in (BinaryCrossEntropy(), BinaryCrossEntropy(0.3), Focal(), Focal(0.5, 0.6)):
        np.testing.assert_allclose(loss.rows(y, z, a, Other()), loss.rows(y, z, a, Sigmoid()))
        np.testing.assert_allclose(loss.delta(y, z, a, Other()), loss.delta(y, z, a, Sigmoid()), rtol=1e-10)


def test_cross_entropy_of_another_distribution_is_computed_from_a(rng):
    @dataclasses.dataclass(frozen=True)
    class Warm(Softmax):
        name = "warm softmax"

        def f(self, z):
            return super().f(z / 2)

        def backward(self, d_a, z, a):
            return super().backward(d_a, z, a) / 2

    z, y, h = rng.normal(size=(1, 3)), np.array([[0.0, 1, 0]]), 1e-6
    for loss in (CrossEntropy(), CrossEntropy(0.2)):
        warm = Warm()
        smoothed = (1 - loss.label_smoothing) * y + loss.label_smoothing / 3
        expected = -(smoothed * np.log(warm.f(z))).sum()
        assert loss.rows(y, z, warm.f(z), warm)[0] == pytest.approx(expected)
        numerical = [
            (loss.rows(y, z + e, warm.f(z + e), warm) - loss.rows(y, z - e, warm.f(z - e), warm))[0] / 2 / h
            for e in h * np.eye(3)
        ]
        np.testing.assert_allclose(loss.delta(y, z, warm.f(z), warm)[0], numerical, rtol=1e-6)


def test_the_default_loss_is_the_one_that_goes_with_the_output():
    chosen = {output.name: default_loss(output()).name for output in ACTIVATIONS}
    expected = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy", "exponential": "poisson"}
    assert chosen == {output.name: expected.get(output.name, "mse") for output in ACTIVATIONS}


@pytest.mark.parametrize(
    ("loss", "output", "k", "message"),
    [
        (CrossEntropy(), Softmax(), 1, "always 1"),
        (BinaryCrossEntropy(), HardSigmoid(), 1, "HardSigmoid reaches 0 and 1 themselves, one of which has an infinite"),
        (BinaryCrossEntropy(), Tanh(), 1, "needs outputs between 0 and 1, and Tanh does not give them: end .* 'sigmoid'"),
        (Poisson(), Tanh(), 1, "Poisson needs outputs above 0, of any size, and Tanh does not give them: .*'exponential'"),
        (Hinge(), Sigmoid(), 1, "Hinge needs outputs of any size and sign, and Sigmoid does not .* 'identity'"),
        (Quantile((0.1, 0.9)), Identity(), 3, "Quantile with 2 levels needs 2 outputs .* 2, 4 or 6 .*; the network has 3"),
    ],
)  # fmt: skip
def test_an_output_that_makes_no_sense_is_refused_with_the_reason(loss, output, k, message):
    with pytest.raises(InvalidArgument, match=message):
        loss.check_output(output, k)


def test_an_own_activation_goes_with_the_losses_of_its_range():
    def square(z):
        return z * z + 1e-3

    positive = CustomActivation(square, lambda z: 2 * z, output_range="positive")
    Poisson().check_output(positive, 1)
    with pytest.raises(InvalidArgument, match="and custom does not give them"):
        Hinge().check_output(positive, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Huber(0), "threshold of Huber must be a finite number above 0, not 0"),
        (lambda: Quantile(()), "at least one level"),
        (lambda: Quantile((0.5, 0.5)), r"levels of Quantile must ascend, each one once; got \(0.5, 0.5\)"),
        (lambda: Quantile((0.9, 0.1)), "must ascend"),
        (lambda: Quantile((0, 0.5)), "level of Quantile must be a finite number above 0 and below 1, not 0"),
        (lambda: Quantile("0.5"), "level of Quantile .* not '0.5'"),
        (lambda: CrossEntropy(1.0), "label_smoothing of CrossEntropy .* at least 0 and below 1, not 1.0"),
        (lambda: BinaryCrossEntropy(-0.1), "label_smoothing of BinaryCrossEntropy"),
        (lambda: Focal(gamma=-1), "gamma of Focal must be a finite number of at least 0, not -1"),
        (lambda: Focal(alpha=1), "alpha of Focal"),
    ],
)
def test_settings_out_of_their_range_are_refused(make, message):
    with pytest.raises(ChainruleError, match=message):
        make()


@pytest.mark.parametrize("loss", list(LOSSES), ids=lambda loss: loss.name)
def test_every_loss_fills_its_row_of_the_table(loss):
    assert loss.formula
    assert loss.derivative_formula
    assert loss.reduction in ("mean", "sum")
    assert loss.default_output in ACTIVATIONS.names
    assert goes_with(loss(), ACTIVATIONS[loss.default_output]())
    assert loss.logit_output in (None, loss.default_output) if issubclass(loss, ElementwiseLoss) else True
    assert LOSSES.resolve(loss.name) == LOSSES.resolve(loss) == loss()
    assert hash(loss()) == hash(loss())
    assert isinstance(ACTIVATIONS[loss.default_output](), Elementwise) == (loss is not CrossEntropy)


def test_the_tiers_are_those_of_the_design():
    assert {loss.name for loss in LOSSES if loss.tier == 2} == {"log_cosh", "hinge", "focal"}


@pytest.mark.parametrize(
    ("levels", "place"), [((0.5,), 0), ((0.05, 0.5, 0.95), 1), ((0.1, 0.2, 0.9), 1), ((0.4, 0.6), 0)]
)
def test_the_central_quantile_is_that_next_to_a_half(levels, place):
    assert Quantile(levels).central == place
