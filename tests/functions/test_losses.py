"""Every loss in the catalogue with every output that it goes with."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, mean_squared_error

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import ACTIVATIONS, Identity, Sigmoid, Softmax
from chainrule.functions.losses import LOSSES, MSE, BinaryCrossEntropy, CrossEntropy, ElementwiseLoss, default_loss


def goes_with(loss, output, k: int = 3) -> bool:
    try:
        loss.check_output(output, k)
    except InvalidArgument:
        return False
    return True


PAIRS = [(loss(), output()) for loss in LOSSES for output in ACTIVATIONS if goes_with(loss(), output())]
pairs = pytest.mark.parametrize(("loss", "output"), PAIRS, ids=lambda member: str(member))


def targets(loss, rng, n: int, k: int) -> np.ndarray:
    if loss.target == "class":
        return np.eye(k)[rng.integers(0, k, n)]
    return rng.random((n, k)) if loss.target == "binary" else rng.normal(size=(n, k))


def test_the_pairs_that_make_sense_are_those():
    names = {(loss.name, output.name) for loss, output in PAIRS}
    assert names == {("mse", output.name) for output in ACTIVATIONS} | {
        ("binary_cross_entropy", "sigmoid"),
        ("cross_entropy", "softmax"),
    }


@pairs
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 4))
def test_delta_is_the_numerical_derivative_of_the_rows(loss, output, seed, k):
    rng = np.random.default_rng(seed)
    z, y = rng.normal(size=(3, k)) * 3, targets(loss, rng, 3, k)
    z += 0.01 * np.sign(z)  # away from the kinks at 0
    h = 1e-6
    numerical = np.empty_like(z)
    for index in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[index] = h
        plus, minus = (loss.rows(y, moved, output.f(moved), output).sum() for moved in (z + step, z - step))
        numerical[index] = (plus - minus) / (2 * h)
    np.testing.assert_allclose(loss.delta(y, z, output.f(z), output), numerical, rtol=1e-6, atol=2e-8)


@pairs
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_1000_neither_overflow_nor_warn(loss, output, dtype):
    z = np.array([[1e3, -1e3, 0], [-1e3, 1e3, -1e3]], dtype)
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


def test_squared_error_is_averaged_over_the_outputs(rng):
    z, y = rng.normal(size=(2, 7, 3))
    assert MSE().rows(y, z, z, Identity()).mean() == pytest.approx(mean_squared_error(y, z))


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


def test_binary_cross_entropy_of_another_probability_is_computed_from_a(rng):
    class Other(Sigmoid):
        name = "other"

    z, y = rng.normal(size=(6, 2)), rng.random((6, 2))
    a = Sigmoid().f(z)
    loss = BinaryCrossEntropy()
    np.testing.assert_allclose(loss.rows(y, z, a, Other()), loss.rows(y, z, a, Sigmoid()))
    np.testing.assert_allclose(loss.delta(y, z, a, Other()), loss.delta(y, z, a, Sigmoid()))


def test_cross_entropy_of_another_distribution_is_computed_from_a(rng):
    @dataclasses.dataclass(frozen=True)
    class Warm(Softmax):
        name = "warm softmax"

        def f(self, z):
            return super().f(z / 2)

        def backward(self, d_a, z, a):
            return super().backward(d_a, z, a) / 2

    z, y, h = rng.normal(size=(1, 3)), np.array([[0.0, 1, 0]]), 1e-6
    loss, warm = CrossEntropy(), Warm()
    assert loss.rows(y, z, warm.f(z), warm)[0] == pytest.approx(-np.log(warm.f(z)[0, 1]))
    numerical = [
        (loss.rows(y, z + e, warm.f(z + e), warm) - loss.rows(y, z - e, warm.f(z - e), warm))[0] / 2 / h
        for e in h * np.eye(3)
    ]
    np.testing.assert_allclose(loss.delta(y, z, warm.f(z), warm)[0], numerical, rtol=1e-6)


def test_a_loss_passes_its_settings_to_its_expressions(rng):
    @dataclasses.dataclass(frozen=True)
    class Huber(ElementwiseLoss):
        name, formula, reduction, target, default_output = "huber", "h", "mean", "value", "identity"
        width: float = 1.0

        @staticmethod
        def expression(y, a, width):
            d = np.abs(a - y)
            return np.where(d < width, d * d / 2, width * (d - width / 2))

        @staticmethod
        def derivative_expression(y, a, width):
            return np.clip(a - y, -width, width)

    y, z = np.zeros((1, 2)), np.array([[0.5, 3.0]])
    assert Huber(2.0).rows(y, z, z, Identity())[0] == pytest.approx((0.125 + 4) / 2)
    np.testing.assert_allclose(Huber(2.0).delta(y, z, z, Identity()), [[0.25, 1.0]])


def test_the_default_loss_is_the_one_that_goes_with_the_output():
    chosen = {output.name: default_loss(output()).name for output in ACTIVATIONS}
    expected = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy"}
    assert chosen == {output.name: expected.get(output.name, "mse") for output in ACTIVATIONS}


def test_a_softmax_over_one_output_is_refused():
    with pytest.raises(InvalidArgument, match="always 1"):
        CrossEntropy().check_output(Softmax(), 1)


@pytest.mark.parametrize("loss", list(LOSSES), ids=lambda loss: loss.name)
def test_every_loss_fills_its_row_of_the_table(loss):
    assert loss.formula
    assert loss.reduction in ("mean", "sum")
    assert loss.default_output in ACTIVATIONS.names
    assert LOSSES.resolve(loss.name) == LOSSES.resolve(loss) == loss()
