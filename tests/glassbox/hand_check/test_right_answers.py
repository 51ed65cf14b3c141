"""A right answer is never called wrong, whatever the quantity and to however many digits."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule
from chainrule.glassbox.hand_check.right_step import RightStep
from chainrule.glassbox.trace import Quantity
from chainrule.network.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual
from tests.glassbox.hand_check.drawn_steps import HIDDEN, drawn


def layered(rng, dtype):
    """A network with every kind of layer."""
    d = int(rng.integers(2, 5))
    kinds = [BatchNorm(), LayerNorm(), Dropout(0.3), Residual([Dense(d, d, "tanh"), BatchNorm()])]
    inside = [kinds[i] for i in rng.permutation(4)[: rng.integers(1, 5)]]
    layers = [Dense(3, d, str(rng.choice(HIDDEN))), *inside, Dense(d, 3, "softmax")]
    nn = chainrule.Network(layers=layers, seed=int(rng.integers(1000)), dtype=dtype)
    n = int(rng.integers(2, 7))
    return chainrule.trace(
        nn,
        rng.normal(size=(n, 3)),
        rng.integers(0, 3, n),
        optimizer=str(rng.choice(["sgd", "adam", "momentum"])),
        l1=float(rng.choice([0, 0.01])),
        l2=float(rng.choice([0, 0.1])),
        sample_weight=rng.uniform(0.5, 2, n) if rng.random() < 0.3 else None,
        training=bool(rng.random() < 0.8),
        learning_rate=0.1,
    )


def step_of(rng):
    """A trace, of one kind or another."""
    which = rng.integers(4)
    if which == 0:
        return layered(rng, np.float64)
    if which == 1:
        return layered(rng, np.float32)
    return drawn(rng, l2=float(rng.choice([0, 0.1]))).trace()


def rounded_text(value, digits):
    """The number with so many significant digits, as a person writes it."""
    return "0" if value == 0 else f"{value:#.{digits}g}".rstrip(".")


def test_a_right_number_is_right_to_any_digits(proof):
    rng = np.random.default_rng(0)
    for _ in range(1000 // 10 if proof else 15):
        step = step_of(rng)
        for _ in range(10):
            name = str(rng.choice(list(step)))
            array, digits = np.asarray(step[name], np.float64), int(rng.integers(1, 13))
            index = tuple(int(rng.integers(d)) for d in array.shape)
            entry = f"{name}[{','.join(map(str, index))}]" if index else name
            value = float(array[index])
            for given in (rounded_text(value, digits), float(rounded_text(value, digits)), value):
                check = chainrule.hand_check(step, entry, given)
                assert check.right, f"{entry} = {value!r} given as {given!r}: {check}"
                assert check.mistakes == ()


def test_a_right_array_is_right_to_any_digits(proof):
    rng = np.random.default_rng(1)
    for _ in range(100 if proof else 15):
        step = step_of(rng)
        for name in step:
            array, digits = np.asarray(step[name]), int(rng.integers(1, 13))
            texts = np.array([rounded_text(float(each), digits) for each in array.ravel()], object)
            assert chainrule.hand_check(step, name, texts.reshape(array.shape).tolist()).right
            assert chainrule.hand_check(step, name, array).right
            assert chainrule.hand_check(step, name, array.tolist()).right


def test_the_right_value_is_the_traced_one():
    rng = np.random.default_rng(2)
    for _ in range(10):
        step = layered(rng, np.float64)
        for name in step:
            right = RightStep(step).value(Quantity.parsed(name))
            np.testing.assert_allclose(right, step[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("decimals", range(1, 7))
def test_an_array_that_numpy_rounded_is_right(decimals):
    rng = np.random.default_rng(decimals)
    step = drawn(rng, hidden=["tanh"], outputs=[("identity", "mse")]).trace()
    for name in ("z[2]", "a[2]", "dw[1]", "new w[1]"):
        assert chainrule.hand_check(step, name, np.round(step[name], decimals)).right


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gradient_that_is_0_but_for_rounding_may_be_given_as_0(dtype):
    layers = [Dense(3, 4), Dense(4, 4), BatchNorm(), Dense(4, 2, "softmax")]  # the norm takes away what b[1] adds
    nn = chainrule.Network(layers=layers, seed=1, dtype=dtype)
    x = np.random.default_rng(0).normal(size=(5, 3))
    step = chainrule.trace(nn, x, [0, 1, 0, 1, 1])
    assert 0 < np.abs(step.db[1]).max() < 1e-6
    assert chainrule.hand_check(step, "db[1]", np.zeros(4))
    assert chainrule.hand_check(step, "db[1]", np.full(4, 1e-19))
    assert not chainrule.hand_check(step, "db[1]", np.full(4, 1e-3))
    assert not chainrule.hand_check(step, "dw[1]", np.zeros((3, 4)))


def test_in_float32_the_number_of_float64_and_that_of_float32_are_both_right():
    rng = np.random.default_rng(3)
    nn = chainrule.Network((5, 4, 3), ("gelu", "softmax"), seed=1)
    x, y = rng.normal(size=(6, 5)), rng.integers(0, 3, 6)
    step = chainrule.trace(nn, x, y)
    exact = chainrule.Network((5, 4, 3), ("gelu", "softmax"), seed=1, dtype=float)
    exact.theta = nn.theta.astype(float)
    right = chainrule.trace(exact, x.astype(np.float32), y, learning_rate=step.learning_rate)
    for name in step:
        assert chainrule.hand_check(step, name, right[name]).right
        assert chainrule.hand_check(step, name, step[name]).right
