"""Steps to walk over: every kind of layer, of output and of subject."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import chainrule
from chainrule import (
    BatchNorm,
    CrossEntropy,
    Dense,
    Dropout,
    LayerNorm,
    MLPClassifier,
    Network,
    Quantile,
    Residual,
    vanilla,
)

ROWS = 5


def _network(*layers, loss=None, y=None, seed=3, dtype=float, **settings):
    def traced():
        rng = np.random.default_rng(seed)
        nn = Network(layers=list(layers), seed=seed, dtype=dtype)
        x = rng.normal(size=(ROWS, 3))
        return chainrule.trace(nn, x, rng.integers(0, 2, ROWS) if y is None else y(rng), loss, **settings)

    return traced


def _classes(rng):
    return np.arange(ROWS) % 3


def _estimator():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 3))
    model = MLPClassifier((4,), max_iter=3, random_state=0)
    with pytest.warns(ConvergenceWarning):
        model.fit(x, np.where(x[:, 0] > 0, "yes", "no"))
    return chainrule.trace(model, x[:ROWS], ["yes", "no", "no", "yes", "no"])


def posts_program():
    """A step of the post's program, which departs from the mathematics."""
    rng = np.random.default_rng(1)
    np.random.seed(1)
    nn = vanilla.Network((3, 4, 2), (vanilla.Relu, vanilla.Sigmoid))
    return chainrule.trace(nn, rng.normal(size=(ROWS, 3)), rng.random((ROWS, 2)), vanilla.MSE)


TRACES = {
    "one neuron": _network(Dense(3, 1, "sigmoid")),
    "deep": _network(Dense(3, 4, "relu"), Dense(4, 5, "tanh"), Dense(5, 4, "gelu"), Dense(4, 3, "softmax"), y=_classes),
    "float32 and Adam": _network(
        Dense(3, 4, "silu"), Dense(4, 1, "sigmoid"), dtype=np.float32, optimizer="adam", l1=0.1
    ),
    "quantiles": _network(
        Dense(3, 4, "elu"),
        Dense(4, 4, "identity"),
        loss=Quantile((0.1, 0.9)),
        y=lambda rng: rng.normal(size=(ROWS, 2)),
    ),
    "batch norm": _network(Dense(3, 4, "relu"), BatchNorm(), Dense(4, 3, "softmax"), loss=CrossEntropy, y=_classes),
    "norm first": _network(BatchNorm(), Dense(3, 4, "relu"), Dense(4, 1, "sigmoid")),
    "layer norm and dropout": _network(
        Dense(3, 4, "relu"), LayerNorm(), Dropout(0.3), Dense(4, 3, "softmax"), y=_classes, l2=0.1
    ),
    "skips": _network(
        Dense(3, 4, "relu"),
        Residual([LayerNorm(), Dense(4, 6, "tanh"), Dense(6, 4)]),
        Residual([Dense(4, 4, "relu"), BatchNorm()]),
        Dense(4, 1, "sigmoid"),
    ),
    "skips in a skip, first": _network(
        Residual([Residual([Dense(3, 3, "tanh")]), LayerNorm(), Dense(3, 3)]), Dense(3, 1, "sigmoid")
    ),
    "wide": _network(Dense(3, 40, "relu"), Dense(40, 20, "tanh"), Dense(20, 3, "softmax"), y=_classes),
    "estimator": _estimator,
    "learner's own": posts_program,
}
"""Functions that take a step and trace it, by what is special about it."""
