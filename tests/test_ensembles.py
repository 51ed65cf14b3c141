"""Networks with several members: K networks that are trained at once and predict together."""

import numpy as np
import pytest

import chainrule
from chainrule import Adam, BatchNorm, Checkpoint, Dense, Dropout, EarlyStopping, Network, Standardizer
from chainrule.errors import InvalidArgument, InvalidType
from chainrule.streams import Streams


def rows(n=60, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    return x, (x[:, 0] + x[:, 1] ** 2 > 0.5).astype(int)


def ensemble(k=3, **settings):
    return Network((3, 8, 2), ("tanh", "softmax"), seed=5, n_members=k, **settings)


def test_members_start_differently_and_the_first_as_a_single_network():
    nn, single = ensemble(), Network((3, 8, 2), ("tanh", "softmax"), seed=5)
    assert (nn.theta.shape, nn.n_members, single.n_members) == ((3, single.theta.size), 3, None)
    assert np.array_equal(nn.theta[0], single.theta)
    assert len({tuple(theta) for theta in nn.theta}) == 3
    assert nn.w[1].shape == (3, 3, 8)


def test_each_member_learns_what_it_would_learn_alone():
    x, y = rows()
    nn = ensemble(dtype=np.float64)
    starts = [nn.member(i) for i in range(3)]
    nn.fit(x, y, epochs=5, batch_size=16, optimizer=Adam, l2=0.01, verbose=False)
    for i, single in enumerate(starts):
        single.streams = Streams(5)
        single.fit(x, y, epochs=5, batch_size=16, optimizer=Adam, l2=0.01, verbose=False)
        np.testing.assert_allclose(nn.theta[i], single.theta, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(nn.member(i).predict(x), single.predict(x), rtol=1e-9)


def test_the_history_is_the_mean_over_members_and_metrics_are_of_the_mean_output():
    x, y = rows()
    nn = ensemble(dtype=np.float64)
    history = nn.fit(x, y, epochs=3, batch_size=60, validation=(x, y), metrics=["macro_f1"], verbose=False)
    members = [nn.member(i).evaluate(x, y) for i in range(3)]
    assert history["val_J"][-1] == pytest.approx(np.mean([each["J"] for each in members]))
    assert history["val_accuracy"][-1] == np.mean(nn.predict(x).argmax(axis=1) == y)
    assert all(isinstance(value, float) for name in ("J", "penalty", "val_J", "macro_f1") for value in history[name])


def test_what_is_predicted_is_the_mean_over_the_members():
    x, _ = rows()
    nn = ensemble()
    each = nn.predict_members(x)
    assert each.shape == (3, 60, 2)
    np.testing.assert_allclose(nn.predict(x), each.mean(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(nn.member(2).predict_members(x)[0], nn.member(2).predict(x))


def test_an_ensemble_survives_its_file(tmp_path):
    x, y = rows()
    nn = Network(layers=[Dense(3, 6, "relu"), BatchNorm(), Dropout(0.2), Dense(6, 2, "softmax")], seed=1, n_members=2)
    nn.fit(x, y, epochs=2, verbose=False)
    nn.save(tmp_path / "two.safetensors")
    again = chainrule.load(tmp_path / "two.safetensors")
    assert again.n_members == 2
    np.testing.assert_array_equal(again.theta, nn.theta)
    np.testing.assert_array_equal(again.state, nn.state)
    np.testing.assert_array_equal(again.predict(x), nn.predict(x))


def test_a_resumed_ensemble_is_an_uninterrupted_one(tmp_path):
    x, y = rows()
    settings = {"batch_size": 16, "optimizer": Adam, "validation": (x, y), "verbose": False}

    def made():
        return Network(
            layers=[Dense(3, 6, "relu"), BatchNorm(), Dropout(0.2), Dense(6, 2, "softmax")], seed=1, n_members=2
        )

    whole = made()
    whole.fit(x, y, epochs=6, callbacks=[EarlyStopping(patience=50)], **settings)
    path = tmp_path / "two.safetensors"
    made().fit(x, y, epochs=3, callbacks=[EarlyStopping(patience=50), Checkpoint(path)], **settings)
    again = made()
    again.fit(x, y, epochs=6, resume=path, callbacks=[EarlyStopping(patience=50)], **settings)
    np.testing.assert_array_equal(again.theta, whole.theta)
    assert again.history["val_J"] == whole.history["val_J"]


def test_look_inside_an_ensemble():
    x, y = rows(4)
    nn = ensemble(dtype=np.float64)
    record = nn.backward(x, y, l2=0.1)
    for i in range(3):
        single = nn.member(i).backward(x, y, l2=0.1)
        assert record.J[i] == pytest.approx(single.J)
        assert record.penalty[i] == pytest.approx(single.penalty)
        np.testing.assert_allclose(record.dw[1][i], single.dw[1], rtol=1e-10)
    assert "J " in repr(record)
    assert "3 members of 50 parameters" in repr(nn)
    assert "3 members of 50 parameters" in str(nn)


def test_an_ensemble_of_numbers_predicts_in_their_units():
    x, _ = rows()
    y = 1000 + 50 * x[:, 0]
    nn = Network((3, 8, 1), ("tanh", "identity"), seed=1, n_members=3, target_scaler=Standardizer.fitted(y[:, None]))
    nn.fit(x, y, epochs=60, optimizer=Adam, learning_rate=0.01, verbose=False)
    assert nn.evaluate(x, y, metrics=["r2"])["r2"] > 0.9


@pytest.mark.parametrize(
    ("call", "kind", "sentence"),
    [
        (lambda: ensemble(0), InvalidArgument, "n_members must be at least 1"),
        (lambda: ensemble(2.5), InvalidType, "n_members must be a whole number"),
        (lambda: ensemble().member(3), InvalidArgument, "There is no member 3: there are 3, counted from 0"),
        (lambda: ensemble(None).member(0), InvalidArgument, "This is one network, and has no members"),
        (
            lambda: chainrule.check_gradients(ensemble(), *rows(3)),
            InvalidArgument,
            r"give a member, such as network.member\(0\)",
        ),
        (
            lambda: ensemble().fit(*rows(), optimizer="lbfgs", verbose=False),
            InvalidArgument,
            "3 members would need as many",
        ),
    ],
)
def test_what_an_ensemble_is_not_is_said(call, kind, sentence):
    with pytest.raises(kind, match=sentence):
        call()


def test_the_rate_finder_takes_an_ensemble():
    found = ensemble().find_learning_rate(*rows())
    assert found.rates.shape == found.J.shape
