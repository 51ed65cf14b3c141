"""Every layer in the catalogue keeps the contract; each one's own meaning."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from chainrule.errors import InvalidArgument
from chainrule.functions.activations import Relu, Tanh
from chainrule.network.layer import Mode
from chainrule.network.layers import LAYERS, BatchNorm, Dense, Dropout, LayerNorm, Residual
from chainrule.network.workspace import Workspace

EXAMPLES = {
    "dense": Dense(4, 3, Tanh),
    "dropout": Dropout(0.4),
    "batch_norm": BatchNorm(),
    "layer_norm": LayerNorm(),
    "residual": Residual([Dense(4, 6, Tanh), Dropout(0.3), Dense(6, 4), BatchNorm()]),
}
layers = pytest.mark.parametrize("layer", [EXAMPLES[layer.name].placed(4, "x") for layer in LAYERS], ids=str)


def numbers(layer, rng):
    return layer.initial(rng), layer.initial_statistics()


def frozen(*arrays):
    for array in arrays:
        array.flags.writeable = False


def place(layer):
    if layer.inside:
        widths, inner = 4, []
        for each in layer.inside:
            inner.append(each.placed(widths, "inner"))
            widths = each.n_outputs(widths)
        return dataclasses.replace(layer, layers=tuple(inner))
    return layer


@layers
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_backward_is_the_numerical_derivative_of_forward(layer, training, weighted, rng):
    layer = place(layer)
    parameters, state = numbers(layer, rng)
    x, weights = rng.normal(size=(5, 4)), rng.random(5) if weighted else None
    d_output = rng.normal(size=(5, layer.n_outputs(4)))

    def J(x, parameters):
        return float((layer.forward(parameters, state, x, mode())[0] * d_output).sum())

    def mode():
        return Mode(training, np.random.default_rng(3) if training else None, weights)

    _, cache = layer.forward(parameters, state, x, mode())
    found = layer.backward(parameters, cache, d_output)
    for array, gradient in [(x, found.input), *zip(parameters, found.parameters, strict=True)]:
        for index in np.ndindex(array.shape):
            value, h = array[index], 1e-6
            array[index] = value + h
            plus = J(x, parameters)
            array[index] = value - h
            minus = J(x, parameters)
            array[index] = value
            assert gradient[index] == pytest.approx((plus - minus) / (2 * h), rel=1e-6, abs=1e-7)


@layers
def test_nothing_that_is_handed_in_is_written_to_and_out_is(layer, rng):
    layer = place(layer)
    parameters, state = numbers(layer, rng)
    x, d_output = rng.normal(size=(5, 4)), rng.normal(size=(5, layer.n_outputs(4)))
    frozen(x, d_output, *parameters, *state)
    mode = Mode(True, np.random.default_rng(3))
    output, cache = layer.forward(parameters, state, x, mode)
    frozen(output)
    out = tuple(np.full_like(parameter, np.nan) for parameter in parameters)
    found = layer.backward(parameters, cache, d_output, out)
    again = layer.backward(parameters, cache, d_output)
    for written, given, new in zip(out, found.parameters, again.parameters, strict=True):
        assert written is given or np.shares_memory(written, given)
        np.testing.assert_array_equal(written, new)
    updated = layer.updated_statistics(state, cache)
    assert [a.shape for a in updated] == [spec.shape for spec in layer.statistics()]


@layers
def test_a_layer_is_frozen_and_says_which_arrays_it_needs(layer, rng):
    layer = place(layer)
    with pytest.raises(dataclasses.FrozenInstanceError):
        layer.label = "other"
    parameters, state = numbers(layer, rng)
    assert [a.shape for a in parameters] == [spec.shape for spec in layer.parameters()]
    assert [a.shape for a in state] == [spec.shape for spec in layer.statistics()]


@layers
def test_leading_axes_of_several_networks_give_what_each_gives_alone(layer, rng):
    layer = place(layer)
    many = [numbers(layer, rng) for _ in range(3)]
    parameters = tuple(np.stack(arrays) for arrays in zip(*(p for p, _ in many), strict=True))
    state = tuple(np.stack(arrays) for arrays in zip(*(s for _, s in many), strict=True))
    x, d_output = rng.normal(size=(3, 5, 4)), rng.normal(size=(3, 5, layer.n_outputs(4)))
    streams = tuple(np.random.default_rng(k) for k in range(3))
    output, cache = layer.forward(parameters, state, x, Mode(True, streams))
    found = layer.backward(parameters, cache, d_output)
    for k, (own, own_state) in enumerate(many):
        alone, own_cache = layer.forward(own, own_state, x[k], Mode(True, np.random.default_rng(k)))
        np.testing.assert_allclose(output[k], alone, rtol=1e-12)
        gradient = layer.backward(own, own_cache, d_output[k])
        np.testing.assert_allclose(found.input[k], gradient.input, rtol=1e-10, atol=1e-12)
        for ours, theirs in zip(found.parameters, gradient.parameters, strict=True):
            np.testing.assert_allclose(ours[k], theirs, rtol=1e-10, atol=1e-12)


def test_dense_is_the_posts_formula(rng):
    w, b, x, d_a = rng.normal(size=(4, 3)), rng.normal(size=3), rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    layer = Dense(4, 3, Relu)
    a, cache = layer.forward((w, b), (), x, Mode())
    np.testing.assert_allclose(cache.z, x @ w + b)
    np.testing.assert_allclose(a, np.maximum(0, x @ w + b))
    found = layer.backward((w, b), cache, d_a)
    np.testing.assert_allclose(found.delta, d_a * (cache.z > 0))
    np.testing.assert_allclose(found.parameters[0], x.T @ found.delta)
    np.testing.assert_allclose(found.parameters[1], found.delta.sum(axis=0))
    np.testing.assert_allclose(found.input, found.delta @ w.T)
    assert layer.backward((w, b), cache, d_a, need_input=False).input is None


def test_a_workspace_gives_the_same_numbers_in_the_same_memory(rng):
    layer, workspace = Dense(4, 3, label="x"), Workspace()
    parameters, x = layer.initial(rng), rng.normal(size=(5, 4))
    _, first = layer.forward(parameters, (), x, Mode(workspace=workspace))
    expected = layer.forward(parameters, (), x, Mode())[0]
    held = workspace.nbytes
    a, second = layer.forward(parameters, (), x, Mode(workspace=workspace))
    np.testing.assert_array_equal(a, expected)
    assert second.z is first.z
    assert workspace.nbytes == held == first.z.nbytes


def test_a_workspace_shares_the_memory_of_a_name_among_the_shapes():
    workspace = Workspace()
    large = workspace.array("z", (5, 4), np.dtype(np.float32))
    small = workspace.array("z", (3, 4), np.dtype(np.float32))
    assert np.shares_memory(large, small)
    assert workspace.nbytes == large.nbytes
    assert workspace.array("z", (5, 4), np.dtype(np.float32)) is large
    assert not np.shares_memory(large, workspace.array("a", (5, 4), np.dtype(np.float32)))
    assert not np.shares_memory(large, workspace.array("z", (5, 4), np.dtype(np.float64)))


def test_dropout_drops_the_share_enlarges_the_others_and_rests_in_prediction():
    x = np.ones((2000, 50), np.float32)
    y, factor = Dropout(0.3).forward((), (), x, Mode(True, np.random.default_rng(0)))
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert np.unique(y).tolist() == [0, np.float32(1 / 0.7)]
    assert y.dtype == np.float32
    assert Dropout(0.3).backward((), factor, x).input.tolist() == y.tolist()
    assert Dropout(0.3).forward((), (), x, Mode(False))[0] is x


def test_dropout_follows_the_scheduled_factor():
    x = np.ones((1000, 50))
    y, _ = Dropout(0.4).forward((), (), x, Mode(True, np.random.default_rng(0), dropout_factor=0.5))
    assert (y == 0).mean() == pytest.approx(0.2, abs=0.01)


def test_networks_that_share_a_stream_share_their_masks_and_float64_has_those_of_float32():
    x = np.ones((3, 4, 5))
    y, _ = Dropout(0.5).forward((), (), x, Mode(True, np.random.default_rng(7)))
    assert (y == y[0]).all()
    single, _ = Dropout(0.5).forward((), (), x[0].astype(np.float32), Mode(True, np.random.default_rng(7)))
    assert ((single == 0) == (y[0] == 0)).all()


def test_batch_norm_centres_and_scales_over_rows_and_remembers(rng):
    layer = BatchNorm(momentum=0.8, epsilon=1e-12).placed(4, "x")
    parameters, state = layer.initial(rng), layer.initial_statistics()
    x = rng.normal(3, 2, size=(50, 4))
    y, cache = layer.forward(parameters, state, x, Mode(True))
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), 1)
    mean, variance = layer.updated_statistics(state, cache)
    np.testing.assert_allclose(mean, 0.2 * x.mean(axis=0))
    np.testing.assert_allclose(variance, 0.8 + 0.2 * x.var(axis=0))
    predicted, cache = layer.forward(parameters, (mean, variance), x, Mode(False))
    np.testing.assert_allclose(predicted, (x - mean) / np.sqrt(variance))
    assert layer.updated_statistics((mean, variance), cache) == (mean, variance)


def test_batch_norm_counts_a_row_of_weight_2_as_the_row_twice(rng):
    layer = BatchNorm().placed(4, "x")
    parameters, state = layer.initial(rng), layer.initial_statistics()
    x = rng.normal(size=(5, 4))
    weighted, cache = layer.forward(parameters, state, x, Mode(True, weights=np.array([1.0, 2, 1, 1, 1])))
    twice, twice_cache = layer.forward(parameters, state, x[[0, 1, 1, 2, 3, 4]], Mode(True))
    np.testing.assert_allclose(weighted, twice[[0, 1, 3, 4, 5]])
    np.testing.assert_allclose(layer.updated_statistics(state, cache), layer.updated_statistics(state, twice_cache))


def test_batch_norm_refuses_a_training_batch_of_one_row(rng):
    layer = BatchNorm().placed(4, "batch_norm_1")
    with pytest.raises(InvalidArgument, match="batch_norm_1 got a training batch of 1 row"):
        layer.forward(layer.initial(rng), layer.initial_statistics(), np.ones((1, 4)), Mode(True))


def test_layer_norm_centres_and_scales_each_row_over_its_units(rng):
    layer = LayerNorm(epsilon=1e-12).placed(4, "x")
    x = rng.normal(3, 2, size=(50, 4))
    y, _ = layer.forward(layer.initial(rng), (), x, Mode(True))
    np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=1), 1)
    np.testing.assert_array_equal(layer.forward(layer.initial(rng), (), x, Mode(False))[0], y)
    scaled, _ = layer.forward((np.full(4, 2.0), np.arange(4.0)), (), x, Mode(True))
    np.testing.assert_allclose(scaled, 2 * y + np.arange(4))


def test_layer_norm_adds_epsilon_to_the_variance():
    layer = LayerNorm(epsilon=3.0).placed(2, "x")
    y, _ = layer.forward((np.ones(2), np.zeros(2)), (), np.array([[1.0, -1.0]]), Mode())
    np.testing.assert_allclose(y, [[0.5, -0.5]])  # 1 / sqrt(1 + 3)


def test_layer_norm_sees_no_other_row(rng):
    layer = LayerNorm().placed(4, "x")
    x = rng.normal(size=(5, 4))
    together, _ = layer.forward(layer.initial(rng), (), x, Mode(True))
    alone, _ = layer.forward(layer.initial(rng), (), x[[2]], Mode(True))
    np.testing.assert_array_equal(together[[2]], alone)
    assert not layer.couples_rows


def test_layer_norm_refuses_a_single_unit():
    with pytest.raises(InvalidArgument, match="layer_norm_1 stands behind 1 unit, which is its own mean"):
        LayerNorm().placed(1, "layer_norm_1")


def test_residual_adds_its_input(rng):
    inner = Dense(4, 4, Tanh)
    parameters, x = inner.initial(rng), rng.normal(size=(5, 4))
    y, _ = Residual([inner]).forward(parameters, (), x, Mode())
    np.testing.assert_allclose(y, x + inner.forward(parameters, (), x, Mode())[0])
