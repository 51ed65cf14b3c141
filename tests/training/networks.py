"""A network with every kind of state, and rows, for tests of what a training keeps."""

from __future__ import annotations

import numpy as np

from chainrule import BatchNorm, Dense, Dropout, Momentum, Network, Residual


def rows(n=47, seed=20):
    x = np.random.default_rng(seed).normal(size=(n, 4))
    return x, (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)


def network(seed=5, dtype=np.float32):
    layers = [Dense(4, 6, "relu"), BatchNorm(), Dropout(0.2), Residual([Dense(6, 6, "tanh")]), Dense(6, 3, "softmax")]
    return Network(layers=layers, seed=seed, dtype=dtype)


SETTINGS = {"epochs": 6, "batch_size": 5, "learning_rate": 0.05, "optimizer": Momentum(), "l2": 1e-3, "verbose": False}


def fit(nn, data=None, **changes):
    return nn.fit(*(data or rows()), **(SETTINGS | changes))


def without_seconds(history):
    return {name: column for name, column in history.items() if name != "seconds"}


def same_training(one, other):
    """All that a training is made of, but for the clock, bit for bit."""
    ours, theirs = one.training, other.training
    arrays, others = ours.arrays(), theirs.arrays()
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        if name != "history.seconds":
            np.testing.assert_array_equal(array, others[name], err_msg=name)
    assert ours.description() == theirs.description()
    np.testing.assert_array_equal(one.theta, other.theta)
    np.testing.assert_array_equal(one.state, other.state)
