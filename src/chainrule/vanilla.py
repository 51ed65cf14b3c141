"""The program of the post "Programming a neural network from scratch" (Ritchie Vink, 2017), as published.

The same names, the same random numbers, the same results to the last digit; only, no function writes to its
arguments, and Relu has the `prime` that the post forgot to print. Five places depart from the
mathematics; each is marked DEPARTURE with the equation that it breaks, and `chainrule` itself does it right.
This file alone stands for the post: it uses nothing else of the package.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Relu:
    """f(z) = max(0, z)."""

    @staticmethod
    def activation(z: Array) -> Array:
        return np.maximum(z, 0)

    @staticmethod
    def prime(z: Array) -> Array:
        return np.where(z > 0, 1.0, 0.0)


class Sigmoid:
    """f(z) = 1 / (1 + exp(-z))."""

    @staticmethod
    def activation(z: Array) -> Array:
        a: Array = 1 / (1 + np.exp(-z))
        return a

    @staticmethod
    def prime(z: Array) -> Array:
        a: Array = Sigmoid.activation(z)
        return a * (1 - a)


class MSE:
    """Squared error, averaged over rows and outputs; made with the activation class of the last layer."""

    def __init__(self, activation_fn: Any) -> None:
        self.activation_fn = activation_fn

    def activation(self, z: Array) -> Any:
        return self.activation_fn.activation(z)

    @staticmethod
    def loss(y_true: Array, y_pred: Array) -> Any:
        return np.mean((y_pred - y_true) ** 2)

    @staticmethod
    def prime(y_true: Array, y_pred: Array) -> Array:
        # DEPARTURE 1: the J that `loss` prints is a mean over n rows and k outputs, whose derivative is
        # dJ/da = 2 (a - y) / (n k). The factor 2 / (n k) is missing, so the learning rate means n k / 2 times more.
        return y_pred - y_true

    def delta(self, y_true: Array, y_pred: Array) -> Any:
        # DEPARTURE 2: delta = dJ/da * f'(z), but `y_pred` is a = f(z): the derivative is taken at the activation.
        # For a sigmoid, f'(a) of an a in (0, 1) lies in 0.197 to 0.25 and never vanishes, whatever z is.
        return self.prime(y_true, y_pred) * self.activation_fn.prime(y_pred)


class Network:
    """A multi-layer perceptron of any depth: `dimensions` with the input first, an activation for each later layer."""

    def __init__(self, dimensions: Any, activations: Any) -> None:
        self.n_layers = len(dimensions)
        self.loss: Any = None
        self.learning_rate: Any = None
        self.w: dict[int, Array] = {}
        self.b: dict[int, Array] = {}
        self.activations: dict[int, Any] = {}  # by layer number: w[1], b[1], activations[2] and on
        for i in range(1, self.n_layers):
            n_in, n_out = dimensions[i - 1], dimensions[i]
            self.w[i] = np.random.randn(n_in, n_out) / np.sqrt(n_in)
            self.b[i] = np.zeros(n_out)
            self.activations[i + 1] = activations[i - 1]

    def _feed_forward(self, x: Array) -> Any:
        z: dict[int, Array] = {}
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
        # DEPARTURE 3: with delta = dJ/dz, db = sum over the rows of delta, as dw = a.T @ delta sums them. This is
        # the mean, so a bias moves by a step n times smaller than a weight does.
        self.b[index] -= self.learning_rate * np.mean(delta, 0)

    def fit(
        self, x: Array, y_true: Array, loss: Any, epochs: int, batch_size: int, learning_rate: float = 1e-3
    ) -> None:
        if not x.shape[0] == y_true.shape[0]:
            raise ValueError("Length of x and y arrays don't match")
        self.loss = loss(self.activations[self.n_layers])
        self.learning_rate = learning_rate
        for epoch in range(epochs):
            order = np.arange(x.shape[0])
            np.random.shuffle(order)
            x_, y_ = x[order], y_true[order]
            # DEPARTURE 4: an epoch is every row once; the rows after the last whole batch are left out here.
            for j in range(x.shape[0] // batch_size):
                rows = slice(j * batch_size, (j + 1) * batch_size)
                z, a = self._feed_forward(x_[rows])
                self._back_prop(z, a, y_[rows])
            if (epoch + 1) % 10 == 0:
                _, a = self._feed_forward(x)
                print("Loss:", self.loss.loss(y_true, a[self.n_layers]))

    def predict(self, x: Array) -> Any:
        _, a = self._feed_forward(x)
        return a[self.n_layers]


def main() -> None:
    """The post's validation on the digits, with its seed, its settings and its report."""
    try:
        from sklearn.datasets import load_digits
        from sklearn.metrics import classification_report
    except ModuleNotFoundError:
        raise SystemExit(
            "The digits come with scikit-learn, which is missing: pip install 'chainrule[sklearn]'"
        ) from None
    np.random.seed(1)
    x, labels = load_digits(return_X_y=True)
    y = np.eye(10)[labels]
    nn = Network((64, 15, 10), (Relu, Sigmoid))
    nn.fit(x, y, loss=MSE, epochs=100, batch_size=15, learning_rate=1e-3)
    # DEPARTURE 5: accuracy says what a network learned only on rows that it was not trained on; these are the same.
    print(classification_report(labels, np.argmax(nn.predict(x), axis=1)))


if __name__ == "__main__":
    main()
