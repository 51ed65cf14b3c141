from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

from chainrule.errors import ChainruleError, InvalidArgument
from chainrule.files.descriptions import from_data, to_data
from chainrule.functions.activations import ACTIVATIONS, Selu
from chainrule.functions.initializers import INITIALIZERS, Constant, Given, Orthogonal, Scaled
from chainrule.network.architecture import Architecture
from chainrule.network.layers import BatchNorm, Dense

VARIANCES = {
    "he_normal": 2 / 300,
    "he_uniform": 2 / 300,
    "lecun_normal": 1 / 300,
    "lecun_uniform": 1 / 300,
    "xavier_normal": 2 / 500,
    "xavier_uniform": 2 / 500,
    "orthogonal": 1 / 300,
}
RANDOM = [INITIALIZERS[name]() for name in VARIANCES]


def draw(initializer, rng, n_in, n_out):
    return initializer.draw(rng, (n_in, n_out), n_in, n_out)


@pytest.mark.parametrize("initializer", RANDOM, ids=lambda i: i.name)
def test_mean_variance_and_range_are_those_of_the_paper(initializer, rng):
    w = draw(initializer, rng, 300, 200)
    variance = VARIANCES[initializer.name]
    assert w.shape == (300, 200)
    assert w.dtype == np.float64
    assert w.mean() == pytest.approx(0, abs=5 * np.sqrt(variance / w.size))
    assert w.var() == pytest.approx(variance, rel=0.03)
    if isinstance(initializer, Scaled):
        limit = np.sqrt(3 * variance)
        assert (np.abs(w).max() <= limit) == initializer.name.endswith("uniform")
        b = initializer.draw(rng, (200,), 300, 200)
        assert b.shape == (200,)
        assert b.std() == pytest.approx(np.sqrt(variance), rel=0.2)


def test_every_initializer_is_measured_or_is_fixed():
    assert {i.name for i in INITIALIZERS} == {*VARIANCES, "constant", "given"}
    assert all(i.variance and i.distribution for i in INITIALIZERS)


@pytest.mark.parametrize(("n_in", "n_out"), [(5, 5), (7, 3), (3, 7), (1, 4), (4, 1)])
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_orthogonal_weights_keep_lengths_times_the_gain(n_in, n_out, gain, rng):
    w = draw(Orthogonal(gain), rng, n_in, n_out)
    assert w.shape == (n_in, n_out)
    products = w.T @ w if n_in >= n_out else w @ w.T
    np.testing.assert_allclose(products, gain**2 * np.eye(min(n_in, n_out)), atol=1e-14)


def test_every_orthogonal_matrix_is_equally_likely(rng):
    """The angle of a rotation or reflection of the plane is uniform, and half of them are reflections."""
    drawn = [draw(Orthogonal(), rng, 2, 2) for _ in range(4000)]
    quadrants = np.bincount([2 * (w[0, 0] > 0) + (w[1, 0] > 0) for w in drawn], minlength=4)
    assert np.abs(quadrants - 1000).max() < 140  # 5 standard deviations
    assert sum(np.linalg.det(w) > 0 for w in drawn) == pytest.approx(2000, abs=160)


def test_the_default_fits_the_activation():
    he = {"relu", "leaky_relu", "elu", "softplus", "gelu", "gelu_tanh", "silu", "mish"}
    for f in ACTIVATIONS:
        expected = "he_normal" if f.name in he else "lecun_normal" if f is Selu else "xavier_normal"
        assert Dense(3, 2, f).initializer.name == expected


@pytest.mark.parametrize(
    ("f", "initializer", "low", "high"),
    [
        ("relu", "he_normal", 0.2, 5),
        ("relu", "he_uniform", 0.2, 5),
        ("relu", Orthogonal(np.sqrt(2)), 0.2, 5),
        ("identity", "lecun_normal", 0.5, 2),
        ("identity", "xavier_uniform", 0.5, 2),
        ("identity", "orthogonal", 1 - 1e-12, 1 + 1e-12),
    ],
)
def test_the_scale_is_kept_through_20_layers(f, initializer, low, high, rng):
    activation, start = ACTIVATIONS.resolve(f), INITIALIZERS.resolve(initializer)
    x = rng.normal(size=(500, 200))
    a = x
    for _ in range(20):
        a = activation.f(a @ draw(start, rng, 200, 200))
    assert low <= np.sqrt((a * a).mean() / (x * x).mean()) <= high


def test_a_smaller_start_loses_the_scale_of_relu_layers(rng):
    a = rng.normal(size=(500, 200))
    for _ in range(20):
        a = np.maximum(0, a @ draw(INITIALIZERS["lecun_normal"](), rng, 200, 200))
    assert np.sqrt((a * a).mean()) < 0.01


def test_selu_layers_normalise_themselves(rng):
    a = rng.normal(0.3, 1.3, size=(500, 400))
    for _ in range(20):
        a = Selu().f(a @ draw(INITIALIZERS["lecun_normal"](), rng, 400, 400))
    assert a.mean() == pytest.approx(0, abs=0.1)
    assert a.var() == pytest.approx(1, abs=0.2)


def test_an_array_is_taken_as_it_is_and_copied(rng):
    w, b = rng.normal(size=(4, 3)), np.arange(3)
    layer = Dense(4, 3, initializer=w, bias_initializer=b)
    kept = w.copy()
    w[0, 0] = 99
    found_w, found_b = layer.initial(rng)
    np.testing.assert_array_equal(found_w, kept)
    np.testing.assert_array_equal(found_b, [0, 1, 2])
    found_w[0, 0] = 77
    np.testing.assert_array_equal(layer.initial(rng)[0], kept)
    assert b.dtype.kind == "i"
    np.testing.assert_array_equal(Dense(1, 2, initializer=Given([[1, 2]])).initial(rng)[0], [[1.0, 2.0]])


def test_layers_with_arrays_can_be_compared_copied_and_pickled(rng):
    layer = Dense(2, 2, initializer=np.eye(2))
    assert layer == copy.deepcopy(layer) == pickle.loads(pickle.dumps(layer))
    assert hash(layer) == hash(copy.deepcopy(layer))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(layer)).initial(rng)[0], np.eye(2))
    assert repr(layer.initializer) == "Given()"


def test_a_file_does_not_keep_the_array():
    data = to_data(Dense(2, 2, initializer=np.eye(2), bias_initializer=Given(np.ones(2))))
    assert data["initializer"] == {"family": "initializer", "name": "given"}
    again = from_data(json.loads(json.dumps(data)), "layer")
    assert again.initializer.array is None
    with pytest.raises(InvalidArgument, match="Given has no array to start from; a model file does not keep it"):
        again.initial(np.random.default_rng(0))


def test_biases_start_as_they_are_told_and_take_nothing_from_the_stream_at_0():
    streams = [np.random.default_rng(3) for _ in range(3)]
    w, b = Dense(4, 3).initial(streams[0])
    same_w, constant = Dense(4, 3, bias_initializer=Constant(0.1)).initial(streams[1])
    drawn_w, drawn = Dense(4, 3, bias_initializer="lecun_uniform").initial(streams[2])
    np.testing.assert_array_equal(w, same_w)
    np.testing.assert_array_equal(w, drawn_w)
    assert b.tolist() == [0, 0, 0]
    assert constant.tolist() == [0.1, 0.1, 0.1]
    assert (np.abs(drawn) < np.sqrt(3) / 2).all()
    assert len(set(drawn)) == 3
    assert streams[0].random() == streams[1].random() != streams[2].random()


def test_a_bias_that_a_norm_takes_away_needs_no_start():
    layers = [Dense(2, 3, bias_initializer=np.ones(3)), BatchNorm(), Dense(3, 1)]
    assert "b[1]" not in Architecture.of(layers).parameters


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(4, 3, initializer=np.ones((3, 4))), r"weights of this layer have the shape \(4, 3\), and .* shape \(3, 4\)"),
        (lambda: Dense(4, 3, bias_initializer=np.ones(4)), r"biases of this layer have the shape \(3,\), and .* shape \(4,\)"),
        (lambda: Dense(4, 3, bias_initializer="orthogonal"), "Orthogonal starts the weights .* and not its biases"),
        (lambda: Dense(4, 3, initializer="orthogonl"), "did you mean 'orthogonal'"),
        (lambda: Dense(4, 3, initializer=[[1, 2]]), "is not an initializer"),
        (lambda: Dense(4, 3, initializer=Constant), "initializer Constant needs value"),
        (lambda: Given(np.array([[1, np.nan]])), r"must be finite; it is nan at \(0, 1\)"),
        (lambda: Given([[1, 2], [3]]), "real numbers, in rows of equal length"),
        (lambda: Given(["a"]), "real numbers"),
        (lambda: Given(np.array([1j])), "real numbers"),
        (lambda: Constant("a"), "The value of Constant must be a finite number, not 'a'"),
        (lambda: Constant(np.inf), "The value of Constant"),
        (lambda: Orthogonal(0), "gain of Orthogonal must be a finite number above 0, not 0"),
    ],
)  # fmt: skip
def test_what_cannot_start_a_layer_is_refused(make, message):
    with pytest.raises(ChainruleError, match=message):
        make()
