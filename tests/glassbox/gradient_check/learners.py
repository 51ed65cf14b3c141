"""A learner's network as in the post, right but for the mistakes that are asked for; each has a line of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np


class Sigmoid:
    @staticmethod
    def activation(z):
        return 1 / (1 + np.exp(-z))

    @staticmethod
    def prime(z):
        a = Sigmoid.activation(z)
        return a * (1 - a)


class Tanh:
    @staticmethod
    def activation(z):
        return np.tanh(z)

    @staticmethod
    def prime(z):
        return 1 - np.tanh(z) ** 2


class Relu:
    @staticmethod
    def activation(z):
        return np.maximum(z, 0)

    @staticmethod
    def prime(z):
        return np.where(z > 0, 1.0, 0.0)


class Line:
    @staticmethod
    def activation(z):
        return z + 0

    @staticmethod
    def prime(z):
        return np.ones_like(z)


class Softmax:
    @staticmethod
    def activation(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    @staticmethod
    def prime(z):
        a = Softmax.activation(z)
        return a * (1 - a)


class TanhOfA(Tanh):
    """Its prime is written for a."""

    @staticmethod
    def prime(z):
        return 1 - z**2  # wrong: prime of a


class TwiceTooSteep(Tanh):
    @staticmethod
    def prime(z):
        return 2 * (1 - np.tanh(z) ** 2)


class PrintedRelu:
    """As the post prints it, with the prime of its program: both write to z."""

    @staticmethod
    def activation(z):
        z[z < 0] = 0
        return z

    @staticmethod
    def prime(z):
        z[z < 0] = 0
        z[z > 0] = 1
        return z


class OverwritingTanh(Tanh):
    """Right by itself, but what it is given is lost."""

    @staticmethod
    def activation(z):
        np.tanh(z, out=z)
        return z


class ReluWithoutPrime:
    @staticmethod
    def activation(z):
        return np.maximum(z, 0)


class MSE:
    """J = the mean over rows and outputs of (a - y)^2."""

    def __init__(self, activation_fn):
        self.activation_fn = activation_fn

    @staticmethod
    def loss(y_true, y_pred):
        return np.mean((y_pred - y_true) ** 2)


class Network:
    """The post's names, with right mathematics, but for `mistakes`."""

    mistakes: tuple[str, ...] = ()

    def __init__(self, dimensions, activations, seed, *mistakes):
        rng = np.random.default_rng(seed)
        self.mistakes = mistakes
        self.n_layers = len(dimensions)
        self.loss = self.learning_rate = None
        self.w, self.b, self.activations = {}, {}, {}
        for i in range(1, self.n_layers):
            self.w[i] = rng.normal(size=(dimensions[i - 1], dimensions[i])) / np.sqrt(dimensions[i - 1])
            self.b[i] = rng.normal(size=dimensions[i]) / 5
            self.activations[i + 1] = activations[i - 1]

    def _feed_forward(self, x):
        z, a = {}, {1: x}
        for i in range(1, self.n_layers):
            z[i + 1] = np.dot(a[i], self.w[i]) + self.b[i]
            a[i + 1] = self.activations[i + 1].activation(z[i + 1])
        return z, a

    def _of_output(self, z, a, y):
        f, last = self.activations[self.n_layers], self.n_layers
        d_a = 2 * (a[last] - y) / y.size
        if "no 2" in self.mistakes:
            d_a = (a[last] - y) / y.size  # wrong: no 2
        if "sum over rows" in self.mistakes:
            d_a = d_a * len(y)  # wrong: sum over rows
        if "sum over outputs" in self.mistakes:
            d_a = d_a * y.shape[1]  # wrong: sum over outputs
        if "sign" in self.mistakes:
            d_a = -d_a  # wrong: sign
        if "factor 3.7" in self.mistakes:
            d_a = 3.7 * d_a  # wrong: factor 3.7
        if "a - y" in self.mistakes:
            return a[last] - y  # wrong: a - y
        if "derivative at a" in self.mistakes:
            return d_a * f.prime(a[last])  # wrong: derivative at a
        if "derivative forgotten" in self.mistakes:
            return d_a  # wrong: derivative forgotten
        if f is Softmax and "softmax diagonal only" not in self.mistakes:
            return a[last] * (d_a - (d_a * a[last]).sum(axis=1, keepdims=True))
        return d_a * f.prime(z[last])  # wrong: softmax diagonal only

    def _of_hidden(self, i, z, a, delta):
        w, f = self.w[i], self.activations[i]
        if "w not transposed" in self.mistakes and w.shape[0] == w.shape[1]:
            back = np.dot(delta, w)  # wrong: w not transposed
        else:
            back = np.dot(delta, w.T)
        if "hidden derivative at a" in self.mistakes:
            return back * f.prime(a[i])  # wrong: hidden derivative at a
        if "hidden derivative forgotten" in self.mistakes:
            return back  # wrong: hidden derivative forgotten
        if "hidden f in the place of f'" in self.mistakes:
            return back * f.activation(z[i])  # wrong: hidden f in the place of f'
        return back * f.prime(z[i])

    def _back_prop(self, z, a, y_true):
        delta = self._of_output(z, a, y_true)
        for i in range(self.n_layers - 1, 0, -1):
            received = z[i] if "z in the place of a" in self.mistakes and i > 1 else a[i]
            dw = np.dot(received.T, delta)  # wrong: z in the place of a
            if "dw transposed" in self.mistakes and dw.shape[0] == dw.shape[1]:
                dw = dw.T  # wrong: dw transposed
            db = delta.sum(axis=0)
            if "bias averaged" in self.mistakes:
                db = delta.mean(axis=0)  # wrong: bias averaged
            if "weights averaged" in self.mistakes:
                dw = dw / len(delta)  # wrong: weights averaged
            if "new weights" in self.mistakes:
                self._update_w_b(i, dw, db)
                delta = self._of_hidden(i, z, a, delta) if i > 1 else delta
            else:
                delta = self._of_hidden(i, z, a, delta) if i > 1 else delta
                self._update_w_b(i, dw, db)

    def _update_w_b(self, index, dw, db):
        self.w[index] -= self.learning_rate * dw  # wrong: new weights
        if "one sum for all biases" in self.mistakes:
            self.b[index] -= self.learning_rate * np.sum(db)  # wrong: one sum for all biases
        elif "bias never updated" not in self.mistakes:
            self.b[index] -= self.learning_rate * db


def line_with(mistake):
    """The line of this file that makes a mistake."""
    lines = Path(__file__).read_text().splitlines()
    (number,) = [i for i, line in enumerate(lines, 1) if line.endswith(f"# wrong: {mistake}")]
    return number
