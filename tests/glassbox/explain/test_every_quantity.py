"""What is printed, computed as printed, gives the traced number: every kind of quantity, layer, activation and loss."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import chainrule
from chainrule import (
    BatchNorm,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Dropout,
    Huber,
    LayerNorm,
    Network,
    Quantile,
    Residual,
)
from chainrule.functions.activations import ACTIVATIONS
from chainrule.functions.losses import LOSSES
from chainrule.glassbox.explain.text import with_numbers
from chainrule.glassbox.trace import Quantity
from chainrule.optimizers import OPTIMIZERS
from chainrule.optimizers.optimizer import ElementwiseOptimizer
from tests.glassbox.explain.printed_arithmetic import computed

TIER_1 = [name for name in ACTIVATIONS.names if ACTIVATIONS[name].tier == 1]
LOSSES_1 = [name for name in LOSSES.names if LOSSES[name].tier == 1]
WITH_SETTINGS = [Huber(0.3), Quantile((0.1, 0.5, 0.9)), CrossEntropy(0.2), BinaryCrossEntropy(0.1)]

LAYERS = {
    "dense": lambda f: [Dense(3, 4, f)],
    "two dense": lambda f: [Dense(3, 4, f), Dense(4, 3, f)],
    "dropout": lambda f: [Dense(3, 4, f), Dropout(0.4)],
    "dropout first": lambda f: [Dropout(0.3), Dense(3, 4, f)],
    "batch norm": lambda f: [Dense(3, 4), BatchNorm(), Dense(4, 4, f)],
    "batch norm first": lambda f: [BatchNorm(), Dense(3, 4, f)],
    "layer norm": lambda f: [Dense(3, 4, f), LayerNorm()],
    "residual": lambda f: [Dense(3, 4, f), Residual([Dense(4, 4, f)])],
    "residual of norms": lambda f: [Dense(3, 4), Residual([BatchNorm(), Dense(4, 4, f), Dropout(0.2), LayerNorm()])],
    "residual in residual": lambda f: [Residual([Dense(3, 3, f), Residual([LayerNorm(), Dense(3, 3, f)])])],
    "norm and dropout": lambda f: [Dense(3, 4, f), LayerNorm(), Dropout(0.2), BatchNorm()],
}


def network(layers, output, k=3, seed=0):
    width = next(
        layer.n_out if isinstance(layer, Dense) else 3
        for layer in reversed(layers)
        if isinstance(layer, Dense | Residual)
    )
    if isinstance(layers[-1], Residual):
        width = layers[-1].layers[0].n_in if isinstance(layers[-1].layers[0], Dense) else layers[0].n_out
    nn = Network(layers=[*layers, Dense(width, k, output)], seed=seed, dtype=np.float64)
    rng = np.random.default_rng(seed)
    nn.theta[...] += 0.3 * rng.normal(size=nn.theta.shape)  # so that no bias is 0 and no scale is 1
    return nn


def targets(loss, n, k, rng):
    kind = loss.target
    if kind == "class":
        return rng.integers(0, k, n)
    if kind == "binary":
        return rng.integers(0, 2, (n, k)).astype(float)
    if kind == "levels":
        return rng.normal(size=(n, max(1, k // len(loss.levels))))
    return rng.poisson(2.0, (n, k)).astype(float)


def check(step, rng, most=3, digits=17, relative=1e-11):
    """Up to so many entries of every array: what is printed of each gives its number."""
    seen = 0
    for name, value in step.items():
        array = np.asarray(value)
        entries = [()] if array.ndim == 0 else [np.unravel_index(i, array.shape) for i in range(array.size)]
        chosen = rng.permutation(len(entries))[:most]
        for i in chosen:
            explained = chainrule.explain(step, Quantity(name, tuple(int(j) for j in entries[i])))
            if explained.is_given:
                continue
            assert explained.expression is not None, f"{explained.quantity}: {explained.remark}"
            shown = explained.shown(4)
            found = computed(with_numbers(shown, digits))
            size = max(explained.expression.size, abs(explained.value))
            assert abs(found - explained.value) <= relative * size, f"{explained.text(digits=17)}\n{found}"
            assert explained.rule
            assert explained.code or ".factor" in name or ".mean" in name or ".variance" in name or not_own(explained)
            seen += 1
    return seen


def not_own(explained):
    """Whether a number is of a function that is the test's own, or drawn at random."""
    return explained.quantity.name == "penalty"


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("activation", TIER_1)
def test_every_quantity_of_every_layer_with_every_activation(layers, activation, rng):
    nn = network(LAYERS[layers](activation), "softmax", seed=TIER_1.index(activation))
    x, y = rng.normal(size=(5, 3)), rng.integers(0, 3, 5)
    assert check(chainrule.trace(nn, x, y, l1=0.01, l2=0.02), rng) > 30


@pytest.mark.parametrize("output", TIER_1)
@pytest.mark.parametrize("loss", [*LOSSES_1, *WITH_SETTINGS], ids=str)
@pytest.mark.parametrize("k", [1, 3])
def test_every_quantity_with_every_loss_and_output(loss, output, k, rng):
    loss, activation = LOSSES.resolve(loss), ACTIVATIONS.resolve(output)
    try:
        loss.check_output(activation, k)
    except chainrule.ChainruleError:
        return  # a pair that makes no sense is refused everywhere
    nn = network([Dense(3, 4, "tanh")], output, k, seed=k)
    x, y = rng.normal(size=(4, 3)), targets(loss, 4, k, rng)
    assert check(chainrule.trace(nn, x, y, loss), rng) > 15


@pytest.mark.parametrize("name", [each.name for each in OPTIMIZERS if issubclass(each, ElementwiseOptimizer)])
def test_every_optimizer_that_moves_entries_alone(name, rng):
    nn = network([Dense(3, 4, "relu"), LayerNorm()], "softmax")
    x, y = rng.normal(size=(4, 3)), rng.integers(0, 3, 4)
    step = chainrule.trace(nn, x, y, optimizer=name, l2=0.1)
    for quantity in ("new w[1][0,1]", "new b[2][1]", "new layer_norm_1.scale[2]"):
        explained = chainrule.explain(step, quantity)
        assert explained.expression is not None, explained
        assert computed(with_numbers(explained.expression, 17)) == pytest.approx(explained.value, rel=1e-11)
        assert explained.code[-1].file == f"chainrule/optimizers/{explained.code[-1].file.rsplit('/', 1)[1]}"


def test_weighted_rows_and_clipped_gradients(rng):
    nn = network([Dense(3, 4), BatchNorm(), Dense(4, 4, "relu")], "sigmoid", k=2)
    x, y = rng.normal(size=(5, 3)), rng.integers(0, 2, (5, 2)).astype(float)
    for clip in (chainrule.Clip("sgd", norm=1e-3), chainrule.Clip("sgd", value=1e-3), chainrule.Clip("adam", norm=1e3)):
        step = chainrule.trace(nn, x, y, sample_weight=[1, 2, 3, 0, 1], optimizer=clip)
        assert step.n_rows == 4
        assert check(step, rng) > 30


def test_prediction_instead_of_training(rng):
    nn = network([Dense(3, 4), BatchNorm(), Dropout(0.5), Dense(4, 4, "relu")], "identity", k=1)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    step = chainrule.trace(nn, x, y, training=False)
    assert check(step, rng) > 30
    assert "running mean" in chainrule.explain(step, "batch_norm_1.mean[0]").rule
    np.testing.assert_allclose(step.a[4], nn.predict(x))


def test_numbers_in_float32_and_large_ones(rng):
    for dtype, scale in itertools.product((np.float32, np.float64), (1.0, 100.0)):
        nn = Network((3, 5, 3), ("tanh", "softmax"), seed=2, dtype=dtype)
        nn.theta[...] *= scale
        step = chainrule.trace(nn, rng.normal(size=(4, 3)), rng.integers(0, 3, 4))
        assert check(step, rng, relative=1e-4 if dtype == np.float32 else 1e-10) > 15


def test_six_digits_are_enough_to_follow_the_arithmetic(rng):
    nn = network([Dense(3, 4, "tanh")], "softmax")
    step = chainrule.trace(nn, rng.normal(size=(4, 3)), rng.integers(0, 3, 4))
    assert check(step, rng, digits=6, relative=1e-4) > 15


def test_a_long_sum_shows_its_largest_terms_and_what_the_others_come_to(rng):
    nn = Network((200, 3, 2), ("relu", "softmax"), seed=1, dtype=np.float64)
    step = chainrule.trace(nn, rng.normal(size=(3, 200)), [0, 1, 1])
    explained = chainrule.explain(step, "z[2][0,1]")
    shown = explained.shown(5)
    assert len(shown.terms) == 5
    assert f"({201 - 4}\N{NO-BREAK SPACE}smaller\N{NO-BREAK SPACE}terms:" in with_numbers(shown)
    assert computed(with_numbers(shown, 17)) == pytest.approx(explained.value, rel=1e-12)
    terms = [abs(a * w) for a, w in zip(step.x[0], nn.w[1][:, 1], strict=True)]
    assert {abs(term.value) for term in shown.terms[:4]} == set(sorted(terms)[-4:])
