"""An output that needs no derivative of its own, since its delta is a - y, needs none for the check."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import check_gradients, vanilla
from chainrule.errors import InvalidType


class Softmax:
    @staticmethod
    def activation(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)


class BareSigmoid:
    activation = staticmethod(vanilla.Sigmoid.activation)


class CrossEntropy:
    def __init__(self, activation_fn):
        self.activation_fn = activation_fn

    @staticmethod
    def loss(y_true, y_pred):
        return -np.mean(np.sum(y_true * np.log(y_pred), axis=1))

    @staticmethod
    def delta(y_true, y_pred):
        return (y_pred - y_true) / len(y_true)


class Summed(vanilla.Network):
    def _update_w_b(self, index, dw, delta):
        self.w[index] -= self.learning_rate * dw
        self.b[index] -= self.learning_rate * delta.sum(axis=0)


def network(cls, output):
    np.random.seed(1)
    return cls((4, 5, 3), (vanilla.Relu, output))


def test_softmax_with_cross_entropy_is_right(rng):
    x, y = rng.normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    check = check_gradients(network(Summed, Softmax), x, y, CrossEntropy)
    assert check.max_relative_error < 1e-6
    assert check.reading == ()


def test_mistakes_elsewhere_are_named_as_ever(rng):
    x, y = rng.normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    (finding,) = check_gradients(network(vanilla.Network, Softmax), x, y, CrossEntropy).reading
    assert "db is the mean over the rows" in finding.sentence


def test_an_output_whose_derivative_is_needed_is_told_to_have_one(rng):
    x, y = rng.normal(size=(6, 4)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
    with pytest.raises(InvalidType, match="BareSigmoid has no `prime`"):
        check_gradients(network(vanilla.Network, BareSigmoid), x, y, vanilla.MSE)
