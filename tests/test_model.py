"""The public network, as people call it."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule
from chainrule import MSE, CrossEntropy, Dense, Network, Relu, Sigmoid, Softmax, Tanh
from chainrule.data.standardizer import Standardizer
from chainrule.training.history import History


def test_the_posts_call_works_unchanged(digits):
    x, labels = digits
    y = np.eye(10)[labels]
    nn = Network((64, 15, 10), (Relu, Sigmoid))
    nn.fit(x, y, loss=MSE, epochs=2, batch_size=15, learning_rate=1e-3)
    assert nn.predict(x).shape == (1797, 10)
    assert nn.w[1].shape == (64, 15)
    assert nn.b[2].shape == (10,)
    assert nn.n_layers == 3
    assert nn.dimensions == (64, 15, 10)
    assert nn.activations == {2: Relu(), 3: Sigmoid()}
    positional = Network((64, 15, 10), (Relu, Sigmoid), seed=nn.seed)
    positional.fit(x, y, MSE, 2, 15, 1e-3)
    np.testing.assert_array_equal(positional.theta, nn.theta)


@pytest.mark.parametrize("loss", [MSE, MSE(), "mse", "MSE"])
@pytest.mark.parametrize("activation", [Relu, Relu(), "relu"])
def test_activations_and_losses_are_given_as_class_instance_or_name(activation, loss, rng):
    x = rng.normal(size=(40, 2))
    nn = Network((2, 3, 1), (activation, "identity"), seed=1)
    nn.fit(x, x[:, 0], loss, epochs=2, verbose=False)
    assert nn.activations[2] == Relu()
    assert nn.loss == MSE()


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_any_depth_learns(depth, rng):
    x = rng.normal(size=(200, 3))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    nn = Network((3, *[8] * (depth - 1), 2), (*[Tanh] * (depth - 1), Softmax), seed=depth)
    history = nn.fit(x, y, epochs=60, learning_rate=0.3, verbose=False)
    assert isinstance(history, History)
    assert nn.evaluate(x, y)["accuracy"] > 0.95


@pytest.mark.parametrize(
    ("output", "loss", "y"),
    [
        (Softmax, "cross_entropy", np.array([0, 1, 2])),
        (Sigmoid, "binary_cross_entropy", np.array([[0, 1, 0], [1, 1, 0], [0, 0, 1]])),
        (Tanh, "mse", np.zeros((3, 3))),
        ("identity", "mse", np.zeros((3, 3))),
    ],
)
def test_a_loss_that_is_not_given_is_the_one_that_goes_with_the_output(output, loss, y):
    nn = Network((2, 3), (output,), seed=1)
    nn.fit(np.ones((3, 2)), y, epochs=1, verbose=False)
    assert nn.loss.name == loss


def test_one_column_targets_are_never_broadcast(rng):
    x, y = rng.normal(size=(30, 2)), rng.normal(size=30)
    flat, column = (Network((2, 1), ("identity",), seed=1) for _ in range(2))
    flat.fit(x, y, epochs=3, verbose=False)
    column.fit(x, y[:, np.newaxis], epochs=3, verbose=False)
    np.testing.assert_array_equal(flat.theta, column.theta)
    a = flat.predict(x)[:, 0].astype(float)
    assert flat.evaluate(x, y)["J"] == pytest.approx(((a - y) ** 2).mean(), rel=1e-5)


def test_labels_and_one_hot_rows_are_the_same(rng):
    x, labels = rng.normal(size=(30, 2)), rng.integers(0, 3, 30)
    first, second = (Network((2, 3), (Softmax,), seed=1) for _ in range(2))
    first.fit(x, labels, epochs=3, verbose=False)
    second.fit(x, np.eye(3)[labels], CrossEntropy, epochs=3, verbose=False)
    np.testing.assert_array_equal(first.theta, second.theta)


def test_classes_are_named_as_the_network_was_told():
    nn = Network((1, 2), (Softmax,), seed=1, classes=["no", "yes"])
    nn.w[1] = [[-1, 1]]
    assert nn.predict_classes([[2], [-2]]).tolist() == ["yes", "no"]
    nn.classes = None
    assert nn.predict_classes([[2], [-2]]).tolist() == [1, 0]
    single = Network((1, 1), (Sigmoid,), seed=1, classes=["no", "yes"])
    single.w[1] = [[1]]
    assert single.predict_classes([[2], [-2]]).tolist() == ["yes", "no"]
    with pytest.raises(ValueError, match="2 different classes are needed"):
        nn.classes = ["a", "a"]


def test_an_encoder_is_applied_to_every_x(rng):
    x, y = rng.normal(50, 10, size=(60, 3)), rng.integers(0, 2, 60)
    encoder = Standardizer.fitted(x)
    inside = Network((3, 4, 2), (Relu, Softmax), seed=1, encoder=encoder, dtype=np.float64)
    outside = Network((3, 4, 2), (Relu, Softmax), seed=1, dtype=np.float64)
    z = encoder.transform(x)
    inside.fit(x, y, epochs=2, validation=(x, y), verbose=False)
    outside.fit(z, y, epochs=2, validation=(z, y), verbose=False)
    np.testing.assert_array_equal(inside.theta, outside.theta)
    np.testing.assert_array_equal(inside.predict(x), outside.predict(z))
    np.testing.assert_array_equal(inside.forward(x).a[1], z)
    with pytest.raises(ValueError, match="encoder gives 3 numbers and the network takes 4 inputs"):
        Network((4, 2), (Softmax,), encoder=encoder)


def test_records_are_in_the_posts_notation(rng):
    nn = Network((3, 4, 2), (Tanh, Softmax), seed=1, dtype=np.float64)
    x, y = rng.normal(size=(5, 3)), np.eye(2)[rng.integers(0, 2, 5)]
    forward, backward = nn.forward(x), nn.backward(x, y, l2=0.1)
    np.testing.assert_allclose(forward.a[1], x)
    np.testing.assert_allclose(forward.z[2], x @ nn.w[1] + nn.b[1])
    np.testing.assert_allclose(forward.a[2], np.tanh(forward.z[2]))
    np.testing.assert_allclose(forward.z[3], forward.a[2] @ nn.w[2] + nn.b[2])
    np.testing.assert_allclose(forward.a[3], nn.predict(x))
    assert forward.output is forward.a[3]
    np.testing.assert_allclose(backward.delta[3], (forward.a[3] - y) / 5)
    np.testing.assert_allclose(backward.delta[2], backward.delta[3] @ nn.w[2].T * (1 - forward.a[2] ** 2))
    for i in (1, 2):
        np.testing.assert_allclose(backward.dw[i], forward.a[i].T @ backward.delta[i + 1] + 0.1 * nn.w[i])
        np.testing.assert_allclose(backward.db[i], backward.delta[i + 1].sum(axis=0))
    assert pytest.approx(nn.evaluate(x, y)["J"]) == backward.J
    assert backward.penalty == pytest.approx(0.05 * sum((w**2).sum() for w in nn.w.values()))
    step = nn.copy()
    step.fit(x, y, epochs=1, batch_size=5, learning_rate=0.5, l2=0.1, verbose=False)
    np.testing.assert_allclose(step.theta, nn.theta - 0.5 * backward.gradient)


def test_records_count_dense_layers_and_reach_into_residuals(rng):
    layers = [Dense(3, 4, Tanh), chainrule.BatchNorm(), chainrule.Residual([Dense(4, 4, Relu)]), Dense(4, 2, Softmax)]
    nn = Network(layers=layers, seed=1, dtype=np.float64)
    x, y = rng.normal(size=(5, 3)), [0, 1, 0, 1, 1]
    forward, backward = nn.forward(x, training=True), nn.backward(x, y)
    assert list(forward.z) == [2, 3, 4]
    assert list(forward.a) == [1, 2, 3, 4]
    np.testing.assert_allclose(forward.a[2].mean(axis=0), 0, atol=1e-12)  # what the next dense layer receives
    for i in (1, 2, 3):
        np.testing.assert_allclose(forward.z[i + 1], forward.a[i] @ nn.w[i] + nn.b[i])
        np.testing.assert_allclose(backward.dw[i], forward.a[i].T @ backward.delta[i + 1])


def test_a_record_shows_what_it_has_and_not_every_number(rng):
    nn = Network((3, 4, 2), (Tanh, Softmax), seed=1)
    x, y = rng.normal(size=(5, 3)), [0, 1, 0, 1, 1]
    assert repr(nn.forward(x)) == "<ForwardRecord of 5 rows: z[2] to z[3], a[1] to a[3] of 2 outputs>"
    assert repr(nn.backward(x, y)).startswith("<BackwardRecord: J 0.")
    assert len(repr(nn.backward(x, y))) < 200


def test_print_shows_layers_shapes_and_counts():
    lines = str(Network((64, 15, 10), (Relu, Softmax))).splitlines()
    assert lines[3].split() == ["dense_1", "Relu", "(n,", "15)", "w[1]", "(64,", "15)", "b[1]", "(15,)", "975"]
    assert lines[-1] == "1,135 parameters, float32, 4.4 KiB"
    assert repr(Network((2, 1), ("sigmoid",))) == "<Network (2, 1) (Sigmoid), 3 parameters, float32>"


def test_huge_logits_neither_overflow_nor_warn():
    nn = Network((1, 2), (Softmax,), seed=1)
    nn.w[1] = [[-1000, 1000]]
    assert nn.predict([[1.0]]).tolist() == [[0, 1]]
    assert nn.evaluate([[1.0]], [0])["J"] == 2000
    single = Network((1, 1), (Sigmoid,), seed=1)
    single.w[1] = [[1000]]
    assert single.predict([[1.0], [-1.0]]).ravel().tolist() == [1, 0]
    assert single.evaluate([[1.0], [-1.0]], [0, 1])["J"] == 1000


def test_the_corrected_network_learns_the_digits(digits):
    x, labels = digits
    nn = Network((64, 15, 10), (Relu, Softmax), seed=1)
    nn.fit(x / 16, labels, epochs=60, batch_size=15, learning_rate=0.1, verbose=False)
    assert nn.evaluate(x / 16, labels)["accuracy"] > 0.99


@pytest.mark.parametrize(
    ("output", "loss", "y"),
    [
        ("identity", "mse", [0.5, 2.0, 3.0]),
        ("exponential", "poisson", [1, 2, 3]),
        ("identity", "quantile", [0.5, 1, 2]),
    ],
)
def test_a_regression_has_no_classes(output, loss, y):
    nn = Network((2, 1), (output,), seed=1)
    x = np.ones((3, 2))
    nn.fit(x, y, loss, epochs=1, verbose=False)
    with pytest.raises(ValueError, match="learned numbers by .*, and no classes: take predict"):
        nn.predict_classes(x)


def test_the_hinge_loss_decides_at_0():
    nn = Network((1, 1), ("identity",), seed=1)
    nn.fit([[0.0], [1.0]], [0, 1], "hinge", epochs=1, verbose=False)
    nn.w[1], nn.b[1] = [[1.0]], [0.0]
    assert nn.predict_classes([[0.2], [-0.2]]).tolist() == [1, 0]
    assert nn.evaluate([[0.2], [-0.2]], [1, 0])["accuracy"] == 1


@pytest.mark.parametrize("n", [33, 993, 1985, 65])
def test_the_default_batch_size_leaves_no_batch_of_one_row_to_a_norm(n):
    nn = Network(layers=[Dense(2, 3), chainrule.BatchNorm(), Dense(3, 2, Softmax)], seed=1)
    nn.fit(np.arange(2.0 * n).reshape(n, 2) / n, np.arange(n) % 2, epochs=1, verbose=False)


@pytest.mark.parametrize("kind", [list, np.array, lambda labels: np.array(labels, object)])
def test_classes_may_be_learned_and_measured_by_their_names(kind, rng):
    x = rng.normal(size=(40, 3))
    numbers = (x[:, 0] > 0).astype(int)
    labels = kind([["zebra", "ant"][number] for number in numbers])  # in the network's order, not the alphabet's
    by_name, by_number = (Network((3, 2), (Softmax,), seed=1, classes=["zebra", "ant"]) for _ in range(2))
    by_name.fit(x, labels, epochs=20, validation=(x, labels), class_weight={"ant": 2}, verbose=False)
    by_number.fit(x, numbers, epochs=20, validation=(x, numbers), class_weight=[1, 2], verbose=False)
    np.testing.assert_array_equal(by_name.theta, by_number.theta)
    assert by_name.evaluate(x, labels)["accuracy"] == (by_name.predict_classes(x) == np.asarray(labels)).mean()
    with pytest.raises(ValueError, match="y is 'anr' in row 0, which is no class of the network; did you mean 'ant'"):
        by_name.evaluate(x[:1], ["anr"])


@pytest.mark.parametrize("classes", [[1, 2, 3], [1, 0, 2]])
def test_whole_numbers_that_are_names_are_looked_up_and_not_shifted(classes, rng):
    x = rng.normal(size=(60, 3))
    y = np.asarray(classes)[(x[:, 0] > 0).astype(int)]  # the last class does not occur
    nn = Network((3, 3), (Softmax,), seed=1, classes=classes)
    nn.fit(x, y, epochs=60, verbose=False)
    assert nn.evaluate(x, y)["accuracy"] == (nn.predict_classes(x) == y).mean() > 0.9
    with pytest.raises(ValueError, match="y is '7' in row 0, which is no class"):
        nn.evaluate(x[:1], [7])


def test_classes_whose_texts_are_equal_are_refused():
    with pytest.raises(ValueError, match="2 different classes are needed"):
        Network((3, 2), (Softmax,), classes=[1, "1"])


def test_byte_strings_are_no_names_of_classes():
    nn = Network((2, 2), (Softmax,), classes=["a", "b"])
    with pytest.raises(TypeError, match="y must hold real numbers, not byte strings"):
        nn.fit(np.ones((2, 2)), np.array([b"a", b"\xff"]))
