"""What goes with a network: rows encoded once, targets in their own units, notes, and the order of rows."""

import json

import numpy as np
import pytest

import chainrule
from chainrule import MAE, Adam, Huber, Network, Poisson, Quantile, Standardizer
from chainrule.errors import InvalidArgument, InvalidType

RNG = np.random.default_rng(8)
X = RNG.normal(5, 2, size=(40, 3))
Y = 300 + 20 * X[:, 0] - 7 * X[:, 2]


def regression(k=1, **settings):
    settings = {"encoder": Standardizer.fitted(X), "seed": 1, **settings}
    return Network((3, 6, k), ("tanh", "identity"), **settings)


def test_encoded_rows_are_taken_as_they_are():
    nn = regression(dtype=np.float64)
    encoded = nn.encode(X)
    assert (len(encoded), encoded.x.dtype) == (40, np.float64)
    np.testing.assert_array_equal(nn.predict(encoded), nn.predict(X))
    np.testing.assert_array_equal(nn.predict(encoded[10:20]), nn.predict(X[10:20]))
    np.testing.assert_array_equal(nn.predict(encoded[X[:, 0] > 5]), nn.predict(X[X[:, 0] > 5]))
    other = regression(dtype=np.float64)
    one = nn.fit(X, Y, epochs=2, validation=(X, Y), verbose=False)
    two = other.fit(other.encode(X), Y, epochs=2, validation=(encoded, Y), verbose=False)
    assert one["val_J"] == two["val_J"]
    assert "40 rows of 3 numbers" in repr(encoded)


@pytest.mark.parametrize(
    ("call", "kind", "sentence"),
    [
        (lambda: regression(encoder=None).predict(regression().encode(X)), InvalidArgument, "by another encoder"),
        (lambda: regression(dtype=np.float64).predict(regression().encode(X)), InvalidArgument, "3 numbers in float32"),
        (lambda: regression().predict(regression().encode(X)[:0]), InvalidArgument, "There are no encoded rows"),
        (lambda: regression().encode(X)[3], InvalidType, "Choose rows by a slice"),
        (lambda: regression(encoder=X), InvalidType, "is not an encoder"),
        (lambda: regression(target_scaler=3), InvalidType, "A target_scaler is a Standardizer"),
        (
            lambda: regression(3, target_scaler=Standardizer((0, 0), (1, 1))),
            InvalidArgument,
            "takes 2 columns and .* 3",
        ),
        (lambda: regression().fit(X, Y, shuffle="no", verbose=False), InvalidType, "shuffle must be True or False"),
    ],
)
def test_what_does_not_fit_is_refused(call, kind, sentence):
    with pytest.raises(kind, match=sentence):
        call()


@pytest.mark.parametrize("loss", ["mse", "mae", Huber(0.5), "log_cosh"])
def test_targets_are_learned_standardised_and_predicted_in_their_units(loss):
    scaler = Standardizer.fitted(Y[:, np.newaxis])
    nn = regression(target_scaler=scaler, dtype=np.float64)
    plain = regression(dtype=np.float64)
    history = nn.fit(X, Y, loss, epochs=40, optimizer=Adam(), learning_rate=0.02, metrics=["mae", "r2"], verbose=False)
    standard = (Y - Y.mean()) / Y.std()
    other = plain.fit(
        X, standard, loss, epochs=40, optimizer=Adam(), learning_rate=0.02, metrics=["mae", "r2"], verbose=False
    )
    np.testing.assert_allclose(nn.predict(X), plain.predict(X) * Y.std() + Y.mean(), rtol=1e-9)
    np.testing.assert_allclose(history["J"], other["J"], rtol=1e-9)
    np.testing.assert_allclose(history["mae"], np.array(other["mae"]) * Y.std(), rtol=1e-9)  # in the units of y
    np.testing.assert_allclose(history["r2"], other["r2"], rtol=1e-9)
    assert nn.evaluate(X, Y, metrics=["mae"])["mae"] == pytest.approx(np.abs(nn.predict(X)[:, 0] - Y).mean())


def test_quantiles_of_two_values_come_back_in_their_units():
    y = np.stack([Y, -1000 * Y], axis=1)
    nn = regression(4, target_scaler=Standardizer.fitted(y))
    nn.fit(X, y, Quantile((0.1, 0.9)), epochs=200, optimizer=Adam(), learning_rate=0.02, verbose=False)
    low, high, low_2, high_2 = nn.predict(X).T
    assert 0.5 < np.mean((low <= y[:, 0]) & (y[:, 0] <= high)) <= 1
    assert 0.5 < np.mean((low_2 <= y[:, 1]) & (y[:, 1] <= high_2)) <= 1


def test_losses_that_do_not_learn_numbers_refuse_a_target_scaler():
    scaler = Standardizer((0.0,), (1.0,))
    classes = Network((3, 1), ("sigmoid",), target_scaler=scaler)
    with pytest.raises(InvalidArgument, match="learns classes: leave it out"):
        classes.fit(X, Y > 300, verbose=False)
    counts = Network((3, 1), ("exponential",), target_scaler=scaler)
    with pytest.raises(InvalidArgument, match="needs its targets as they are"):
        counts.fit(X, Y, Poisson(), verbose=False)
    with pytest.raises(
        InvalidArgument, match=r"y has the shape \(40, 2\), and the target_scaler was fitted on 1 column"
    ):
        regression(target_scaler=scaler).fit(X, np.stack([Y, Y], axis=1), MAE, verbose=False)


def test_scaler_and_notes_survive_the_file(tmp_path):
    nn = regression(target_scaler=Standardizer.fitted(Y[:, np.newaxis]))
    nn.notes = {"table": {"target": "price", "unit": "€"}}
    nn.save(tmp_path / "a.safetensors")
    again = chainrule.load(tmp_path / "a.safetensors")
    assert (again.target_scaler, again.notes) == (nn.target_scaler, json.loads(json.dumps(nn.notes)))
    np.testing.assert_array_equal(again.predict(X), nn.predict(X))


def test_without_shuffle_the_rows_are_taken_as_they_come():
    one, two = regression(seed=1), regression(seed=2)
    two.theta = one.theta
    for nn in (one, two):  # the seeds differ, so the orders would
        nn.fit(X, Y, epochs=2, batch_size=8, learning_rate=1e-5, shuffle=False, verbose=False)
    np.testing.assert_array_equal(one.theta, two.theta)
    assert one.training.recipe["shuffle"] == "False"
