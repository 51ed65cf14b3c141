"""A trace keeps every number of one step, and the step is the one that training takes."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import chainrule
from chainrule import BatchNorm, Dense, Dropout, LayerNorm, MLPClassifier, Network, Residual, Standardizer
from chainrule.errors import InvalidArgument, InvalidType

LAYERS = {
    "dense": [Dense(4, 5, "relu"), Dense(5, 3, "softmax")],
    "dropout": [Dense(4, 5, "tanh"), Dropout(0.4), Dense(5, 3, "softmax")],
    "norms": [BatchNorm(), Dense(4, 5), BatchNorm(), LayerNorm(), Dense(5, 3, "softmax")],
    "residual": [Dense(4, 5), Residual([BatchNorm(), Dense(5, 5, "relu"), Dropout(0.2)]), Dense(5, 3, "softmax")],
    "nested": [Residual([Dense(4, 4, "tanh"), Residual([LayerNorm(), Dense(4, 4)])]), Dense(4, 3, "softmax")],
}


def rows(rng, n=6):
    return rng.normal(size=(n, 4)), rng.integers(0, 3, n)


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "nesterov"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_step_is_the_one_that_fit_takes(layers, optimizer, dtype, rng):
    nn = Network(layers=LAYERS[layers], seed=3, dtype=dtype)
    x, y = rows(rng)
    step = chainrule.trace(nn, x, y, optimizer=optimizer, learning_rate=0.05, l1=0.01, l2=0.1)
    other = nn.copy()
    history = other.fit(
        x, y, epochs=1, batch_size=6, optimizer=optimizer, learning_rate=0.05, l1=0.01, l2=0.1, shuffle=False,
        verbose=False, engine="numpy",
    )  # fmt: skip
    for name in other.parameters:
        np.testing.assert_allclose(step[f"new {name}"], other.parameters[name], rtol=1e-5, atol=1e-6)
    assert pytest.approx(history["J"][0], rel=1e-6) == step.J
    assert step.penalty == pytest.approx(history["penalty"][0], rel=1e-6)
    np.testing.assert_allclose(step.step.new_state, other.state, rtol=1e-5)


@pytest.mark.parametrize("layers", LAYERS)
def test_the_arrays_are_those_of_the_notation(layers, rng):
    nn = Network(layers=LAYERS[layers], seed=3, dtype=np.float64)
    x, y = rows(rng)
    step = chainrule.trace(nn, x, y)
    for i, w in step.w.items():
        bias = step.b.get(i, 0.0)
        np.testing.assert_allclose(step.z[i + 1], step.a[i] @ w + bias)
        np.testing.assert_allclose(step.dw[i], step.a[i].T @ step.delta[i + 1])
        if i in step.b:
            np.testing.assert_allclose(step.db[i], step.delta[i + 1].sum(axis=0))
    np.testing.assert_allclose(step.loss_rows.mean(), step.J)
    np.testing.assert_allclose(step.delta[max(step.delta)], (step.a[max(step.a)] - step.y) / 6)


@pytest.mark.parametrize("layers", LAYERS)
def test_errors_of_values_are_the_derivatives_of_J(layers, rng):
    """dJ/d(each inner value), by central differences of J in the numbers that the layer before adds."""
    nn = Network(layers=LAYERS[layers], seed=3, dtype=np.float64)
    x, y = rows(rng)
    step = chainrule.trace(nn, x, y)
    for i, b in step.b.items():
        for k in range(b.size):
            J = []
            for sign in (1, -1):
                moved = nn.copy()
                moved.b[i][k] += sign * 1e-6
                J.append(chainrule.trace(moved, x, y).J)
            assert (J[0] - J[1]) / 2e-6 == pytest.approx(step.db[i][k], rel=1e-5, abs=1e-8)


def test_nothing_given_is_changed(rng):
    nn = Network(layers=LAYERS["residual"], seed=3)
    x, y = rows(rng)
    before = nn.theta.copy(), nn.state.copy(), copy.deepcopy(nn.streams.positions()), x.copy(), y.copy()
    first = chainrule.trace(nn, x, y)
    second = chainrule.trace(nn, x, y)
    np.testing.assert_array_equal(nn.theta, before[0])
    np.testing.assert_array_equal(nn.state, before[1])
    assert nn.streams.positions() == before[2]
    np.testing.assert_array_equal(x, before[3])
    np.testing.assert_array_equal(y, before[4])
    assert first.first_difference(second, 0) is None
    nn.theta[...] = 0
    assert first.first_difference(second, 0) is None


def test_numbers_are_found_by_name(rng):
    nn = Network(layers=LAYERS["residual"], seed=3)
    step = chainrule.trace(nn, *rows(rng))
    assert step["z[2]"].shape == (6, 5)
    assert step["z[2][1,3]"] == step.z[2][1, 3]
    assert step[" dw[1] [ 3 , 0 ] "] == step.dw[1][3, 0]
    assert step["new w[1][3,0]"] == step["new_w[1][3,0]"] == step.new_w[1][3, 0]
    assert step["new w[1][3,0]"] == pytest.approx(step.w[1][3, 0] - 0.1 * step.dw[1][3, 0], rel=1e-5)
    assert step["batch_norm_1.mean[2]"] == step["batch_norm_1.mean"][2]
    assert step["d(batch_norm_1.scale)[2]"] == step["d(batch_norm_1.scale)"][2]
    assert step["J"] == step.J
    assert step["δ[2][0,1]"] == step.delta[2][0, 1]
    assert next(iter(step)) == "x"
    assert {"z[2]", "a[2]", "delta[2]", "w[1]", "dw[1]"} <= step.layer(2).keys()
    assert {"batch_norm_1.mean", "d(batch_norm_1.scale)"} <= step.layer("batch_norm_1").keys()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("z[9]", r"There is no z\[9\] in this trace; did you mean 'z\[\d\]'"),
        ("z[2][9,0]", r"z\[2\]\[9,0\] is outside z\[2\], whose shape is \(6, 5\)"),
        ("z[2][1]", "takes 2 numbers from 0, below 6 and 5"),
        ("q", "'q' is not the name of a number in a trace; such are z"),
        ("z[2][-1,0]", "is not the name of a number"),
        ("z[2][0,0]; import os", "is not the name of a number"),
        ("", "is not the name of a number"),
        ("batch_norm_7.mean", "There is no batch_norm_7.mean in this trace; did you mean 'batch_norm_1.mean'"),
        ("J[0]", "whose shape is \\(\\)"),
    ],
)
def test_wrong_names_are_answered_with_a_sentence(name, sentence, rng):
    step = chainrule.trace(Network(layers=LAYERS["residual"], seed=3), *rows(rng))
    with pytest.raises(InvalidArgument, match=sentence):
        step[name]


def test_a_name_is_text(rng):
    step = chainrule.trace(Network(layers=LAYERS["dense"], seed=3), *rows(rng))
    with pytest.raises(InvalidType, match="Name a number by text"):
        step[3]
    with pytest.raises(InvalidArgument, match="There is no layer 'dense_9'"):
        step.layer("dense_9")


def test_two_traces_part_where_the_programs_part(rng):
    nn = Network((4, 5, 3), ("relu", "softmax"), seed=1, dtype=np.float64)
    x, y = rows(rng)
    one = chainrule.trace(nn, x, y)
    assert one.first_difference(chainrule.trace(nn, x, y)) is None
    other = nn.copy()
    other.w[2][1, 2] += 0.5
    difference = one.first_difference(chainrule.trace(other, x, y))
    assert str(difference.quantity) == "w[2][1,2]"
    assert difference.other - difference.one == pytest.approx(0.5)
    assert "The first difference: w[2][1,2] is" in str(difference)
    later = one.first_difference(chainrule.trace(nn, x, y, learning_rate=0.2))
    assert later.quantity.name == "new w[1]"
    rates = one.learning_rate, 0.2
    assert later.learning_rates == rates
    assert str(later).endswith(f" of new w[1] differs (their learning rates are {rates[0]:g} and 0.2).")
    assert difference.learning_rates is None
    assert "learning rates" not in str(one.first_difference(chainrule.trace(nn, x, y, l2=0.1)))
    both = one.first_difference(chainrule.trace(other, x, y, learning_rate=0.2))
    assert both == difference
    fewer = one.first_difference(chainrule.trace(nn, x[:4], y[:4]))
    assert "x has the shape (6, 4) in the first trace, (4, 4) in the second" in str(fewer)
    deeper = Network((4, 5, 2, 3), ("relu", "relu", "softmax"), seed=1, dtype=np.float64)
    assert one.first_difference(chainrule.trace(deeper, x, y)) is not None
    with pytest.raises(InvalidType, match="compared with another trace"):
        one.first_difference(nn)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_estimator_is_traced_as_its_network(rng):
    x = rng.normal(size=(40, 4)) * 100
    labels = np.array(["cat", "dog"])[(x[:, 0] > 0).astype(int)]
    model = MLPClassifier(hidden_layer_sizes=(5,), max_iter=5, random_state=1).fit(x, labels)
    step = chainrule.trace(model, x[:6], labels[:6])
    np.testing.assert_allclose(step.a[max(step.a)], model.network_.predict(x[:6]), rtol=1e-6)


def test_rows_pass_through_the_encoder(rng):
    x, y = rows(rng)
    nn = Network((4, 5, 3), ("relu", "softmax"), seed=1, encoder=Standardizer.fitted(x * 50))
    np.testing.assert_allclose(chainrule.trace(nn, x * 50, y).x, nn.encode(x * 50).x)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"learning_rate": 0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"optimizer": "lbfgs"}, "does not take a step from one batch"),
        ({"loss": "mse1"}, "'mse1' is not the name of a known loss; did you mean 'mse'"),
        ({"l2": -1}, "l2"),
    ],
)
def test_wrong_settings_are_refused(settings, sentence, rng):
    with pytest.raises(InvalidArgument, match=sentence):
        chainrule.trace(Network((4, 5, 3), ("relu", "softmax"), seed=1), *rows(rng), **settings)


def test_what_is_no_network_is_refused(rng):
    x, y = rows(rng)
    with pytest.raises(InvalidType, match="list is neither a chainrule Network, nor a fitted estimator"):
        chainrule.trace([1], x, y)
    with pytest.raises(InvalidType, match="MLPClassifier"):
        chainrule.trace(MLPClassifier(), x, y)
    with pytest.raises(InvalidArgument, match="give a member"):
        chainrule.trace(Network((4, 5, 3), ("relu", "softmax"), n_members=2), x, y)
    nn = Network((4, 5, 3), ("relu", "softmax"))
    nn.w[1][0, 0] = np.nan
    with pytest.raises(InvalidArgument, match="finite"):
        chainrule.trace(nn, x, y)


def test_what_is_printed_says_what_there_is(rng):
    step = chainrule.trace(Network(layers=LAYERS["residual"], seed=3), *rows(rng))
    assert repr(step).startswith("<Trace of a step of 4-5-5-3 on 6 rows: J ")
    lines = str(step).splitlines()
    assert len(lines) == len(step) + 1
    assert any(line.startswith("  batch_norm_1.mean ") for line in lines)


def test_numbers_that_overflow_are_shown_and_the_first_is_named(rng):
    x, y = rows(rng)
    step = chainrule.trace(Network((4, 5, 3), ("relu", "softmax"), seed=1), x * 1e38, y)
    assert step.remarks[0].startswith("z[2][")
    assert "is the first number that is not finite" in str(step)
    assert chainrule.trace(Network((4, 5, 3), ("relu", "softmax"), seed=1), x, y).remarks == ()
