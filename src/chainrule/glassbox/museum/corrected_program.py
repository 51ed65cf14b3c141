"""The post's program with each of its departures corrected: what the rooms of the museum put one mistake into.

The post's names and its ways; `chainrule.vanilla` is the program as published. A loss knows the output that it goes
with, so that `delta` needs the activation of the last layer alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MSE",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Identity",
    "MSEOfNumbers",
    "Network",
    "Relu",
    "Sigmoid",
    "Softmax",
    "Tanh",
]

Array = NDArray[np.float64]


class Relu:
    """f(z) = max(0, z)."""

    @staticmethod
    def activation(z: Array) -> Array:
        return np.maximum(z, 0)

    @staticmethod
    def prime(z: Array) -> Array:
        return np.where(z > 0, 1.0, 0.0)


class Tanh:
    """f(z) = tanh(z)."""

    @staticmethod
    def activation(z: Array) -> Any:
        return np.tanh(z)

    @staticmethod
    def prime(z: Array) -> Any:
        return 1 - np.tanh(z) ** 2


class Sigmoid:
    """f(z) = 1 / (1 + exp(-z))."""

    @staticmethod
    def activation(z: Array) -> Any:
        return (1 + np.tanh(z / 2)) / 2  # the same, and no exp that can overflow

    @staticmethod
    def prime(z: Array) -> Any:
        a = Sigmoid.activation(z)
        return a * (1 - a)


class Identity:
    """f(z) = z."""

    @staticmethod
    def activation(z: Array) -> Array:
        return z

    @staticmethod
    def prime(z: Array) -> Array:
        return np.ones_like(z)


class Softmax:
    """f(z) = exp(z) / sum of exp(z) over the units of a row.

    `prime` is how each output changes with its own z; how it changes with the others' is in `CrossEntropy.delta`.
    """

    @staticmethod
    def activation(z: Array) -> Any:
        exp = np.exp(z - z.max(axis=1, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)

    @staticmethod
    def prime(z: Array) -> Any:
        a = Softmax.activation(z)
        return a * (1 - a)


class MSE:
    """Squared error, averaged over rows and outputs, for an output layer of sigmoids."""

    def __init__(self, activation_fn: Any) -> None:
        self.activation_fn = activation_fn

    @staticmethod
    def loss(y_true: Array, y_pred: Array) -> Any:
        return np.mean((y_pred - y_true) ** 2)

    @staticmethod
    def prime(y_true: Array, y_pred: Array) -> Any:
        return 2 * (y_pred - y_true) / y_pred.size

    def delta(self, y_true: Array, y_pred: Array) -> Any:
        return self.prime(y_true, y_pred) * y_pred * (1 - y_pred)


class MSEOfNumbers(MSE):
    """Squared error, averaged over rows and outputs, for an output layer whose activation is the identity."""

    def delta(self, y_true: Array, y_pred: Array) -> Any:
        return self.prime(y_true, y_pred)


class CrossEntropy:
    """-log of what the true class is given, averaged over the rows, for a softmax."""

    def __init__(self, activation_fn: Any) -> None:
        self.activation_fn = activation_fn

    @staticmethod
    def loss(y_true: Array, y_pred: Array) -> Any:
        of_truth = np.sum(y_true * y_pred, axis=1)
        return np.mean(-np.log(np.maximum(of_truth, np.finfo(np.float64).tiny)))

    def delta(self, y_true: Array, y_pred: Array) -> Any:
        return (y_pred - y_true) / y_pred.shape[0]


class BinaryCrossEntropy:
    """-log of what the truth is given, summed over the outputs and averaged over the rows, for sigmoids."""

    def __init__(self, activation_fn: Any) -> None:
        self.activation_fn = activation_fn

    @staticmethod
    def loss(y_true: Array, y_pred: Array) -> Any:
        of_truth = np.where(y_true > 0.5, y_pred, 1 - y_pred)
        return -np.sum(np.log(np.maximum(of_truth, np.finfo(np.float64).tiny))) / y_pred.shape[0]

    def delta(self, y_true: Array, y_pred: Array) -> Any:
        return (y_pred - y_true) / y_pred.shape[0]


class Network:
    """The post's network: `dimensions` with the input first, an activation for each later layer."""

    def __init__(self, dimensions: Any, activations: Any) -> None:
        self.n_layers = len(dimensions)
        self.loss: Any = None
        self.learning_rate: Any = None
        self.w: dict[int, Any] = {}
        self.b: dict[int, Any] = {}
        self.activations: dict[int, Any] = {}
        for i in range(1, self.n_layers):
            n_in, n_out = dimensions[i - 1], dimensions[i]
            self.w[i] = self._starting_w(n_in, n_out)
            self.b[i] = np.zeros(n_out)
            self.activations[i + 1] = activations[i - 1]

    @staticmethod
    def _starting_w(n_in: int, n_out: int) -> Any:
        return np.random.randn(n_in, n_out) / np.sqrt(n_in)

    def _feed_forward(self, x: Array) -> Any:
        z: dict[int, Any] = {}
        a = {1: x}
        for i in range(1, self.n_layers):
            z[i + 1] = np.dot(a[i], self.w[i]) + self.b[i]
            a[i + 1] = self.activations[i + 1].activation(z[i + 1])
        return z, a

    def _back_prop(self, z: Any, a: Any, y_true: Array) -> None:
        delta = self.loss.delta(y_true, a[self.n_layers])
        update_params = {self.n_layers - 1: (np.dot(a[self.n_layers - 1].T, delta), delta)}
        for i in reversed(range(2, self.n_layers)):
            delta = np.dot(delta, self.w[i].T) * self.activations[i].prime(z[i])
            update_params[i - 1] = (np.dot(a[i - 1].T, delta), delta)
        for index, (dw, delta) in update_params.items():
            self._update_w_b(index, dw, delta)

    def _update_w_b(self, index: int, dw: Array, delta: Array) -> None:
        self.w[index] -= self.learning_rate * dw
        self.b[index] -= self.learning_rate * np.sum(delta, axis=0)

    def fit(self, x: Array, y_true: Array, loss: Any, epochs: int, batch_size: int, learning_rate: float) -> None:
        self.loss = loss(self.activations[self.n_layers])
        self.learning_rate = learning_rate
        for _ in range(epochs):
            x_, y_ = self._shuffled(x, y_true)
            for j in range(self._n_batches(x.shape[0], batch_size)):
                rows = slice(j * batch_size, (j + 1) * batch_size)
                z, a = self._feed_forward(x_[rows])
                self._back_prop(z, a, y_[rows])

    @staticmethod
    def _n_batches(n: int, batch_size: int) -> int:
        return math.ceil(n / batch_size)

    def _shuffled(self, x: Array, y_true: Array) -> tuple[Array, Array]:
        order = np.arange(x.shape[0])
        np.random.shuffle(order)
        return x[order], y_true[order]

    def predict(self, x: Array) -> Any:
        _, a = self._feed_forward(x)
        return a[self.n_layers]
